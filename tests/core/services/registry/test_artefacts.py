"""Files of a model: read without running what they hold, and stored once by their hash."""

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import skops.io
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from core.errors import InvalidInput, UnreadableFile
from core.services.registry.artefacts import (
    check_pipeline,
    check_table,
    keep,
    load_pipeline,
    sha256_of,
)
from tests.support.builders import a_contract

FEATURES = ["loan amount", "industry"]


class Homemade(BaseEstimator):  # type: ignore[misc]
    """A type that no allow-list knows, which counts how many are made of it."""

    made = 0

    def __new__(cls) -> Any:
        Homemade.made += 1
        return super().__new__(cls)


def a_table(columns: list[str] = FEATURES) -> pd.DataFrame:
    values: dict[str, list[Any]] = {
        "loan amount": [1.0, 2.0, 3.0, 4.0],
        "industry": ["food", "food", "IT", "IT"],
    }
    return pd.DataFrame({name: values[name] for name in columns})


def a_pipeline(columns: list[str] = FEATURES) -> Pipeline:
    encode = ColumnTransformer([("text", OrdinalEncoder(), ["industry"])], remainder="passthrough")
    return make_pipeline(encode, LogisticRegression()).fit(a_table(columns), [0, 1, 0, 1])


def saved(path: Path, thing: object) -> Path:
    skops.io.dump(thing, path)
    return path


def test_a_pipeline_survives_the_journey(tmp_path: Path) -> None:
    fitted = a_pipeline()
    path = saved(tmp_path / "m.skops", fitted)
    loaded = load_pipeline(path)
    table = a_table()
    assert loaded.predict_proba(table).tolist() == fitted.predict_proba(table).tolist()
    check_pipeline(path, a_contract())


def test_a_type_that_is_not_allowed_is_named_and_nothing_made_of_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "m.skops", make_pipeline(Homemade()))
    before = Homemade.made
    with pytest.raises(InvalidInput, match=r"m\.skops holds types .*Homemade"):
        load_pipeline(path)
    assert Homemade.made == before
    skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    assert Homemade.made > before  # else it would not be noticed


def test_what_is_no_skops_file_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(UnreadableFile, match=r"m\.skops is not a skops file"):
        load_pipeline(path)


@pytest.mark.parametrize("thing", [a_pipeline(FEATURES[::-1]), LogisticRegression()])
def test_inputs_in_another_order_or_without_names_are_refused(
    tmp_path: Path, thing: object
) -> None:
    path = saved(tmp_path / "m.skops", thing)
    with pytest.raises(InvalidInput, match="the contract's features loan amount, industry"):
        check_pipeline(path, a_contract())


def test_a_table_needs_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    a_table(["industry"]).to_parquet(path)
    check_table(path, ["industry"])
    with pytest.raises(InvalidInput, match=r"t\.parquet lacks the columns loan amount"):
        check_table(path, FEATURES)
    path.write_text("industry\nfood\n")
    with pytest.raises(UnreadableFile, match=r"t\.parquet is not a Parquet file"):
        check_table(path, FEATURES)


def test_a_file_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 3_000_000)  # more than one block
    digest = sha256_of(path)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    kept = keep(path, tmp_path / "models", digest)
    assert kept == tmp_path / "models" / digest[:2] / f"{digest}.bin"
    before = kept.stat().st_mtime_ns
    assert keep(path, tmp_path / "models", digest) == kept
    assert kept.stat().st_mtime_ns == before
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]
