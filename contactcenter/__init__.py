"""Candor: a contact centre where complaints get a fair, easy and open hearing."""
