"""What a reference is made from: a model's contract and prediction files at one generation."""

from dataclasses import dataclass
from datetime import datetime

from core.contract import ModelContract
from core.domain.windows import Window
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.manifest import ManifestFile


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """A model's prediction files at one generation."""

    contract: ModelContract
    generation: int
    files: tuple[ManifestFile, ...]
    live_bins_id: str | None

    @property
    def window(self) -> Window:
        """The reference window."""
        wanted = self.contract.reference
        return Window.of_days(wanted.start, wanted.end, self.contract.timezone)

    @property
    def oldest(self) -> datetime | None:
        """Instant of the oldest prediction."""
        starts = [file.first_time for file in self.data if file.first_time is not None]
        return min(starts, default=None)

    @property
    def newest(self) -> datetime | None:
        """Instant of the newest prediction."""
        ends = [file.last_time for file in self.data if file.last_time is not None]
        return max(ends, default=None)

    @property
    def data(self) -> tuple[ManifestFile, ...]:
        """Files of rows."""
        return tuple(file for file in self.files if file.kind == "data")

    @property
    def reference_files(self) -> tuple[ManifestFile, ...]:
        """Data files that may hold rows of the reference window."""
        window = self.window
        return tuple(
            file
            for file in self.data
            if (file.first_time is None or file.first_time < window.end)
            and (file.last_time is None or file.last_time >= window.start)
        )

    @property
    def old_profiles(self) -> tuple[int, ...]:
        """Profiles and counts of other references, replaced when a new one goes live."""
        return tuple(
            file.id
            for file in self.files
            if file.kind == "reference"
            or (file.kind == "profile" and file.profile_kind == "features")
        )


def look(workspace: Workspace, model_id: str) -> ReferenceState:
    """Return what stands now, at one generation."""
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        found = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=("data", "profile", "reference")
        )
    files = tuple(file for file in found if file.stream == "predictions" or file.kind != "data")
    return ReferenceState(
        parsed_contract(record.spec_text), record.lake_generation, files, record.live_bins_id
    )
