"""Processes that work behind the screens. They may import everything; nothing imports them."""
