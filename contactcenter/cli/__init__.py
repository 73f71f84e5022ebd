"""The commands of `app.py`; each is a function that takes its arguments and returns an exit status."""
