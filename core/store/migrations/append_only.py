# ruff: noqa: S608 - the statements are put together from the constants of this file only
"""Triggers that make the audit trail append-only, in each database's dialect.

They stop SQL, whoever types it, not somebody who may drop triggers or write the file: against
those only hashes kept elsewhere help. An entry must be the next number, cannot be changed and
cannot be removed. ``INSERT OR REPLACE`` would delete without firing SQLite's delete triggers,
which is why an insert over an existing number is refused by a trigger and not only by the key.
"""

_PROTECTED = ("audit_entry", "audit_object")
_MESSAGE = "the audit trail is append-only"

SQLITE = (
    *(
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
        for table in _PROTECTED
        for action in ("UPDATE", "DELETE")
    ),
    "CREATE TRIGGER audit_entry_next_number BEFORE INSERT ON audit_entry "
    "WHEN NEW.sequence <> (SELECT size FROM audit_head) "
    "OR EXISTS (SELECT 1 FROM audit_entry WHERE sequence = NEW.sequence) "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    "CREATE TRIGGER audit_object_no_replace BEFORE INSERT ON audit_object "
    "WHEN NEW.sequence <> (SELECT size FROM audit_head) OR EXISTS "
    "(SELECT 1 FROM audit_object WHERE sequence = NEW.sequence AND kind = NEW.kind) "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    "CREATE TRIGGER audit_head_one_step BEFORE UPDATE ON audit_head "
    "WHEN NEW.size <> OLD.size + 1 "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    "CREATE TRIGGER audit_head_no_insert BEFORE INSERT ON audit_head "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
)

POSTGRESQL = (
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$",
    "CREATE FUNCTION audit_next_number() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF NEW.sequence <> (SELECT size FROM audit_head) THEN "
    f"RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'restrict_violation'; "
    "END IF; RETURN NEW; END $$",
    *(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        for table in _PROTECTED
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        for table in (*_PROTECTED, "audit_head")
    ),
    *(
        f"CREATE TRIGGER {table}_next_number BEFORE INSERT ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION audit_next_number()"
        for table in _PROTECTED
    ),
    "CREATE TRIGGER audit_head_one_step BEFORE UPDATE ON audit_head FOR EACH ROW "
    "WHEN (NEW.size <> OLD.size + 1) EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_head_no_change BEFORE INSERT OR DELETE ON audit_head "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
)

_TREE = ("audit_node", "audit_checkpoint")

TREE_SQLITE = (
    *(
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
        for table in _TREE
        for action in ("UPDATE", "DELETE")
    ),
    "CREATE TRIGGER audit_node_no_replace BEFORE INSERT ON audit_node WHEN EXISTS "
    "(SELECT 1 FROM audit_node WHERE level = NEW.level AND position = NEW.position) "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    "CREATE TRIGGER audit_checkpoint_no_replace BEFORE INSERT ON audit_checkpoint WHEN EXISTS "
    "(SELECT 1 FROM audit_checkpoint WHERE size = NEW.size) "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
)

TREE_POSTGRESQL = (
    *(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        for table in _TREE
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        for table in _TREE
    ),
)

SQLITE_NAMES = (
    "audit_entry_no_update",
    "audit_entry_no_delete",
    "audit_object_no_update",
    "audit_object_no_delete",
    "audit_entry_next_number",
    "audit_object_no_replace",
    "audit_head_one_step",
    "audit_head_no_delete",
    "audit_head_no_insert",
    "audit_node_no_update",
    "audit_node_no_delete",
    "audit_checkpoint_no_update",
    "audit_checkpoint_no_delete",
    "audit_node_no_replace",
    "audit_checkpoint_no_replace",
)
"""What SQLITE and TREE_SQLITE make, to be taken away while a backup is read back."""
