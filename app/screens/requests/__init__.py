"""The pages of customers' requests."""
