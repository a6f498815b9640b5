"""Backups of a workspace, and restoring one."""
