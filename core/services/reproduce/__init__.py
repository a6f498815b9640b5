"""Whether production still runs the approved model and policy: the log scored again."""
