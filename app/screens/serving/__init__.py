"""The page Serving systems."""
