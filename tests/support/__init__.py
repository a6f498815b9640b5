"""What tests build on: workspaces, logs, people and processes that several tests share."""
