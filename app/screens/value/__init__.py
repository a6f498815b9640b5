"""The page Value of decisions."""
