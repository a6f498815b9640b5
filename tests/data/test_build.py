"""The tools of the build: readers, simulated times, reproducible files."""

import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from data.build import common, sba
from data.build.simulate import Incident, office_times, operations


def test_two_digit_years_above_fourteen_lie_in_the_last_century() -> None:
    read = sba.dates(pd.Series(["28-Feb-97", "1-Jan-15", "31-Dec-14", "2-Jul-06", None]))
    assert [str(day)[:10] for day in read[:4]] == [
        "1997-02-28",
        "1915-01-01",
        "2014-12-31",
        "2006-07-02",
    ]
    assert read.isna().tolist() == [False, False, False, False, True]


def test_money_is_read_without_its_signs() -> None:
    assert sba.money(pd.Series(["$60,000.00 ", "$0.00 "])).tolist() == [60_000.0, 0.0]


def test_office_times_keep_the_day_and_rise_within_it() -> None:
    days = pd.Series(pd.to_datetime(["2008-03-07"] * 500 + ["2008-03-10"] * 500))
    times = office_times(days, zone="America/New_York", seed=1)
    local = times.dt.tz_convert("America/New_York")
    assert (local.dt.normalize().dt.tz_localize(None) == days).all()
    assert times.is_monotonic_increasing
    assert local.dt.hour.between(8, 17).all()
    assert times.equals(office_times(days, zone="America/New_York", seed=1))


def test_an_incident_changes_its_own_hours_only() -> None:
    times = pd.Series(pd.date_range("2010-11-16 13:00", periods=4000, freq="9s", tz="UTC"))
    quiet = Incident("2010-11-16 10:00", "2010-11-16 12:00", error_share=0.0, slow_down=1.0)
    loud = Incident("2010-11-16 10:00", "2010-11-16 12:00", error_share=0.5, slow_down=8.0)
    before = operations(times, zone="America/New_York", seed=3, incident=quiet)
    after = operations(times, zone="America/New_York", seed=3, incident=loud)
    hour = times.dt.tz_convert("America/New_York").dt.hour
    during = (hour >= 10) & (hour < 12)
    pd.testing.assert_frame_equal(before[~during], after[~during])
    ratio = after.loc[during, "latency_ms"] / before.loc[during, "latency_ms"]
    assert ratio.median() == pytest.approx(8, rel=0.02)
    # 800 requests at one half: five standard deviations are 0.09.
    assert (after.loc[during, "status"] == "error").mean() == pytest.approx(0.5, abs=0.09)


def test_a_pipeline_is_written_to_the_same_bytes_and_still_loads(tmp_path: Path) -> None:
    inputs = np.array([[0.0], [1.0], [2.0], [3.0]])
    first, second = (LogisticRegression().fit(inputs, [0, 0, 1, 1]) for _ in range(2))
    one, two = tmp_path / "one.skops", tmp_path / "two.skops"
    assert common.write_pipeline(first, one) == common.write_pipeline(second, two)
    assert zipfile.ZipFile(one).testzip() is None
    loaded = skops.io.load(one)
    np.testing.assert_array_equal(loaded.predict_proba(inputs), first.predict_proba(inputs))


def test_a_hash_is_pinned_to_the_version_that_names_the_artefact(tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    versions = "".join(
        f'  - id: {name}\n    artefact: model-{name}.skops\n    sha256: "{"0" * 64}"\n'
        for name in "ab"
    )
    spec.write_text(f"versions:\n{versions}", encoding="utf-8")
    common.pin_artefact(spec, "model-b.skops", "f" * 64)
    lines = spec.read_text(encoding="utf-8").splitlines()
    assert [line.strip()[9:11] for line in lines if "sha256" in line] == ["0" * 2, "f" * 2]
    with pytest.raises(RuntimeError, match=r"model-c\.skops"):
        common.pin_artefact(spec, "model-c.skops", "f" * 64)


def test_a_wheel_with_another_hash_is_not_taken_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "CACHE", tmp_path)
    (tmp_path / "some_set-1.0-py3-none-any.whl").write_bytes(b"tampered")
    asked: list[list[str]] = []

    def refuse(command: list[str], *, check: bool) -> None:
        assert check
        asked.append(command)

    monkeypatch.setattr(subprocess, "run", refuse)
    source = common.Source("some-set", "1.0", "0" * 64, "none")
    with pytest.raises(RuntimeError, match="hash"):
        common.fetch(source)
    (command,) = asked
    assert {"--no-deps", "--require-hashes"} <= set(command)
