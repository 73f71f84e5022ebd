"""Ways to reach customers, one folder each; none imports another."""
