"""The page Fairness."""
