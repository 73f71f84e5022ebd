"""What we know and reuse: canned replies now, articles later."""
