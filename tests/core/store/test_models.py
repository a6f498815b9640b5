import hashlib
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import NotFound
from core.store import Store, models
from tests.support.fakes import START

LATER = START + timedelta(hours=1)


def test_registering_keeps_every_revision(store: Store) -> None:
    with store.begin() as conn:
        first = models.register(conn, model_id="m", spec_text="a", actor="ada", at=START)
        same = models.register(conn, model_id="m", spec_text="a", actor="ben", at=LATER)
        second = models.register(conn, model_id="m", spec_text="b", actor="ben", at=LATER)
    assert first == models.Registration("m", 1, changed=True)
    assert same == models.Registration("m", 1, changed=False)
    assert second == models.Registration("m", 2, changed=True)
    with store.read() as conn:
        record = models.get(conn, "m")
        revisions = models.spec_revisions(conn, "m")
    assert record == models.ModelRecord(
        id="m",
        spec_text="b",
        spec_sha256=hashlib.sha256(b"b").hexdigest(),
        spec_revision=2,
        registered_at=LATER,
        registered_by="ben",
        lake_generation=0,
        newest_event=None,
        live_bins_id=None,
    )
    assert [(each.revision, each.spec_text, each.registered_by) for each in revisions] == [
        (1, "a", "ada"),
        (2, "b", "ben"),
    ]


def test_a_model_nobody_registered_is_not_found(store: Store) -> None:
    with store.read() as conn:
        assert models.find(conn, "ghost") is None
        with pytest.raises(NotFound, match="no model ghost"):
            models.get(conn, "ghost")


def test_a_list_is_narrowed_to_a_scope(store: Store) -> None:
    with store.begin() as conn:
        for model_id in ("b", "a", "c"):
            models.register(conn, model_id=model_id, spec_text="", actor="t", at=START)

        def ids(scope: set[str] | None) -> list[str]:
            return [record.id for record in models.list_models(conn, scope)]

        assert ids(None) == ["a", "b", "c"]
        assert ids({"c", "a", "ghost"}) == ["a", "c"]
        assert ids(set()) == []


def test_the_newest_event_only_moves_forward(store: Store) -> None:
    with store.begin() as conn:
        models.register(conn, model_id="m", spec_text="", actor="t", at=START)
        for moment in (START, LATER, START):
            models.advance_newest_event(conn, "m", moment)
        assert models.get(conn, "m").newest_event == LATER


def test_the_same_file_is_attached_once(store: Store) -> None:
    with store.begin() as conn:
        models.register(conn, model_id="m", spec_text="", actor="t", at=START)

        def attach(role: str, sha256: str, version: str = "1") -> bool:
            return models.add_artefact(
                conn,
                model_id="m",
                version=version,
                role=role,
                path=f"models/{sha256}.skops",
                sha256=sha256,
                size_bytes=10,
                actor="t",
                at=START,
            )

        assert attach("artefact", "a" * 64)
        assert not attach("artefact", "a" * 64)
        assert attach("artefact", "b" * 64)
        assert attach("training", "a" * 64)
        assert attach("artefact", "a" * 64, version="2")
        of_version = models.artefacts(conn, "m", version="1", role="artefact")
        assert [each.sha256[0] for each in of_version] == ["b", "a"]
        assert of_version[0].bytes == 10
        assert len(models.artefacts(conn, "m")) == 4


def test_a_role_that_does_not_exist_is_refused_by_the_database(store: Store) -> None:
    with store.begin() as conn:
        models.register(conn, model_id="m", spec_text="", actor="t", at=START)
    with pytest.raises(IntegrityError), store.begin() as conn:
        models.add_artefact(
            conn,
            model_id="m",
            version="1",
            role="pickle",
            path="p",
            sha256="0",
            size_bytes=1,
            actor="t",
            at=START,
        )
