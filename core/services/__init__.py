"""Use cases: every command checks its permission first and tells the audit trail last."""
