"""Customers' rights: requests and their steps, refusals, disclosures, disputes, opt-outs."""
