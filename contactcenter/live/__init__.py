"""What happens, on every screen that shows it, at once: rooms, authorisation, pushes after commit, replay."""
