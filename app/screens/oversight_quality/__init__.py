"""The page Oversight quality."""
