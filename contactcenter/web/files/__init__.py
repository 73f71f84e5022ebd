"""Files of tickets, for staff."""
