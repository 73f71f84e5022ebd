"""Conversations: ordered messages on one channel, the unit that is routed."""
