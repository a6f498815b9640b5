"""The short form: sound inputs, what the fuzzers found, faults drawn by dice, and any bytes."""

import random
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.found import FOUND
from tests.fuzz.mutate import mutated
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS
from tests.fuzz.words import MENDED, WHAT

ROUNDS = 250
QUICK_ROUNDS = {"api": 60, "export-verifier": 150, "log-csv": 60, "log-jsonl": 60}
EXAMPLES = 60


@pytest.fixture(scope="module", params=TARGETS)
def named(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        _OPEN[request.param] = stack.enter_context(TARGETS[request.param](folder))
        yield request.param
        del _OPEN[request.param]


_OPEN: dict[str, Target] = {}


def test_every_target_says_what_it_is() -> None:
    assert WHAT.keys() == TARGETS.keys()
    assert FOUND.keys() == {target for target, _ in MENDED}


def test_sound_inputs_and_what_was_found(named: str) -> None:
    target = _OPEN[named]
    for data in (b"", *target.seeds, *FOUND.get(named, ())):
        target.run(data)


@pytest.mark.parametrize("quick", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_sound_inputs_with_faults(named: str, quick: bool) -> None:
    target, dice = _OPEN[named], random.Random(20_26)
    for _ in range(QUICK_ROUNDS.get(named, ROUNDS) if quick else ROUNDS):
        target.run(mutated(target.seeds, dice))


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400))
def test_any_bytes(named: str, data: bytes) -> None:
    _OPEN[named].run(data)
