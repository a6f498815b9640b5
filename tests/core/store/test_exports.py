import core.store
from core.store import jobs, manifest, tables


def test_what_is_exported_exists_and_is_sorted() -> None:
    for module in (core.store, tables, jobs, manifest):
        names = module.__all__
        assert all(hasattr(module, name) for name in names)
        assert len(set(names)) == len(names)


def test_every_table_is_exported() -> None:
    assert set(tables.metadata.tables) <= set(tables.__all__)
