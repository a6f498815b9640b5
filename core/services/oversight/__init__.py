"""Whether review is real: blind controls and second reviews, and what they and the rest show."""
