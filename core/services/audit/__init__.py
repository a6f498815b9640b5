"""The audit trail in use: reading, verifying, checkpoints, anchors, keys, exports."""
