"""Attributions of whole pipelines: by the definition, additive, sampled where need be."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from core.errors import InvalidInput, MissingColumn
from core.metrics.attribution import Method, Space, attribute, attribute_each, redraw
from core.services.registry.artefacts import load_pipeline
from data.build.common import DEMO
from tests.core.metrics.attribution.brute import brute_force
from tests.core.metrics.attribution.models import categories_by_type, model, names
from tests.core.metrics.attribution.people import FIELDS, defaults, lines_on, people


@pytest.mark.parametrize("name", names())
def test_exact_attributions_are_those_of_the_definition(name: str) -> None:
    made = model(name)
    rows, background = people(3, seed=5), people(25, seed=6)
    found = attribute(made.pipeline, rows, background, place=made.place)
    assert (found.method, found.space) == (made.method, made.space)
    assert (found.fields, found.background_rows) == (tuple(FIELDS), 25)
    assert found.error is None
    assert found.walks is None
    for place in range(len(rows)):
        row = rows.iloc[[place]]
        expected = brute_force(made.raw, row, background)
        assert found.values[place] == pytest.approx(expected, abs=1e-9)
        assert found.outputs[place] == pytest.approx(made.raw(row)[0], abs=1e-9)
    assert found.base == pytest.approx(np.mean(made.raw(background)), abs=1e-9)


def test_categories_that_a_type_holds_are_told_exactly() -> None:
    made, table = categories_by_type()
    rows, background = table.iloc[:2], table.iloc[100:120]
    found = attribute(made, rows, background, place=1)
    assert found.method is Method.tree
    for place in range(2):
        expected = brute_force(made.decision_function, rows.iloc[[place]], background)
        assert found.values[place] == pytest.approx(expected, abs=1e-9)


def test_a_word_that_training_never_had_goes_where_the_model_sends_it() -> None:
    made = model("histogram, categories")
    rows = people(2, seed=7)
    rows.loc[0, "town"] = "Cheung Chau"
    background = people(15, seed=8)
    found = attribute(made.pipeline, rows, background, place=1)
    assert found.values[0] == pytest.approx(
        brute_force(made.raw, rows.iloc[[0]], background), abs=1e-9
    )


def test_ten_thousand_loans_add_up_to_the_models_own_output() -> None:
    pipeline, rows, background = _loans()
    found = attribute(pipeline, rows, background, place=1)
    assert found.values.shape == (10_000, 11)
    own = pipeline.decision_function(rows[list(found.fields)])
    np.testing.assert_allclose(found.outputs, own, rtol=0, atol=1e-9)
    assert found.base == pytest.approx(
        pipeline.decision_function(background[list(found.fields)]).mean(), abs=1e-9
    )


def test_loans_are_told_by_the_definition() -> None:
    pipeline, rows, background = _loans()
    fields = list(pipeline.feature_names_in_)
    row, beside = rows[fields].iloc[[4]], background[fields].iloc[:20]
    expected = brute_force(pipeline.decision_function, row, beside)  # 2,048 sets of fields
    found = attribute(pipeline, row, beside, place=1)
    np.testing.assert_allclose(found.values[0], expected, rtol=0, atol=1e-12)


def test_a_loan_is_told_the_same_whatever_else_is_asked() -> None:
    pipeline, rows, background = _loans()
    together = attribute(pipeline, rows.iloc[:300], background, place=1)
    alone = attribute(pipeline, rows.iloc[[123]], background, place=1)
    assert alone.values[0].tolist() == together.values[123].tolist()


def test_backgrounds_together_give_what_each_gives_by_itself() -> None:
    pipeline, rows, pool = _loans()
    draws = redraw(len(pool), 20, 4, seed=5)
    found = attribute_each(pipeline, rows.iloc[:7], pool, draws, place=1)
    assert len(found) == 4
    for draw, each in zip(draws, found, strict=True):
        alone = attribute(pipeline, rows.iloc[:7], pool.iloc[draw], place=1)
        assert each.values.tolist() == alone.values.tolist()
        assert (each.base, each.background_rows) == (alone.base, 20)
    assert attribute_each(pipeline, rows.iloc[:7], pool, [], place=1) == []


def test_a_field_that_no_tree_reads_gets_nothing() -> None:
    pipeline, rows, background = _loans()
    read = {
        int(split)
        for (predictor,) in pipeline[-1]._predictors
        for split in predictor.nodes["feature_idx"][predictor.nodes["is_leaf"] == 0]
    }
    found = attribute(pipeline, rows.iloc[:50], background, place=1)
    encoded = [*pipeline[0].transformers_[0][2], *pipeline[0].transformers_[1][2]]
    unread = [found.fields.index(encoded[place]) for place in set(range(11)) - read]
    used = [found.fields.index(encoded[place]) for place in read]
    assert not found.values[:, unread].any()
    assert found.values[:, used].any(axis=0).all()


@pytest.mark.parametrize("name", ["histogram, categories", "forest", "logistic"])
def test_row_and_background_the_other_way_round_change_the_sign(name: str) -> None:
    made = model(name)
    one, other = people(1, seed=9), people(1, seed=10)
    there = attribute(made.pipeline, one, other, place=made.place)
    back = attribute(made.pipeline, other, one, place=made.place)
    assert there.values == pytest.approx(-back.values, abs=1e-12)


def test_columns_of_several_fields_are_told_by_every_set_of_fields() -> None:
    rows, background = people(2, seed=11), people(20, seed=12)
    pipeline = _of_several()
    found = attribute(pipeline, rows, background, place=1)
    assert (found.method, found.space) == (Method.enumerated, Space.probability)
    assert found.error is None
    for place in range(2):
        expected = brute_force(
            lambda x: pipeline.predict_proba(x)[:, 1], rows.iloc[[place]], background
        )
        assert found.values[place] == pytest.approx(expected, abs=1e-12)
        assert found.base == pytest.approx(pipeline.predict_proba(background)[:, 1].mean())


def test_many_fields_of_other_models_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.metrics.attribution.pipelines.MOST_FIELDS", 3)
    rows, background = people(2, seed=11), people(20, seed=12)
    pipeline = _of_several()
    found = attribute(pipeline, rows, background, place=1, pairs=3)
    assert (found.method, found.space) == (Method.sampled, Space.probability)
    assert found.walks == 20 * 3 * 2
    assert found.error is not None
    assert (found.error > 0).any()
    assert found.outputs == pytest.approx(pipeline.predict_proba(rows)[:, 1], abs=1e-12)
    draws = redraw(20, 5, 2, seed=1)
    for draw, each in zip(
        draws, attribute_each(pipeline, rows, background, draws, place=1, seed=3), strict=True
    ):
        alone = attribute(pipeline, rows, background.iloc[draw], place=1, seed=3)
        assert each.values.tolist() == alone.values.tolist()
        assert each.background_rows == 5


@pytest.mark.parametrize(
    "estimator",
    [
        AdaBoostClassifier(n_estimators=5, random_state=0),
        # Boosting that begins with what another model says of each row.
        GradientBoostingClassifier(n_estimators=5, init=LogisticRegression()),
    ],
)
def test_other_ensembles_are_not_read(estimator: Any) -> None:
    table = people()
    pipeline = lines_on(estimator).fit(table, defaults(table))
    row, background = people(1, seed=1), people(5, seed=2)
    found = attribute(pipeline, row, background, place=1)
    assert found.method is Method.enumerated
    expected = brute_force(lambda x: pipeline.predict_proba(x)[:, 1], row, background)
    assert found.values[0] == pytest.approx(expected, abs=1e-12)


def test_parts_that_do_not_add_up_to_the_models_own_scores_are_not_told() -> None:
    class Other(HistGradientBoostingClassifier):  # type: ignore[misc]
        """Reads like the known ensemble, and answers something else."""

    table = people()[["income", "age"]]
    made = HistGradientBoostingClassifier(max_iter=5).fit(table, defaults(people()))
    assert attribute(made, table.iloc[:2], table.iloc[5:9], place=1).method is Method.tree
    made.predict_proba = lambda frame: np.full((len(frame), 2), 0.5)
    found = attribute(made, table.iloc[:2], table.iloc[5:9], place=1)
    assert found.method is Method.enumerated
    assert not found.values.any()
    other = Other(max_iter=5).fit(table, defaults(people()))
    assert attribute(other, table.iloc[:2], table.iloc[5:9], place=1).method is Method.enumerated


def test_what_cannot_be_told_is_refused() -> None:
    made = model("histogram")
    table = people(5)
    with pytest.raises(InvalidInput, match="at least one row"):
        attribute(made.pipeline, table, table.iloc[:0], place=1)
    with pytest.raises(MissingColumn, match="town"):
        attribute(made.pipeline, table.drop(columns="town"), table, place=1)
    with pytest.raises(MissingColumn, match="age"):
        attribute(made.pipeline, table, table.drop(columns="age"), place=1)
    nameless = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(InvalidInput, match="by name"):
        attribute(nameless, table, table, place=1)


def test_no_rows_get_no_values() -> None:
    made = model("histogram")
    found = attribute(made.pipeline, people(3).iloc[:0], people(5), place=1)
    assert found.values.shape == (0, len(FIELDS))
    assert found.base == pytest.approx(made.raw(people(5)).mean())


def test_other_columns_and_another_order_change_nothing() -> None:
    made = model("histogram")
    rows, background = people(3, seed=5), people(10, seed=6)
    plain = attribute(made.pipeline, rows, background, place=1)
    mixed = attribute(
        made.pipeline, rows[FIELDS[::-1]].assign(more=1), background[FIELDS[::-1]], place=1
    )
    assert mixed.fields == plain.fields
    assert mixed.values.tolist() == plain.values.tolist()


def _of_several() -> Any:
    """Return a pipeline in a pipeline, whose model sees no column of one field alone."""
    table = people()
    pipeline = lines_on(make_pipeline(PCA(3), LogisticRegression()))
    return pipeline.fit(table, defaults(table))


def _loans() -> tuple[Any, pd.DataFrame, pd.DataFrame]:
    folder: Path = DEMO / "sba-loan-default"
    rows = pd.read_parquet(folder / "predictions.parquet").iloc[:10_000]
    background = pd.read_parquet(folder / "training.parquet").sample(50, random_state=0)
    return load_pipeline(folder / "model.skops"), rows, background
