"""How groups of people fare beside each other."""
