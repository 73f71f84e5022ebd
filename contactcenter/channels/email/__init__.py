"""The e-mail channel: raw bytes become messages, replies become mails."""
