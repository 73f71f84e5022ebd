"""The demo: what a newcomer finds, and the customers who come while he looks."""
