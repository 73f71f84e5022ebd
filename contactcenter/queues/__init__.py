"""Definitions of queues: hours, skills, targets. What is in them lives on higher floors."""
