"""The page Decision."""
