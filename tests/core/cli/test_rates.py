"""Exchange rates on the command line."""

import json
from pathlib import Path

from tests.support.program import Run


def test_rates_are_imported_and_listed(run: Run, tmp_path: Path) -> None:
    assert run("init")[0] == 0
    file = tmp_path / "rates.csv"
    file.write_text("day,currency,hkd\n2010-03-01,USD,7.76\n", encoding="utf-8")
    code, out, err = run("rates", "import", str(file))
    assert (code, err) == (0, "")
    assert "1 added, 0 replaced, 0 known before." in out
    code, out, _ = run("rates", "import", str(file), "--json")
    assert (code, json.loads(out)["known"]) == (0, 1)
    (row,) = json.loads(run("rates", "list", "--json")[1])["rows"]
    assert (row["currency"], row["days"], row["first"]) == ("USD", 1, "2010-03-01")
    assert row["HKD for one"] == 7.76
    assert "7.76" in run("rates", "list")[1]
    file.write_text("day,currency,hkd\n2010-03-01,USD,7.5\n", encoding="utf-8")
    code, _, err = run("rates", "import", str(file))
    assert (code, "--replace" in err) == (1, True)
    assert run("rates", "import", str(file), "--replace")[0] == 0
    file.write_text("day,currency,hkd\n2010-03-32,USD,7.5\n", encoding="utf-8")
    code, _, err = run("rates", "import", str(file))
    assert (code, "Line 2, column day" in err) == (1, True)
