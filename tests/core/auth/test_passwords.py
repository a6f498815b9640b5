import time

import bcrypt
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.auth import passwords
from core.errors import InvalidInput

GOOD = "correct horse battery"
LONGEST = "the ferry leaves Cheung Chau at seven, and the fog is already lifting..."
# 4 is bcrypt's lowest cost; the product's own is measured in one test below.
CHEAP = 4


def test_a_password_matches_its_hash_and_no_other() -> None:
    stored = passwords.hash_password(GOOD, cost=CHEAP)
    assert passwords.verify_password(GOOD, stored)
    assert not passwords.verify_password(GOOD + "!", stored)
    assert not passwords.verify_password("", stored)
    assert passwords.hash_password(GOOD, cost=CHEAP) != stored


def test_chinese_passwords_work() -> None:
    password = "數據漂移監察模型風險管理平台"
    assert passwords.verify_password(password, passwords.hash_password(password, cost=CHEAP))


def test_hashes_are_bcrypt_of_the_stated_cost() -> None:
    stored = passwords.hash_password(GOOD)
    assert stored.startswith("$2b$12$")
    assert bcrypt.checkpw(GOOD.encode(), stored.encode())


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "too short"),
        ("eleven char", "too short"),
        ("x" * 12, "easy to guess"),
        ("abcabcabcabc", "easy to guess"),
        ("Mary.Contrary", "easy to guess"),
        ("123456789abc", "easy to guess"),
        ("$2b$12$kM6KV9LgeDTAraQbA/3F/e4hB5L.IcMXz.Vil1bxrsZ.49pGK9mNK", "easy to guess"),
        ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA", "easy to guess"),
        (LONGEST + "c", "too long"),
        ("模型風險" * 6 + "a", "too long"),
        ("with a \x00 inside", "cannot be used"),
        ("half a pair \ud800", "cannot be used"),
    ],
)
def test_what_the_policy_refuses(password: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        passwords.check_policy(password, names=["mary.contrary"])


def test_the_limits_themselves_are_allowed() -> None:
    passwords.check_policy("twelve chars")
    assert len(LONGEST.encode()) == 72
    stored = passwords.hash_password(LONGEST, cost=CHEAP)
    assert passwords.verify_password(LONGEST, stored)
    assert not passwords.verify_password(LONGEST + "x", stored)
    assert not passwords.verify_password(LONGEST[:-1], stored)


def test_a_text_that_looks_like_a_hash_is_never_taken_for_one() -> None:
    stored = passwords.hash_password(GOOD, cost=CHEAP)
    with pytest.raises(InvalidInput, match="easy to guess"):
        passwords.hash_password(stored)
    assert not passwords.verify_password(stored, stored)


def test_hashing_applies_the_policy() -> None:
    with pytest.raises(InvalidInput, match="too short"):
        passwords.hash_password("short")


def test_an_unknown_user_takes_as_long_as_a_known_one() -> None:
    stored = passwords.hash_password(GOOD)

    def seconds(password_hash: str | None, password: str) -> float:
        started = time.process_time()
        assert not passwords.verify_password(password, password_hash)
        return time.process_time() - started

    known = min(seconds(stored, GOOD[1:]) for _ in range(3))
    for other in (
        min(seconds(None, GOOD) for _ in range(3)),
        min(seconds(stored, "x" * 100) for _ in range(3)),
        min(seconds("not a hash", GOOD) for _ in range(3)),
    ):
        # The same work: within a factor of two on any machine, where a shortcut is 1000 times.
        assert known / 2 < other < known * 2


def test_no_password_matches_a_missing_hash() -> None:
    for password in ("", "unreadable", GOOD):
        assert not passwords.verify_password(password, None)


def test_a_stored_text_that_is_no_hash_matches_nothing() -> None:
    assert not passwords.verify_password(GOOD, "數")


@hypothesis_settings(max_examples=50)
@given(st.integers(12, 72))
def test_generated_passwords_meet_the_policy_and_differ(length: int) -> None:
    made = {passwords.generate_password(length) for _ in range(5)}
    assert len(made) == 5
    for password in made:
        passwords.check_policy(password)
        assert len(password) == length
        assert not set(password) & set("0O1lI")


def test_a_generated_password_is_twenty_characters_long_unless_asked() -> None:
    assert len(passwords.generate_password()) == 20
    assert len(passwords.generate_password(12)) == 12


def test_a_short_generated_password_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least 12"):
        passwords.generate_password(11)
