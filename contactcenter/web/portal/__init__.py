"""What a customer sees and does by a signed link, without an account."""
