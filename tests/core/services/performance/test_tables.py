"""The table that a reader takes away: the figures, and in each line what was asked."""

import csv
import io
import math

from core.services.performance import csv_table
from core.services.safe_csv import csv_bytes
from tests.support.lender import Lender

ASKED = ("model", "from", "to", "as_of", "version", "slice")


def test_each_line_is_a_figure_with_what_was_asked(lender: Lender) -> None:
    found, estimates = lender.ask(version="2", slice="sector=零售", by="quarter")
    rows = found.rows(estimates.bands)
    header, lines = csv_table(found.view, rows)
    assert len(lines) == len(rows) == len(found.figures) * 4
    assert len(set(header)) == len(header)
    for row, line in zip(rows, lines, strict=True):
        shown = dict(zip(header, line, strict=True))
        assert [shown[name] for name in ASKED] == [
            "loans",
            "2023-12-31T16:00:00+00:00",
            found.view.window.end.isoformat(),
            found.view.as_of.isoformat(),
            "2",
            "sector=零售",
        ]
        assert (shown["metric"], shown["chunk"]) == (row.metric, row.chunk["key"])
        assert shown["predictions"] == row.chunk["n"]
        assert shown["warnings"] == " ".join(row.warnings)
        for name in ("n", "maturity", "basis", "status", "level", "threshold"):
            assert shown[name] == getattr(row, name)
        for name in ("realised", "realised_low", "estimated", "lower", "upper", "labelled_share"):
            value = getattr(row, name)
            assert shown[name] == (None if math.isnan(value) else value)


def test_what_is_not_known_is_empty_in_the_file(lender: Lender) -> None:
    found, estimates = lender.ask("plain")
    header, lines = csv_table(found.view, found.rows(estimates.bands))
    text = csv_bytes(header, lines).decode("utf-8-sig")
    read = list(csv.DictReader(io.StringIO(text)))
    assert "nan" not in text.lower()
    assert len(read) == len(lines)
    newest = next(line for line in read if line["chunk"] == "2024-12")
    assert (newest["realised"], newest["estimated"], newest["status"]) == ("", "", "no_labels")
    first = next(line for line in read if line["metric"] == "roc_auc")
    assert float(first["realised"]) == float(found.figures["roc_auc"].value[0])
    assert (first["version"], first["slice"]) == ("", "")
