"""A sample is on record before it is shown, and anybody can draw it again."""

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pandas as pd
import pytest

from core.domain.identity import Role
from core.domain.merkle import verify_inclusion
from core.domain.sampling import Unit, draw, seed_of
from core.errors import Forbidden, InvalidInput, NotFound
from core.proof.checkpoint import parse_checkpoint
from core.services.audit.checkpoints import verifier_of
from core.services.examiner.drawing import (
    DRAWN,
    ORDERED,
    count_population,
    draw_sample,
    is_in_frame,
    list_samples,
    read_sample,
)
from core.services.examiner.frames import Plan
from core.store.audit import checkpoints
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import instant_text
from core.store.explanations import samples
from core.store.explanations.samples import SampleRecord
from tests.support.demo_slices import SBA
from tests.support.explained import Explained

WORDS = "Grey heron at the pier"
PLAN = Plan(SBA, "random", 5, WORDS, "Examination 12")


def drawn(world: Explained, plan: Plan) -> SampleRecord:
    return draw_sample(world.workspace, plan, actor=world.people[Role.auditor])


def frame_of(world: Explained, record: SampleRecord) -> list[list[str]]:
    with world.workspace.store.read() as conn:
        content = samples.frame(conn, record.id)
    assert sha256(content).hexdigest() == record.frame_sha256
    return [json.loads(line) for line in content.decode().splitlines()]


def ids_of(world: Explained, record: SampleRecord) -> list[str]:
    _, items = read_sample(world.workspace, record.id, actor=world.people[Role.auditor])
    assert [each.place for each in items] == list(range(1, record.drawn + 1))
    return [str(each.prediction_id) for each in items]


def test_the_frame_is_the_whole_log_in_order_of_time_and_tells_no_id(world: Explained) -> None:
    record = drawn(world, PLAN)
    lines = frame_of(world, record)
    assert record.population == len(lines) == len(world.log)
    assert len({key for key, _, _ in lines}) == len(lines)
    assert [(at, key) for key, at, _ in lines] == sorted((at, key) for key, at, _ in lines)
    times = sorted(instant_text(each.to_pydatetime()) for each in world.log["approved_at"])
    assert [at for _, at, _ in lines] == times
    with world.workspace.store.read() as conn:
        content = samples.frame(conn, record.id).decode()
    assert not any(f'"{loan}"' in content for loan in world.log["loan_id"].astype(str))
    keys = {
        world.workspace.keys.mac("dossier prediction", f"{SBA}/{loan}")
        for loan in world.log["loan_id"].astype(str)
    }
    assert keys == {key for key, _, _ in lines}


def test_plan_and_words_are_signed_before_the_seed_is_made_of_them(world: Explained) -> None:
    record = drawn(world, PLAN)
    with world.workspace.store.read() as conn:
        about = {"sample": record.id}
        (ordered,) = audit.list_newest(conn, kind=ORDERED, objects=about)
        (told,) = audit.list_newest(conn, kind=DRAWN, objects=about)
        kept = checkpoints.covering(conn, ordered.sequence)
        assert kept is not None
        proof = audit_tree.inclusion(conn, ordered.sequence - 1, kept.size)
    signed = parse_checkpoint(kept.note)
    assert signed.signed_by(verifier_of(world.workspace))
    assert (signed.size, signed.root.hex()) == (record.root_size, record.root)
    # The signed tree ends with the order: nothing behind it could choose the root.
    assert ordered.sequence == signed.size < told.sequence
    assert verify_inclusion(
        ordered.sequence - 1, signed.size, leaf(ordered.canonical), proof, signed.root
    )
    assert ordered.body["words"] == WORDS
    assert ordered.body["reason"] == "Examination 12"
    assert record.seed == seed_of(WORDS, signed.root.hex())
    assert told.body["frame"] == record.frame_sha256
    assert told.body["seed"] == record.seed
    assert not any(loan in told.canonical.decode() for loan in ids_of(world, record))


def local_months(world: Explained) -> "pd.Series[str]":
    days = pd.DatetimeIndex(world.log["approved_at"]).tz_convert("America/New_York")
    return pd.Series(days.strftime("%Y-%m"))


def leaf(canonical: bytes) -> bytes:
    return sha256(b"\x00" + canonical).digest()


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        replace(PLAN, method="systematic"),
        replace(PLAN, method="proportional", stratum="decision"),
        replace(PLAN, method="equal", stratum="month", n=8),
        replace(PLAN, method="all_then_random", condition="score > 0.03", n=40),
    ],
    ids=lambda plan: plan.method,
)
def test_anybody_draws_the_same_from_frame_and_seed(world: Explained, plan: Plan) -> None:
    record = drawn(world, plan)
    units = [Unit(key, stratum) for key, _, stratum in frame_of(world, record)]
    _, items = read_sample(world.workspace, record.id, actor=world.people[Role.auditor])
    assert [each.key for each in items] == [
        each.key for each in draw(units, record.seed, plan.n, plan.method)
    ]
    told = "".join(f"{each.key}\n" for each in items)
    assert record.drawn_sha256 == sha256(told.encode()).hexdigest()
    assert set(ids_of(world, record)) <= set(world.log["loan_id"].astype(str))
    assert sum(taken for _, taken in record.strata.values()) == plan.n


def test_strata_are_those_of_the_log(world: Explained) -> None:
    record = drawn(world, replace(PLAN, method="equal", stratum="month", n=8))
    months = local_months(world).value_counts()
    assert {name: size for name, (size, _) in record.strata.items()} == months.to_dict()
    assert {taken for _, taken in record.strata.values()} == {1}


def test_what_a_condition_holds_for_is_taken_whole(world: Explained) -> None:
    plan = replace(PLAN, method="all_then_random", condition="score > 0.03", n=40)
    wanted = set(world.log.loc[world.log["default_score"] > 0.03, "loan_id"].astype(str))
    assert 0 < len(wanted) < 40
    record = drawn(world, plan)
    assert wanted < set(ids_of(world, record))
    assert record.population == len(world.log)
    with pytest.raises(InvalidInput, match="more than the 1 to be drawn"):
        drawn(world, replace(plan, n=1))


def test_a_condition_and_days_narrow_the_population(world: Explained) -> None:
    actor = world.people[Role.auditor]
    plan = replace(PLAN, condition="score > 0.02", first=date(2006, 2, 1), last=date(2006, 3, 31))
    days = local_months(world)
    wanted = (world.log["default_score"] > 0.02) & days.isin(["2006-02", "2006-03"])
    counted = count_population(world.workspace, plan, actor=actor)
    assert dict(counted) == {"": wanted.sum()}
    record = drawn(world, plan)
    assert record.population == wanted.sum()
    assert (record.first_day, record.last_day) == ("2006-02-01", "2006-03-31")
    assert set(ids_of(world, record)) <= set(world.log.loc[wanted, "loan_id"].astype(str))


def test_drawing_again_is_another_sample_and_both_are_listed(world: Explained) -> None:
    first, second = drawn(world, PLAN), drawn(world, PLAN)
    assert first.seed != second.seed
    listed = list_samples(world.workspace, SBA, actor=world.people[Role.compliance_lead])
    assert [each.id for each in listed[:2]] == [second.id, first.id]


def test_an_examiner_can_ask_whether_a_known_decision_stood_in_the_frame(world: Explained) -> None:
    record, actor = drawn(world, PLAN), world.people[Role.auditor]
    assert is_in_frame(world.workspace, record.id, world.best(), actor=actor)
    assert not is_in_frame(world.workspace, record.id, "no such loan", actor=actor)


def test_only_examiners_draw_and_only_in_their_scope(world: Explained) -> None:
    record = drawn(world, PLAN)
    for role in set(Role) - {Role.auditor}:
        with pytest.raises(Forbidden):
            draw_sample(world.workspace, PLAN, actor=world.people[role])
        if role is not Role.compliance_lead:
            with pytest.raises(Forbidden):
                read_sample(world.workspace, record.id, actor=world.people[role])
    auditor = world.people[Role.auditor]
    elsewhere = replace(auditor, jurisdictions=frozenset({"HK"}))
    for other in (elsewhere, replace(auditor, models=frozenset({"other"}))):
        with pytest.raises(NotFound):
            read_sample(world.workspace, record.id, actor=other)
    assert list_samples(world.workspace, SBA, actor=elsewhere) == ()
    with pytest.raises(InvalidInput, match="There are 0 decisions"):
        draw_sample(world.workspace, PLAN, actor=elsewhere)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"words": "short"}, "8 to 200 characters"),
        ({"reason": " "}, "A reason"),
        ({"n": 0}, "from 1 to 100"),
        ({"n": 101}, "from 1 to 100"),
        ({"method": "favourites"}, "favourites"),
        ({"method": "equal"}, "strata ''"),
        ({"stratum": "month"}, "strata 'month'"),
        ({"method": "all_then_random"}, "needs a condition"),
        ({"first": date(2006, 1, 1)}, "no first or no last day"),
        ({"first": date(2006, 2, 1), "last": date(2006, 1, 1)}, "ends before it begins"),
    ],
)
def test_a_wrong_plan_is_refused_and_leaves_nothing_on_record(
    world: Explained, changes: dict[str, object], said: str
) -> None:
    def size() -> int:
        with world.workspace.store.read() as conn:
            return audit.size(conn)

    before = size()
    with pytest.raises(InvalidInput) as refused:
        drawn(world, replace(PLAN, **changes))  # type: ignore[arg-type]
    assert said in f"{refused.value} {refused.value.remedy.format(**refused.value.params)}"
    assert size() == before
