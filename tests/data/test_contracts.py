"""Each model's contract fits its files: columns, languages, artefacts, times."""

from itertools import pairwise

import pandas as pd
import pyarrow.parquet as pq
import pytest
import skops.io

from core.contract import LocalisedText, ModelContract, load_contract
from core.contract.kpi_definitions import kpi_definitions, kpi_parameters
from data.build.common import DEMO, sha256_of

MODELS = (
    "sba-loan-default",
    "loanapp-fair-lending",
    "acs-employment",
    "customer-repurchase",
    "sku-demand",
)
ALLOWED = {"sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"}


@pytest.fixture(params=MODELS)
def contract(request: pytest.FixtureRequest) -> ModelContract:
    return load_contract(DEMO / str(request.param) / "model.yaml")


def test_the_folder_is_the_models_id(contract: ModelContract) -> None:
    assert (DEMO / contract.id).is_dir()


def test_the_log_has_every_declared_column_and_no_other(contract: ModelContract) -> None:
    named = set(contract.log.mapping().values()) | set(contract.stored_columns)
    assert set(pq.read_schema(DEMO / contract.id / "predictions.parquet").names) == named


def test_no_protected_column_is_a_feature(contract: ModelContract) -> None:
    features = {feature.name for feature in contract.features}
    assert not features & set(contract.protected)
    assert not features & {"race", "sex", "male", "white"}


def test_what_tells_about_a_person_is_personal(contract: ModelContract) -> None:
    """What is not is named in data/README.md, with the reason."""
    impersonal = {
        "loanapp-fair-lending": {"unemployment_rate", "decision_source"},
        "acs-employment": {"survey_year"},
        # Firms; who the borrower is, is the subject.
        "sba-loan-default": set(contract.stored_columns),
        "customer-repurchase": {"decision_source", "campaign_group", "country"},
        # Products.
        "sku-demand": set(contract.stored_columns),
    }[contract.id]
    assert set(contract.stored_columns) - contract.personal_log_columns == impersonal
    assert contract.log.subject is None or contract.is_personal("subject")


def test_names_and_labels_are_written_in_three_languages(contract: ModelContract) -> None:
    texts: list[LocalisedText | None] = [contract.name, contract.purpose]
    texts += [feature.label for feature in contract.features]
    texts += [text for kpi in kpi_definitions(contract) for text in (kpi.name, kpi.meaning)]
    texts += _advice(contract)
    texts += [each.label for each in kpi_parameters(contract).values()]
    texts += [segment.label for segment in contract.segments if segment.edges]
    codes = {"%", contract.currency}
    units = [feature.unit for feature in contract.features if feature.unit]
    texts += [unit for unit in units if unit.en not in codes]
    for text in texts:
        assert text is not None
        assert text.zh_hant
        assert text.zh_hans
        assert text.en not in {text.zh_hant, text.zh_hans}


def test_limits_come_after_targets_and_only_where_one_way_is_better(
    contract: ModelContract,
) -> None:
    """A limit to watch warns before a target is missed; beyond the limit to act it is missed."""
    for kpi in kpi_definitions(contract):
        sign = 1 if kpi.direction == "higher_is_better" else -1
        limits = [kpi.watch, *(each.value for each in kpi.targets), kpi.act]
        given = [sign * each for each in limits if each is not None]
        assert all(one > other for one, other in pairwise(given)), kpi.id
        assert not given or kpi.direction != "neutral", kpi.id


def test_traditional_chinese_holds_no_simplified_character(contract: ModelContract) -> None:
    import opencc

    to_traditional = opencc.OpenCC("s2t")
    to_simplified = opencc.OpenCC("t2s")
    texts = [contract.name, contract.purpose, *(item.label for item in contract.features)]
    texts += [text for kpi in kpi_definitions(contract) for text in (kpi.name, kpi.meaning)]
    texts += _advice(contract)
    for text in texts:
        assert text is not None
        # Hong Kong writes 批核, where opencc would write 覈.
        traditional = text.zh_hant.replace("批核", "批")
        assert to_traditional.convert(traditional) == traditional
        assert to_simplified.convert(text.zh_hans) == text.zh_hans


def _advice(contract: ModelContract) -> list[LocalisedText]:
    advised = [item.actionable for item in contract.features if item.actionable is not None]
    return [each.advice for each in advised if each.advice is not None]


def test_nobody_is_told_to_change_who_they_are(contract: ModelContract) -> None:
    """What a person could change is named here, so that it is not widened in passing."""
    assert {item.name for item in contract.features if item.actionable} == {
        "sba-loan-default": {"loan_amount", "revolving_credit", "same_state_bank"},
        "loanapp-fair-lending": {"loan_amount", "term", "unverified_information", "cosigner"},
    }.get(contract.id, set())


def test_every_kpi_can_be_computed_from_what_is_declared(contract: ModelContract) -> None:
    assert [kpi.id for kpi in kpi_definitions(contract) if kpi.unavailable] == []


def test_targets_are_the_demos_own_and_older_than_the_log(contract: ModelContract) -> None:
    times = pd.read_parquet(DEMO / contract.id / "predictions.parquet")[contract.log.time]
    for kpi in kpi_definitions(contract, times.min()):
        assert not kpi.set_after_go_live
        assert all("(demo)" in target.set_by for target in kpi.targets)


def test_what_is_assumed_is_marked(contract: ModelContract) -> None:
    """A number that no data of the set give is simulated, and each says where it is from."""
    made_up = {"margin", "offer_cost"}
    for name, each in contract.parameters.items():
        assert each.simulated == (name in made_up)
        assert each.note


def test_artefacts_have_the_stated_hash_inputs_and_types(contract: ModelContract) -> None:
    for version in contract.versions:
        if version.artefact is None:
            continue
        path = DEMO / contract.id / version.artefact
        assert sha256_of(path) == version.sha256
        assert set(skops.io.get_untrusted_types(file=path)) <= ALLOWED
        pipeline = skops.io.load(path, trusted=sorted(ALLOWED))
        assert list(pipeline.feature_names_in_) == [item.name for item in contract.features]


def test_outcomes_follow_their_predictions(contract: ModelContract) -> None:
    folder, log = DEMO / contract.id, contract.log
    assert contract.outcome is not None
    predicted = pd.read_parquet(
        folder / "predictions.parquet", columns=[log.prediction_id, log.time]
    )
    known = pd.read_parquet(folder / "outcomes.parquet")
    assert set(known[log.prediction_id]) <= set(predicted[log.prediction_id])
    assert predicted[log.prediction_id].is_unique
    both = predicted.merge(known, on=log.prediction_id)
    assert (both[contract.outcome.time] >= both[log.time]).all()
    age, end = contract.outcome.matures_after, known[contract.outcome.time].max()
    matured = predicted[log.time] + pd.DateOffset(months=age.months, hours=age.hours) < end
    assert set(predicted.loc[matured, log.prediction_id]) <= set(known[log.prediction_id])


@pytest.mark.parametrize("model", [name for name in MODELS if name != "customer-repurchase"])
def test_an_outcome_is_told_once(model: str) -> None:
    contract = load_contract(DEMO / model / "model.yaml")
    known = pd.read_parquet(DEMO / model / "outcomes.parquet")
    assert known[contract.log.prediction_id].is_unique


def test_files_are_in_time_order(contract: ModelContract) -> None:
    times = pd.read_parquet(DEMO / contract.id / "predictions.parquet")[contract.log.time]
    assert times.is_monotonic_increasing


def test_the_reference_lies_within_the_log(contract: ModelContract) -> None:
    times = pd.read_parquet(DEMO / contract.id / "predictions.parquet")[contract.log.time]
    days = times.dt.tz_convert(contract.timezone).dt.date
    assert days.min() <= contract.reference.start + pd.Timedelta(days=3)
    assert days.max() >= contract.reference.end
