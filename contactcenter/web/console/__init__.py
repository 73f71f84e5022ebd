"""The agent console: list, conversation, customer; offers and presence."""
