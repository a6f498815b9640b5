"""Explanations, letters, code books, templates and samples that were kept."""
