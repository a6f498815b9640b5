"""Walks of the readers: pages that tests write, and what the walks bring along."""
