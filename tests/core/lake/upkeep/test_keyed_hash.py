import hmac

import duckdb
import pytest

from core.lake.upkeep.keyed_hash import KeyedHash


@pytest.mark.parametrize("length", [1, 32, 64])
def test_it_is_the_standard_librarys_hmac(length: int) -> None:
    key = bytes(range(7, 7 + length))
    texts = ["", "abc", "旺角 9B", "x" * 200, "a'b\\x00;--"]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE texts (place INTEGER, content VARCHAR)")
        connection.executemany("INSERT INTO texts VALUES (?, ?)", list(enumerate(texts)))
        connection.execute("INSERT INTO texts VALUES (9, NULL)")
        hashed = KeyedHash(key)
        found = connection.execute(
            f"SELECT {hashed.sql('content')} FROM texts ORDER BY place", hashed.parameters
        ).fetchall()
    expected = [hmac.new(key, text.encode(), "sha256").hexdigest() for text in texts]
    assert [row[0] for row in found] == [*expected, None]
    assert repr(key) not in repr(hashed)
