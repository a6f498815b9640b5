from pathlib import Path

import pytest

from bench.environments import PEERS, NotInstalled, Peer, folder_of, python_of

every_peer = pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)


@every_peer
def test_a_peer_has_a_script_and_pins_of_its_own(peer: Peer) -> None:
    assert peer.runner.is_file()
    pins = peer.requirements.read_text(encoding="utf-8").splitlines()
    assert any(pin.startswith(f"{peer.name}==") for pin in pins)


@every_peer
def test_a_script_does_not_hide_the_library_it_runs(peer: Peer) -> None:
    # Python puts a script's folder first on its path.
    assert not peer.runner.with_name(f"{peer.name}.py").exists()


def test_other_pins_make_another_environment(tmp_path: Path) -> None:
    peer = Peer("thing", "A thing", "thing_run.py", tmp_path)
    folders = set()
    for pins in ("thing==1", "thing==2"):
        peer.requirements.write_text(pins, encoding="utf-8")
        folders.add(folder_of(peer, tmp_path / "cache"))
    assert len(folders) == 2


def test_an_environment_that_is_there_is_used_again(tmp_path: Path) -> None:
    peer = Peer("thing", "A thing", "thing_run.py", tmp_path)
    peer.requirements.write_text("thing==1", encoding="utf-8")
    folder = folder_of(peer, tmp_path)
    folder.mkdir(parents=True)
    (folder / ".made").touch()
    assert python_of(peer, tmp_path) == folder / "bin" / "python"


@pytest.mark.slow
def test_what_cannot_be_installed_says_so_and_leaves_no_mark(tmp_path: Path) -> None:
    peer = Peer("thing", "A thing", "thing_run.py", tmp_path)
    peer.requirements.write_text("not a requirement", encoding="utf-8")
    with pytest.raises(NotInstalled, match="thing could not be installed"):
        python_of(peer, tmp_path)
    assert not (folder_of(peer, tmp_path) / ".made").exists()
