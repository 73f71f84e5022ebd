"""Signing in and out, the first administrator, and one's own settings."""
