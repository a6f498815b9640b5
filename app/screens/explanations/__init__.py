"""The page Explanations."""
