"""Who writes and calls, and all they ever said to us."""
