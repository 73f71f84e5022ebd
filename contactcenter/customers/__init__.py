"""Who writes and calls: people, organisations, and the addresses we know them by."""
