"""Tickets: one matter of one customer, whatever channels it comes through."""
