"""The page Customers' requests."""
