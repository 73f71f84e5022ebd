"""What staff type in for others: phone notes, letters, faxes, visits; answers are printed."""
