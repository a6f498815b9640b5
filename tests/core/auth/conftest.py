"""Passwords are hashed here as the product hashes them, unless a test says otherwise."""

from collections.abc import Iterator

import pytest

from tests.support.quick import passwords_as_in_use


@pytest.fixture(autouse=True)
def hashed_as_in_use() -> Iterator[None]:
    with passwords_as_in_use():
        yield
