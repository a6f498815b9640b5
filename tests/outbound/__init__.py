"""Watches what processes send to other machines; see tests/e2e/test_no_outbound.py."""
