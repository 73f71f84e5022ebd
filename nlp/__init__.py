"""Reads customers' messages: language, mood, complaint, topic, urgency and personal data. Imports nothing of ours."""
