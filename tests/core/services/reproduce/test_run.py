"""A sample of the demo's logs, reproduced: all of it, and with one thing wrong at a time.

The second source of every score is scikit-learn itself, on the rows as their file has them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, NotFound, NothingYet
from core.services.personal.names import MASK
from core.services.registry import artefacts
from core.services.reproduce.models import Reason
from core.services.reproduce.result import Reproduction, verdict_of
from core.services.reproduce.run import EXAMPLES, reproduce
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from tests.support.builders import VIEWER
from tests.support.demo_slices import (
    LOANAPP,
    SBA,
    decisions_of,
    direct_scores,
    fitted,
    loanapp_log,
    put,
    sba_log,
)

ALL = 10_000
LOG = sba_log()


@dataclass(frozen=True)
class Demo:
    """The SBA model with a log of a test's own; called, it is put there and reproduced."""

    workspace: Workspace
    actor: Actor
    folder: Path

    def __call__(self, log: pd.DataFrame = LOG, **options: Any) -> Reproduction:
        made = {name: options.pop(name, None) for name in ("decisions", "changes")}
        put(self.workspace, self.folder, SBA, log, actor=self.actor, **made)
        return self.again(**options)

    def again(self, **options: Any) -> Reproduction:
        """Reproduce what is there."""
        return reproduce(self.workspace, SBA, actor=self.actor, **{"sample": ALL, **options})


@pytest.fixture
def ask(workspace: Workspace, admin: Actor, tmp_path: Path) -> Demo:
    return Demo(workspace, admin, tmp_path)


def stored_artefact(workspace: Workspace, model: str = SBA, version: str = "1") -> Path:
    with workspace.store.read() as conn:
        (file,) = models.artefacts(conn, model, version=version, role="artefact")
    return workspace.settings.home / file.path


def newest_entry(workspace: Workspace) -> audit.AuditEntry:
    with workspace.store.read() as conn:
        found = audit.list_newest(conn, kind="model.reproduced")
    return found[0]


def test_the_demo_reproduces(ask: Demo, workspace: Workspace) -> None:
    found = ask()
    assert (found.verdict, found.examples) == ("passed", ())
    (version,) = found.versions
    assert found.drawn == found.population == version.rows == version.scores == len(LOG)
    assert version.decisions == len(LOG)
    assert (version.decision_mismatches, version.overridden, version.not_judged) == (0, 0, 0)
    assert version.policies == ("p1",)
    # The log rounds to six decimals; what is left is half of the last one at most.
    direct = direct_scores(fitted(SBA), LOG)
    largest = np.abs(direct - LOG["default_score"].to_numpy()).max()
    assert version.largest_difference == pytest.approx(largest, abs=1e-15)
    assert version.tolerance == pytest.approx(5e-7 + 1e-9, abs=1e-15)
    assert version.artefact == artefacts.sha256_of(stored_artefact(workspace))


def test_the_trail_keeps_the_counts_and_no_prediction(ask: Demo, workspace: Workspace) -> None:
    log: Any = LOG.copy()
    log.loc[3, "default_score"] += 0.001
    found = ask(log, sample=400, seed=5)
    entry = newest_entry(workspace)
    assert entry.objects == {"model": SBA}
    assert entry.body["verdict"] == found.verdict
    assert entry.body["generation"] == found.generation
    assert (entry.body["asked"], entry.body["seed"]) == (400, 5)
    assert entry.body["population"] == len(log)
    versions: Any = entry.body["versions"]
    (version,) = versions
    assert version["artefact"] == found.versions[0].artefact
    assert version["rows"] == 400
    assert not any(str(name) in entry.canonical.decode() for name in LOG["loan_id"])


def test_a_seed_draws_the_same_rows_and_another_one_others(ask: Demo) -> None:
    # Without any tolerance every rounded score differs, so the examples show what was drawn.
    first = ask(sample=10, tolerance=0.0)
    again = ask.again
    assert len(first.examples) == 10
    assert again(sample=10, tolerance=0.0).examples == first.examples
    drawn = {each.prediction for each in first.examples}
    larger = again(sample=15, tolerance=0.0)
    assert drawn < {each.prediction for each in larger.examples}
    other = again(sample=10, seed=2, tolerance=0.0)
    assert drawn != {each.prediction for each in other.examples}
    assert len(again(tolerance=0.0).examples) == EXAMPLES


def test_a_tampered_score_is_found_and_named(ask: Demo) -> None:
    log: Any = LOG.copy()
    place = int(np.flatnonzero(log["default_score"] < 0.03)[0])
    log.loc[place, "default_score"] += 0.000002
    found = ask(log)
    (version,) = found.versions
    assert not found.passed
    assert (version.score_mismatches, version.decision_mismatches) == (1, 0)
    direct = float(direct_scores(fitted(SBA), LOG)[place])
    (example,) = found.examples
    assert (example.kind, example.version) == ("score", "1")
    assert example.prediction == log["loan_id"][place]
    assert float(example.logged) == log["default_score"][place]
    assert float(example.expected) == pytest.approx(direct, abs=1e-15)


def test_a_score_altered_across_the_cut_off_is_wrong_twice(ask: Demo) -> None:
    log: Any = LOG.copy()
    place = int(np.flatnonzero(log["decision"] == "approve")[0])
    log.loc[place, "default_score"] = 0.9
    found = ask(log)
    assert [each.kind for each in found.examples] == ["decision", "score"]
    assert {each.prediction for each in found.examples} == {log["loan_id"][place]}


def test_a_wrong_decision_is_found_and_named(ask: Demo) -> None:
    log: Any = LOG.copy()
    place = int(np.flatnonzero(log["decision"] == "decline")[0])
    log.loc[place, "decision"] = "approve"
    found = ask(log)
    (version,) = found.versions
    assert (version.score_mismatches, version.decision_mismatches) == (0, 1)
    (example,) = found.examples
    assert (example.kind, example.policy) == ("decision", "p1")
    assert (example.logged, example.expected) == ("approve", "decline")
    assert example.prediction == log["loan_id"][place]


def test_what_a_person_decided_otherwise_is_counted_apart(ask: Demo) -> None:
    log: Any = LOG.copy()
    turned = log.index[log["decision"] == "decline"][:3]
    log.loc[turned, "decision"] = "approve"
    found = ask(log, decisions=decisions_of(log.loc[turned], "human", "approve"))
    (version,) = found.versions
    assert found.passed
    assert (version.overridden, version.not_judged, version.decision_mismatches) == (3, 3, 0)
    assert version.decisions == len(log) - 3


def test_the_stream_of_decisions_goes_before_the_log(ask: Demo) -> None:
    wrong = LOG[LOG["decision"] == "approve"].head(2)
    found = ask(decisions=decisions_of(wrong, "policy", "decline"))
    assert {each.prediction for each in found.examples} == set(wrong["loan_id"])
    assert {(each.logged, each.expected) for each in found.examples} == {("decline", "not decline")}


def test_a_decision_made_after_as_of_is_not_known(ask: Demo) -> None:
    wrong = LOG[LOG["decision"] == "approve"].tail(1)
    day = wrong["approved_at"].iloc[0]
    found = ask(decisions=decisions_of(wrong, "policy", "decline"), as_of=day.isoformat())
    assert found.passed
    assert found.population == (LOG["approved_at"] <= day).sum()


def test_a_tampered_artefact_is_never_loaded(
    ask: Demo, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(sample=1)
    with stored_artefact(workspace).open("ab") as file:
        file.write(b"\0")
    monkeypatch.setattr(artefacts, "load_pipeline", lambda _: pytest.fail("it was loaded"))
    found = ask.again()
    assert not found.passed
    assert found.not_reproducible() == {Reason.artefact_differs: len(LOG)}
    (version,) = found.versions
    assert (version.scores, version.decisions) == (0, len(LOG))  # the policy needs no artefact
    assert newest_entry(workspace).body["verdict"] == "failed"


def test_an_artefact_that_is_gone(ask: Demo, workspace: Workspace) -> None:
    ask(sample=1)
    stored_artefact(workspace).unlink()
    assert ask.again(sample=5).not_reproducible() == {Reason.artefact_gone: 5}


def test_versions_that_cannot_be_reproduced(ask: Demo) -> None:
    log: Any = LOG.copy()
    log.loc[:9, "model_version"] = "unheard-of"
    log.loc[10:14, "model_version"] = "2"
    found = ask(log, changes={"versions:\n": 'versions:\n  - {id: "2"}\n'})
    assert found.not_reproducible() == {Reason.not_registered: 10, Reason.no_artefact: 5}
    assert [each.version for each in found.versions] == ["1", "2", "unheard-of"]
    assert found.total("rows") == len(log)
    assert found.total("scores") == len(log) - 15
    only = ask.again(version="2")
    assert (only.population, [each.version for each in only.versions]) == (5, ["2"])


def test_a_failed_request_has_nothing_to_reproduce(ask: Demo) -> None:
    log: Any = LOG.copy()
    log.loc[:4, ["default_score", "decision"]] = None
    log.loc[:2, "status"] = "error"
    log.loc[3:4, "status"] = "ok"
    found = ask(log)
    (version,) = found.versions
    assert version.failed_requests == 3
    assert found.not_reproducible() == {Reason.score_missing: 2}
    assert version.scores == version.decisions == len(log) - 5


def test_a_sample_of_failed_requests_alone_proves_nothing(ask: Demo, workspace: Workspace) -> None:
    log: Any = LOG.copy()
    log[["default_score", "decision"]] = None
    log["status"] = "error"
    found = ask(log)
    assert (found.verdict, found.passed) == ("nothing_compared", False)
    assert found.total("failed_requests") == found.drawn == len(log)
    assert newest_entry(workspace).body["verdict"] == "nothing_compared"


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((0, 5, 5), "passed"),
        ((0, 5, 0), "scores_only"),
        ((0, 0, 0), "nothing_compared"),
        ((1, 0, 0), "failed"),
        ((1, 5, 5), "failed"),
    ],
)
def test_the_verdict_says_what_it_is_a_proof_of(counts: tuple[int, int, int], verdict: str) -> None:
    assert verdict_of(*counts) == verdict


def test_missing_inputs_are_scored_as_they_were(ask: Demo) -> None:
    whole = sba_log(every=1)
    incomplete = whole[whole[list(fitted(SBA).feature_names_in_)].isna().any(axis=1)]
    assert len(incomplete) == 20  # the pipeline meets gaps
    assert ask(incomplete.reset_index(drop=True)).passed


def test_ids_that_name_a_person_are_masked(ask: Demo) -> None:
    found = ask(tolerance=0.0, sample=3, changes={"subject: subject_ref": "subject: loan_id"})
    assert [each.prediction for each in found.examples] == [f"{MASK} {n}" for n in (1, 2, 3)]


def test_rows_of_other_jurisdictions_are_not_drawn(ask: Demo, workspace: Workspace) -> None:
    ask(sample=1, changes={"subject: subject_ref": "subject: subject_ref\n  jurisdiction: state"})
    reader = Actor("u-ca", "ca", frozenset({Role.data_scientist}), jurisdictions=frozenset({"CA"}))
    found = reproduce(workspace, SBA, actor=reader, sample=ALL)
    assert found.population == found.drawn == (LOG["state"] == "CA").sum()
    assert newest_entry(workspace).body["jurisdictions"] == ["CA"]


def test_people_decided_about_mortgages(workspace: Workspace, admin: Actor, tmp_path: Path) -> None:
    log = loanapp_log()
    put(workspace, tmp_path, LOANAPP, log, actor=admin)
    found = reproduce(workspace, LOANAPP, actor=admin, sample=ALL)
    assert found.passed
    assert found.verdict == "scores_only"
    assert newest_entry(workspace).body["verdict"] == "scores_only"
    assert [each.version for each in found.versions] == ["a", "b"]
    for each in found.versions:
        rows = log[log["model_version"] == each.version]
        direct = direct_scores(fitted(LOANAPP, f"model-{each.version}.skops"), rows)
        largest = np.abs(direct - rows["denial_score"].to_numpy()).max()
        assert each.largest_difference == pytest.approx(largest, abs=1e-15)
        assert (each.decisions, each.not_judged) == (0, len(rows))  # no policy is registered


def test_what_is_refused(ask: Demo, workspace: Workspace, admin: Actor) -> None:
    ask(sample=1)
    wrong: tuple[dict[str, Any], ...] = (
        {"sample": 0},
        {"sample": 100_001},
        {"seed": -1},
        {"seed": 2**53},
        {"tolerance": -1e-9},
        {"tolerance": float("nan")},
        {"version": "3"},
    )
    for options in wrong:
        with pytest.raises(InvalidInput):
            reproduce(workspace, SBA, actor=admin, **options)
    with pytest.raises(Forbidden):
        reproduce(workspace, SBA, actor=VIEWER)
    with pytest.raises(NotFound):
        reproduce(workspace, "none", actor=admin)
    with workspace.store.read() as conn:
        assert len(audit.list_newest(conn, kind="model.reproduced")) == 1


def test_a_version_without_rows_has_nothing_to_draw(ask: Demo) -> None:
    ask(sample=1, changes={"versions:\n": 'versions:\n  - {id: "2"}\n'})
    with pytest.raises(NothingYet, match="has no predictions to draw from"):
        ask.again(version="2")
