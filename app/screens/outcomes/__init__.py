"""The page Business outcomes."""
