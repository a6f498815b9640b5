import secrets
import string

import pytest

from core.auth.blocklist import entry, is_guessable


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",  # a row of keys
        "qwertyuiopasdf",
        "1qaz2wsx3edc4rfv",
        "abcdefghijklmnop",
        "zyxwvutsrqponm",
        "xxxxxxxxxxxx",  # repetition
        "abcabcabcabc",
        "密碼密碼密碼密碼密碼密碼",
        "passwordpassword",
        "password1234",  # a common word with digits
        "P@ssw0rd2024!",
        "ILoveYou!!!2024",
        "1q2w3e4r5t6y",  # on the list itself
        "harbourlight2026",  # the product
        "Harbour Light 123",
        "mary.contrary99",  # the person
        "MaryContrary2026!",
    ],
)
def test_what_guessers_try_first(password: str) -> None:
    assert is_guessable(password, ["mary.contrary", "Mary Contrary"])


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "dragonfly-harbour-tea",
        "模型風險管理監察數據漂移",
        "tr0ub4dor&3xyz",
        "mary had eleven ducks",
        "ferry 7:15 fog lifting",
    ],
)
def test_what_has_to_be_searched_for(password: str) -> None:
    assert not is_guessable(password, ["mary.contrary", "Mary Contrary"])


@pytest.mark.parametrize(
    ("password", "left", "guessable"),
    [
        ("dragondragondragon", "a common word, once repetition is taken off", True),
        ("zk4wqzk4wqzk4wq", "five: what is repeated", True),
        ("zk4wqzk4wq", "five: what stands there twice", True),
        ("zk4wqmzk4wqm", "six, repeated", False),
        ("bzkbbzkkbzzb", "three letters, worth five however they are mixed", True),
        ("bzkwbbzkwbzk", "four letters, worth six", False),
        ("zkvwq7890", "five before the row of keys at the end", True),
        ("zkvwqm7890", "six before it", False),
        ("abckxyzq789w", "three keys of a row are no row", False),
        ("zkvwqz", "six: that it ends as it begins is no repetition", False),
    ],
)
def test_what_is_left_must_be_worth_six_characters(
    password: str, left: str, guessable: bool
) -> None:
    assert is_guessable(password) is guessable, left


def test_names_count_from_three_letters_on() -> None:
    assert is_guessable("annzkvwq", ["Ann Li"])  # five are left of it
    assert not is_guessable("lizkvwq", ["Ann Li"])
    assert not is_guessable("annzkvwq")


def test_the_longest_name_is_taken_out_first() -> None:
    # Without "ann" in its middle nobody would know "hannah" for a name: five are left of this.
    assert is_guessable("hannahzkvwq", ["Ann Hannah"])
    assert not is_guessable("hannahzkvwq", ["Ann"])


def test_random_passwords_are_never_refused() -> None:
    letters = string.ascii_letters + string.digits
    for _ in range(2000):
        assert not is_guessable("".join(secrets.choice(letters) for _ in range(14)))


def test_the_list_is_kept_as_hashes() -> None:
    # First ten hexadecimal digits of SHA-256("password"), by sha256sum.
    assert entry("password") == "5e884898da"
