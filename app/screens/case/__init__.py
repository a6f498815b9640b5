"""The page of one case of human review."""
