import pytest

from core.store import Store, settings


def test_settings_keep_json_values(store: Store) -> None:
    with store.begin() as conn:
        assert settings.get(conn, "k") is None
        assert settings.get(conn, "k", 7) == 7
        for value in (0, False, "", "數據", 1.5, ["a", {"b": None}], {"nul": "\x00"}):
            settings.put(conn, "k", value)
            assert settings.get(conn, "k", 7) == value
            assert settings.get(conn, "k", lock=True) == value
        settings.put(conn, "a", 1)
        assert settings.get_all(conn) == {"a": 1, "k": {"nul": "\x00"}}
        settings.remove(conn, "k")
        settings.remove(conn, "k")
        assert settings.get_all(conn) == {"a": 1}


def test_nothing_is_not_a_value(store: Store) -> None:
    with store.begin() as conn, pytest.raises(ValueError, match="removed"):
        settings.put(conn, "k", None)
