"""The demo workspace: models on public data, and people and cases that are simulated."""
