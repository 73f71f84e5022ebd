"""Complaints for staff: the desk, one case, and its steps; refusals are shown before the click."""
