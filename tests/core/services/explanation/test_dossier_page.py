"""The printed part says in words what the JSON says in codes, in each language."""

import copy
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from core.contract.origins import CLASSES
from core.domain.explanation import CodeBook
from core.domain.retention import RECORD_CLASSES
from core.domain.review import REASONS, Action, CaseState, Verdict
from core.domain.status import NOT_JUDGED, Status
from core.i18n import translator
from core.metrics.attribution.result import Method
from core.metrics.attribution.spaces import Space
from core.metrics.counterfactual import Nothing
from core.metrics.registry import METRICS
from core.services.alerts.kinds import KINDS
from core.services.explanation import dossier_files
from core.services.explanation.dossier_page import dossier_page
from core.services.explanation.dossier_source import Source
from core.services.explanation.other_results import NO_POLICY, NOT_ADVERSE
from core.services.rights import words as rights
from tests.support.demo_slices import sba_log
from tests.support.dossiers import a_dossier
from tests.support.explained import an_explained_workspace

LANGUAGES = ("en", "zh-HK", "zh-CN")
_LATIN = re.compile(r"[A-Za-z@_][A-Za-z0-9@_-]*")


@dataclass(frozen=True)
class Made:
    """What a dossier was printed from."""

    source: Source
    facts: dict[str, Any]

    def printed(self, language: str, **changes: Any) -> str:
        """Return all that is printed, with some facts or parts of the record changed."""
        facts = copy.deepcopy(self.facts)
        document = copy.deepcopy(dict(self.source.document))
        for place, value in changes.items():
            where = document if place.startswith("record__") else facts
            *path, last = place.removeprefix("record__").split("__")
            for name in path:
                where = where[name]
            where[last] = value
        source = _with_document(self.source, document)
        page = dossier_page(translator(language), source, CodeBook(()), facts)
        return str(asdict(page))


def _with_document(source: Source, document: dict[str, Any]) -> Source:
    named = ("workspace", "actor", "decision", "kept", "opening", "values", "people", "unknown")
    return Source(document=document, **{name: getattr(source, name) for name in named})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    home: Path = tmp_path_factory.mktemp("printed") / "home"
    world = an_explained_workspace(home, log=sba_log(every=600))
    seen: list[Made] = []

    def spied(t: Any, source: Source, book: CodeBook, facts: Any) -> Any:
        seen.append(Made(source, dict(facts)))
        return dossier_page(t, source, book, facts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dossier_files, "dossier_page", spied)
        a_dossier(world, place=1)
    yield seen[0]
    world.workspace.store.close()


def a_figure(**changes: Any) -> dict[str, Any]:
    given = {"metric": "drift", "method": "psi", "column": "employees", "slice": "", "value": 0.1}
    return {**given, "level": "act", "n": 9, "chunk_key": "2006-08", **changes}


def checks(**changes: Any) -> dict[str, Any]:
    return {"as_of": None, "drift": [a_figure(**changes)], "performance": []}


def a_case(**changes: Any) -> dict[str, Any]:
    texts = dict.fromkeys(("own_view", "first_verdict", "final_verdict", "reason_code"))
    named = {"kind": "routed", "state": "open", "rule": "", "reference": "HR-000001"}
    people = dict.fromkeys(("maker", "checker", "final_decision"))
    return {**texts, **named, **people, "steps": [], **changes}


def a_step(**changes: Any) -> dict[str, Any]:
    given = {"at": None, "by": "p-1", "action": "made", "to_state": "open", "verdict": None}
    return {**given, "notes_of_evidence": 0, **changes}


def a_request(**changes: Any) -> dict[str, Any]:
    given = {"reference": "RQ-000001", "kind": "review", "state": "received", "outcome": ""}
    return {**given, "received_at": None, "closed_at": None, **changes}


def an_asset(level: str) -> dict[str, Any]:
    names = dict.fromkeys(("held_in", "region", "owner"))
    labels = dict.fromkeys(LANGUAGES, "…")
    return {"id": "sba-file", "label": labels, "classification": level, "simulated": False, **names}


def reviewed(**changes: Any) -> dict[str, Any]:
    return {"cases": [a_case(**changes)], "values_revealed": [], "files_opened": []}


def coded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each code that a dossier's JSON may hold, and facts that hold it."""
    for source in ("model", "logged", "none"):
        yield source, {"record__source": source}
    for method in (*Method, "logged"):
        yield str(method), {"record__attributions__method": str(method)}
    for scale in Space:
        yield str(scale), {"record__attributions__scale": str(scale)}
    for why in (*Nothing, NO_POLICY, NOT_ADVERSE):
        yield str(why), {"record__others": {"found": [], "why": str(why)}}
    for level in ("in_the_loop", "in_command", "out_of_the_loop"):
        yield level, {"version__oversight_level": level}
    for name in METRICS:
        yield name, {"state__known_then": checks(method=name)}
    for judged in (*Status, NOT_JUDGED):
        yield str(judged), {"state__known_then": checks(level=str(judged))}
    for column in ("employees", "@score", "@prediction", "@decision"):
        yield column, {"state__known_then": checks(column=column)}
    yield "marital_status", {"state__groups": [a_figure(column="marital_status")]}
    yield "all", {"state__known_then": checks(chunk_key="all")}
    for kind in KINDS:
        yield kind, {"state__alerts_open": [{"kind": kind, "column": ""}]}
    for level in CLASSES:
        yield level, {"lineage__assets": [an_asset(level)]}
    for state in CaseState:
        yield str(state), {"review": reviewed(state=str(state))}
        yield str(state), {"review": reviewed(steps=[a_step(to_state=str(state))])}
    for action in set(Action) - {Action.unmask}:
        yield str(action), {"review": reviewed(steps=[a_step(action=str(action))])}
    for verdict in Verdict:
        yield str(verdict), {"review": reviewed(own_view=str(verdict))}
        yield str(verdict), {"review": reviewed(steps=[a_step(verdict=str(verdict))])}
    for code in REASONS:
        yield code, {"review": reviewed(reason_code=code)}
    for kind in ("routed", "request", "appeal"):
        yield kind, {"review": reviewed(kind=kind)}
    for kind in rights.KINDS:
        yield kind, {"rights__requests": [a_request(kind=kind)]}
    for asked in rights.STATES:
        yield asked, {"rights__requests": [a_request(state=asked)]}
    for outcome in rights.OUTCOMES:
        yield outcome, {"rights__requests": [a_request(outcome=outcome)]}
    for release in ("held", "released", "stopped"):
        yield release, {"release__state": release}
    for reason in ("in_review", "case_withdrawn", "not_routed", "undeclared", "not_serving"):
        yield reason, {"release__reason": reason}
    for name in RECORD_CLASSES:
        kept = {"class": name, "minimum_days": 1, "maximum_days": 2}
        yield name, {"keeping__classes": [kept]}
    for role in ("artefact", "training", "holdout"):
        file = {"role": role, "sha256": "ab" * 32, "added_at": None}
        yield role, {"version__files": [file]}
    for decision in rights.DECISIONS:
        yield decision, {"decision__decision": decision}


def test_no_code_is_printed_in_chinese(made: Made) -> None:
    plain = {each: set(_LATIN.findall(made.printed(each))) for each in LANGUAGES[1:]}
    shown = []
    for code, facts in coded():
        for language, usual in plain.items():
            found = set(_LATIN.findall(made.printed(language, **facts)))
            shown += [f"{language} {code}"] * (code in found - usual)
    assert shown == []


def test_no_code_with_a_mark_in_it_is_printed_in_english(made: Made) -> None:
    marked = [(code, facts) for code, facts in coded() if "_" in code or "@" in code]
    assert len(marked) > 50
    shown = [code for code, facts in marked if code in _LATIN.findall(made.printed("en", **facts))]
    assert shown == []


def test_the_test_would_see_a_code(made: Made) -> None:
    said = made.printed("zh-HK", state__known_then=checks(method="of_nobody"))
    assert "of_nobody" in _LATIN.findall(said)


def test_figures_without_a_value_are_counted_and_not_listed(made: Made) -> None:
    figures = {"as_of": None, "drift": [a_figure(), a_figure(value=None, method="hellinger")]}
    said = made.printed("en", state__known_then={**figures, "performance": []})
    assert "2006-08" in said
    assert "Hellinger" not in said
    assert "One more figure had no value then" in said


def test_assets_stand_before_their_features_with_where_they_rest(made: Made) -> None:
    said = made.printed("en")
    assert "Published file of SBA loans" in said
    assert "rests in HK" in said
    assert "These tags are made up" in said
    features = copy.deepcopy(made.facts["lineage"]["features"])
    features[0]["asset"] = None
    assert "Asset not known" in made.printed("en", lineage__features=features)
    assert "Asset not known" not in said


def test_equal_reasons_why_nothing_is_known_are_counted(made: Made) -> None:
    why = "The log names no jurisdiction."
    said = made.printed("en", unknown={f"/lineage/{name}": why for name in "abc"})
    assert "/lineage/a and 2 more" in said
    assert "/lineage/b" not in said
