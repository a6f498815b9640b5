"""One world for all tests of the examiner: they add to it, and none takes away."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from core.reports.dossier.verify import unpacked
from core.services.audit.checkpoints import verifier_of
from core.store.explanations.samples import SampleRecord
from tests.support.demo_slices import sba_log
from tests.support.explained import Explained, an_explained_workspace
from tests.support.packs import a_pack


@dataclass(frozen=True)
class Packed:
    """A world with a pack that was made there."""

    world: Explained
    record: SampleRecord
    content: bytes

    @property
    def key(self) -> str:
        """The public key, as somebody knows it who did not get it with the pack."""
        return verifier_of(self.world.workspace).text()

    @property
    def files(self) -> dict[str, bytes]:
        """The files of the pack."""
        return unpacked(self.content)


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    """Return a workspace with the demo's credit model and a slice of its log."""
    home = tmp_path_factory.mktemp("examiner") / "home"
    made = an_explained_workspace(home, log=sba_log(every=600))
    yield made
    made.workspace.store.close()


@pytest.fixture(scope="package")
def made(world: Explained) -> Packed:
    """Return a pack of three decisions."""
    return Packed(world, *a_pack(world))
