"""Registered models: contracts, versions, artefacts, whose they are, and what a change loosens."""
