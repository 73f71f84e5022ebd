"""What customers expected and what they got: c = b/a, ratings, follow-up contacts. About any subject."""
