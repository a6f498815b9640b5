from pathlib import Path

from bench.contract import MODEL, contract_document, write_contract
from bench.dataset import SEGMENT_COLUMNS, Dataset
from core.contract import load_contract

DATASET = Dataset(10, (Path("log-000.parquet"),), ("income",), ("region", "industry"))


def test_the_contract_can_be_registered(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    write_contract(path, contract_document(MODEL, DATASET, SEGMENT_COLUMNS))
    contract = load_contract(path)
    assert [feature.name for feature in contract.features] == ["income", "region", "industry"]
    assert [segment.source for segment in contract.segments] == list(SEGMENT_COLUMNS)
    assert contract.reference.days == 60
    assert contract.timezone == "Asia/Hong_Kong"
