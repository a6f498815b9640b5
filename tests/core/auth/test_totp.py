import base64
import re
from datetime import UTC, datetime, timedelta

import pytest

from core.auth import totp
from tests.support.fakes import START

# RFC 6238, appendix B: the SHA-1 key is the ASCII text 12345678901234567890; the last six of the
# eight digits printed there.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("second", "code"), RFC_CODES)
def test_the_codes_are_those_of_the_standard(second: int, code: str) -> None:
    at = datetime.fromtimestamp(second, UTC)
    assert totp.code_at(RFC_SECRET, at) == code
    assert totp.matching_step(RFC_SECRET, code, at=at, last_step=0) == second // 30


def test_a_code_counts_for_one_step_around_now_and_not_again() -> None:
    step = int(START.timestamp()) // 30
    code = totp.code_at(RFC_SECRET, START)
    for seconds, found in ((-30, step), (0, step), (30, step), (-60, None), (60, None)):
        at = START + timedelta(seconds=seconds)
        assert totp.matching_step(RFC_SECRET, code, at=at, last_step=0) == found
    assert totp.matching_step(RFC_SECRET, code, at=START, last_step=step) is None
    assert totp.matching_step(RFC_SECRET, code, at=START, last_step=step - 1) == step


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２３", "\ud800", "0" * 100])
def test_what_is_no_code_does_not_count(typed: str) -> None:
    assert totp.matching_step(RFC_SECRET, typed, at=START, last_step=0) is None


def test_spaces_and_full_width_digits_do_not_matter() -> None:
    code = totp.code_at(RFC_SECRET, START)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    for typed in (f" {code[:3]} {code[3:]} ", wide):
        assert totp.matching_step(RFC_SECRET, typed, at=START, last_step=0) is not None


def test_secrets_and_recovery_codes_are_random_and_long() -> None:
    assert len({totp.new_secret() for _ in range(50)}) == 50
    assert len(base64.b32decode(totp.new_secret())) == 20  # 160 bits, as RFC 4226 recommends
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == len(codes) == 10
    # Twelve of thirty letters and digits, none like another: 12 · log2(30) = 59 bits.
    assert all(re.fullmatch("([2-9a-hjkmnp-z]{4}-){2}[2-9a-hjkmnp-z]{4}", each) for each in codes)
    assert all(len(totp.tidy(code)) == 12 for code in codes)


def test_the_address_names_product_and_person() -> None:
    uri = totp.provisioning_uri(RFC_SECRET, "ada")
    assert uri.startswith("otpauth://totp/Harbourlight:ada?")
    assert f"secret={RFC_SECRET}" in uri
