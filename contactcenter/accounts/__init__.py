"""People who work here: users, roles, teams, sessions, tokens; and the brands they work for."""
