"""Figures: one function each, with its formula and its source."""
