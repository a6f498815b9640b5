"""The audit trail as it is stored: entries, tree, checkpoints, subjects' keys."""
