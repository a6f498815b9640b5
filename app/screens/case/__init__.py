"""The page Case: one case of human review."""
