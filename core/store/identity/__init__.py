"""Users, sessions, passwords, second factors, tokens, and whose models are whose."""
