"""Which predictions the rules of human review choose."""
