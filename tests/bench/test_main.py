import json
from pathlib import Path

import pytest

import bench.__main__ as program
from bench.findings import Found, kept
from bench.measure import ChildFailed
from bench.parts import PARTS, Bench, Part


def names_of(arguments: list[str]) -> list[str]:
    return [part.name for part in program.options_of(arguments).parts]


def test_without_names_the_parts_of_minutes_are_measured() -> None:
    short, every = names_of([]), names_of(["--all"])
    assert every == [part.name for part in PARTS]
    assert 0 < len(short) < len(every)
    assert all(part.minutes <= 6 for part in PARTS if part.name in short)


def test_a_named_part_is_measured_however_long_it_takes() -> None:
    assert names_of(["mutation", "log"]) == ["mutation", "log"]
    assert names_of(["page"]) == []


@pytest.mark.parametrize("arguments", [["nothing"], ["log", "page"]])
def test_an_unknown_name_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        program.options_of(arguments)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sizes: list[int] = []

    def sound(bench: Bench) -> Found:
        sizes.append(bench.size(9, 1))
        return Found((), {"a": 1.0})

    def broken(_bench: Bench) -> Found:
        raise ChildFailed("no")

    both = (Part("sound", "S", "", 1, sound), Part("broken", "B", "", 1, broken))
    monkeypatch.setattr(program, "PARTS", both)
    return sizes


def test_a_part_that_fails_keeps_its_old_result_and_lets_the_others_be_measured(
    parts: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "broken.json").write_text("{}")
    given = ["broken", "sound", "--small", "--cache", str(tmp_path)]
    assert program.main([*given, "--results", str(tmp_path / "results")]) == 1
    assert parts == [1]
    found = kept("sound", tmp_path / "results")
    assert found is not None
    assert found.found.values == {"a": 1.0}
    assert (tmp_path / "results" / "broken.json").read_text() == "{}"
    assert "Not measured: broken" in capsys.readouterr().err


def test_a_small_run_leaves_the_kept_results_alone(parts: list[int], tmp_path: Path) -> None:
    assert program.main(["sound", "--small", "--cache", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "small" / "sound.json").read_text())
    assert told["command"] == "python -m bench sound"
    assert parts == [1]


def test_every_part_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--list"]) == 0
    told = capsys.readouterr().out
    assert all(f"{part.name} " in told for part in PARTS)
