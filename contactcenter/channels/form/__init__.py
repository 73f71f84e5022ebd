"""Web forms and programs: a message with an address, answered by mail."""
