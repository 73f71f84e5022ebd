"""What staff type in for others, and letters on paper."""
