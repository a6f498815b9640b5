"""The demo workspace: built once, completed after an interruption, whoever was made stays made."""

from pathlib import Path

import pytest

from core.domain.identity import Actor
from core.errors import Conflict, Forbidden, NotFound
from core.services import alerts, ingest, rates
from core.services.demo import build as demo
from core.services.identity import users
from core.services.registry.models import get_model
from core.services.workspace import Workspace
from tests.support.builders import ADMIN, VIEWER, a_log, contract_text, outcome_rows, write_parquet


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder like data/demo, with one small model."""
    folder = tmp_path / "demo" / "loans"
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text(contract_text(), encoding="utf-8")
    write_parquet(folder / "predictions.parquet", a_log(200))
    write_parquet(folder / "outcomes.parquet", outcome_rows(range(50)))
    text = "day,currency,hkd\n2010-12-31,USD,7.77\n"
    (tmp_path / "demo" / "rates.csv").write_text(text, encoding="utf-8")
    return tmp_path / "demo"


def build(workspace: Workspace, source: Path, actor: Actor = ADMIN) -> tuple[bool, list[float]]:
    shares: list[float] = []
    done = demo.build_demo(
        workspace, actor=actor, progress=lambda share, _: shares.append(share), source=source
    )
    return done, shares


def names(workspace: Workspace) -> list[str]:
    return [user.username for user in users.list_users(workspace, actor=ADMIN)]


def test_it_is_built_once(workspace: Workspace, source: Path) -> None:
    assert not demo.is_demo(workspace)
    done, shares = build(workspace, source)
    assert done
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert demo.is_demo(workspace)
    assert get_model(workspace, "loans", actor=ADMIN).lake_generation > 0
    batches = ingest.batches(workspace, "loans", actor=ADMIN)
    assert {view.batch.stream for view in batches} == {"predictions", "outcomes"}
    people = {person.username: person.password for person in users.demo_users(workspace)}
    assert set(people) == set(names(workspace))
    assert len(set(people.values())) == 6
    (rule,) = alerts.list_rules(workspace, "loans", actor=ADMIN)
    assert (rule.kind, rule.patience, rule.enabled) == ("drift_beyond_chance", 3, True)
    assert [each.currency for each in rates.list_rates(workspace, actor=ADMIN)] == ["USD"]
    assert build(workspace, source) == (False, [])
    assert {p.username: p.password for p in users.demo_users(workspace)} == people


def test_an_interrupted_build_is_completed(
    workspace: Workspace, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(users, "make_demo_users", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            build(workspace, source)
    assert not demo.is_demo(workspace)
    generation = get_model(workspace, "loans", actor=ADMIN).lake_generation
    assert build(workspace, source)[0]
    assert get_model(workspace, "loans", actor=ADMIN).lake_generation == generation
    assert len(names(workspace)) == 6


def test_a_build_interrupted_among_the_users_is_completed(
    workspace: Workspace, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    real = users.add_user

    def add_two(*args: object, **options: object) -> object:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(args[1])
        return real(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(users, "add_user", add_two)
        with pytest.raises(KeyboardInterrupt):
            build(workspace, source)
    noted = {person.username: person.password for person in users.demo_users(workspace)}
    assert len(names(workspace)) == 2
    assert build(workspace, source)[0]
    assert len(names(workspace)) == 6
    after = {person.username: person.password for person in users.demo_users(workspace)}
    assert set(after) == set(names(workspace))
    for name in made:
        assert after[str(name)] == noted[str(name)]


def test_somebody_elses_name_is_not_taken_over(workspace: Workspace, source: Path) -> None:
    users.add_user(workspace, "ada", actor=ADMIN, roles=[], os_login="ada")
    with pytest.raises(Conflict):
        build(workspace, source)


def test_what_is_refused(workspace: Workspace, source: Path, tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        build(workspace, source, VIEWER)
    with pytest.raises(NotFound, match="There are no demo data in"):
        build(workspace, tmp_path / "nowhere")


def _interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
