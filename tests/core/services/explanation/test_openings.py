"""Some values of a record are shown and proved, the others are not; checked by the verifier."""

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reports.dossier import verify
from core.services.explanation.openings import Opening, commitment, opened
from core.store.audit.canonical import canonical_bytes

_NAMES = st.text("ab/~é", min_size=1, max_size=3)
_SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | st.text(max_size=4)
_VALUES = st.recursive(
    _SCALARS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(_NAMES, inside, max_size=3),
    max_leaves=12,
)
RECORDS = st.dictionaries(_NAMES, _VALUES, max_size=4).map(lambda found: {**found, "salt": "5a17"})


def _again(opening: Opening) -> str:
    """Return the commitment as somebody finds it who has the opening alone."""
    document = verify.read_json(canonical_bytes(opening.document))
    return verify.commitment(document, opening.salts, opening.withheld)


def test_the_hash_is_made_as_the_documentation_says() -> None:
    document = {"salt": "00ff", "amount": 25_000.0}

    def leaf(path: str, value: str) -> bytes:
        salt = hmac.new(b"00ff", path.encode(), sha256).hexdigest()
        return sha256(b"\x00" + f'["{path}","{salt}",{value}]'.encode()).digest()

    by_hand = sha256(b"\x01" + leaf("/amount", "25000") + leaf("/salt", '"00ff"')).hexdigest()
    assert commitment(document) == by_hand


@given(RECORDS, st.data())
def test_whatever_is_left_out_the_rest_is_proved(record: dict[str, Any], data: Any) -> None:
    places = sorted(opened(record, ()).salts)
    hidden = data.draw(st.sets(st.sampled_from(places)))

    opening = opened(record, hidden)
    assert _again(opening) == commitment(record)
    assert set(opening.withheld) == (hidden | {"/salt"} if hidden else set())
    assert set(opening.salts) == set(places) - set(opening.withheld)


@given(RECORDS, st.data())
def test_another_value_is_found_out(record: dict[str, Any], data: Any) -> None:
    opening = opened(record, ())
    place = data.draw(st.sampled_from(sorted(opening.salts)))
    changed = _put(opening.document, place.split("/")[1:], "another value")

    read = verify.read_json(canonical_bytes(changed))
    assert verify.commitment(read, opening.salts, {}) != commitment(record)


def test_what_is_left_out_cannot_be_guessed_from_what_is_given() -> None:
    record = {"salt": "5a17", "amount": 25_000, "decision": "decline"}
    opening = opened(record, {"/amount"})

    assert opening.document == {"salt": None, "amount": None, "decision": "decline"}
    assert "5a17" not in json.dumps([opening.salts, opening.withheld])
    assert opening.salts.keys() == {"/decision"}  # not the random part of the amount


@pytest.mark.parametrize("name", ["salts", "withheld"])
def test_a_value_that_is_in_neither_list_or_in_both_is_refused(name: str) -> None:
    opening = opened({"salt": "5a17", "amount": 1, "decision": "decline"}, {"/amount"})
    lists = {"salts": dict(opening.salts), "withheld": dict(opening.withheld)}
    place = next(iter(lists[name]))
    del lists[name][place]
    document = verify.read_json(canonical_bytes(opening.document))

    with pytest.raises(verify.Bad, match="not those"):
        verify.commitment(document, lists["salts"], lists["withheld"])
    with pytest.raises(verify.Bad, match="not those"):
        verify.commitment(document, {**opening.salts, "/amount": "00"}, opening.withheld)
    shown = {**document, "amount": "1"}
    with pytest.raises(verify.Bad, match="yet there"):
        verify.commitment(shown, opening.salts, opening.withheld)


def _put(value: Any, path: list[str], new: str) -> Any:
    if not path:
        return new
    name = path[0].replace("~1", "/").replace("~0", "~")
    if isinstance(value, dict):
        return {**value, name: _put(value[name], path[1:], new)}
    return [_put(e, path[1:], new) if str(n) == name else e for n, e in enumerate(value)]
