"""What stands beside one case: its group, similar ones, outcomes and worth."""
