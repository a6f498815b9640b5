"""Customers' rights: requests, clocks, frozen data, papers, refusals, notes, opt-outs."""
