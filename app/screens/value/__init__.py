"""The page Value."""
