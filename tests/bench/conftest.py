"""A generated log that several tests read."""

import pytest

from bench.dataset import Dataset, read_dataset, write_dataset

ROWS = 30_000


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("log")
    write_dataset(ROWS, 7, folder)
    written = read_dataset(folder)
    assert written is not None
    return written
