"""Four eyes: what one person proposes, another decides."""
