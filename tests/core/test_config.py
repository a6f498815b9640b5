from pathlib import Path

import pytest

from core.config import PROJECT_ROOT, load_settings
from core.errors import InvalidInput


def test_nothing_set_means_var_in_the_project_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings.home == PROJECT_ROOT / "var"
    assert settings.state_url == f"sqlite:///{PROJECT_ROOT / 'var' / 'state.db'}"
    assert (settings.app_memory_share, settings.ingest_memory_share) == (0.25, 0.40)
    assert 1 <= settings.threads <= 16


def test_the_folders_lie_in_the_workspace(tmp_path: Path) -> None:
    settings = load_settings({"HARBOURLIGHT_HOME": str(tmp_path)})
    folders = [
        settings.lake_dir,
        settings.models_dir,
        settings.exports_dir,
        settings.scratch_dir,
    ]
    assert [folder.parent for folder in folders] == [tmp_path.resolve()] * 4
    assert [folder.name for folder in folders] == ["lake", "models", "exports", "scratch"]


def test_every_variable_is_read(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "HARBOURLIGHT_HOME": str(tmp_path),
            "HARBOURLIGHT_STATE_URL": "postgresql+psycopg://db/harbourlight",
            "HARBOURLIGHT_APP_MEMORY": "0.1",
            "HARBOURLIGHT_INGEST_MEMORY": "1",
            "HARBOURLIGHT_THREADS": "3",
        }
    )
    assert settings.state_url == "postgresql+psycopg://db/harbourlight"
    assert (settings.app_memory_share, settings.ingest_memory_share) == (0.1, 1.0)
    assert settings.threads == 3


def test_folders_are_absolute_paths(tmp_path: Path) -> None:
    names = ("HARBOURLIGHT_SERVING_DIR", "HARBOURLIGHT_HOOK_COMMANDS")
    default = load_settings({"HARBOURLIGHT_HOME": str(tmp_path)})
    assert (default.serving_dir, default.hook_commands) == (tmp_path.resolve() / "serving", ())
    settings = load_settings({names[0]: "/srv/state", names[1]: "/opt/hooks:/opt/one"})
    assert settings.serving_dir == Path("/srv/state")
    assert settings.hook_commands == (Path("/opt/hooks"), Path("/opt/one"))
    for name in names:
        with pytest.raises(InvalidInput, match=rf"{name}.*begin at the root"):
            load_settings({name: "hooks"})


def test_an_empty_variable_is_an_unset_one() -> None:
    names = ("HOME", "STATE_URL", "APP_MEMORY", "INGEST_MEMORY", "THREADS")
    assert load_settings({f"HARBOURLIGHT_{name}": "" for name in names}) == load_settings({})


def test_the_process_s_own_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(tmp_path))
    assert load_settings().home == tmp_path.resolve()


def test_a_tilde_is_the_home_folder() -> None:
    assert load_settings({"HARBOURLIGHT_HOME": "~/hl"}).home == Path.home() / "hl"


@pytest.mark.parametrize("variable", ["HARBOURLIGHT_APP_MEMORY", "HARBOURLIGHT_INGEST_MEMORY"])
@pytest.mark.parametrize("text", ["0", "-0.2", "1.01", "25%", "nan", "inf"])
def test_a_share_outside_nought_to_one_is_refused(variable: str, text: str) -> None:
    with pytest.raises(InvalidInput, match=f"{variable} is '{text}'.*between 0 and 1"):
        load_settings({variable: text})


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "two", "²"])
def test_threads_are_a_whole_number_from_one(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"HARBOURLIGHT_THREADS.*whole number from 1"):
        load_settings({"HARBOURLIGHT_THREADS": text})


def test_the_names_that_the_app_answers_to() -> None:
    assert load_settings({}).hosts == ()
    text = "Harbour.example.com, *.inside.example,,127.0.0.2"
    wanted = ("harbour.example.com", "*.inside.example", "127.0.0.2")
    assert load_settings({"HARBOURLIGHT_HOSTS": text}).hosts == wanted


@pytest.mark.parametrize(
    "text", ["*", "https://harbour.example", "a b", "a/b", "*.*.example", "a*"]
)
def test_names_that_are_none(text: str) -> None:
    with pytest.raises(InvalidInput, match="HARBOURLIGHT_HOSTS"):
        load_settings({"HARBOURLIGHT_HOSTS": text})
