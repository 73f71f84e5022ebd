"""Complaints: one fair, easy and open way from the first word to the follow-up. The pure engine and its keeping."""
