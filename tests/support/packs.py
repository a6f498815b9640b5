"""Packs of samples of the demo's credit model, and somebody who checks them on another machine."""

from pathlib import Path
from types import ModuleType

from core.domain.identity import Role
from core.reports.dossier import verify as one
from core.reports.dossier_pack import verify as program
from core.reports.dossier_pack.verify import verify
from core.services.examiner.drawing import draw_sample
from core.services.examiner.frames import Plan
from core.services.examiner.packs import PackOrder, make_pack
from core.store.explanations.samples import SampleRecord
from tests.support.apart import run_apart
from tests.support.demo_slices import SBA
from tests.support.explained import Explained

PLAN = Plan(SBA, "random", 3, "Grey heron at the pier", "Examination 12")


def order_of(record: SampleRecord, language: str = "en") -> PackOrder:
    """Return the order of a pack of a sample."""
    return PackOrder(record.id, "An examiner's office", "Examination 12", language)


def a_pack(world: Explained, plan: Plan = PLAN, language: str = "en") -> tuple[SampleRecord, bytes]:
    """Draw a sample and make its pack."""
    actor = world.people[Role.auditor]
    record = draw_sample(world.workspace, plan, actor=actor)
    content, _ = make_pack(world.workspace, order_of(record, language), actor=actor)
    return record, content


def report_of(content: bytes, key: str | None = None) -> tuple[bool, list[str]]:
    """Return whether a pack passes here, and what failed."""
    report = verify(content, one, one.Key(key) if key else None)
    return report.passed, [text for holds, text in report.checks if not holds]


def check_pack_apart(folder: Path, pack: bytes, *arguments: str) -> tuple[int, str]:
    """Run the programs of a pack where nothing but cryptography can be imported."""
    folder.mkdir(parents=True, exist_ok=True)
    zipped = folder / "pack.zip"
    zipped.write_bytes(pack)
    for each in (program, one):
        name = "verify.py" if each is program else "verify_dossier.py"
        (folder / name).write_bytes(_source(each))
    return run_apart(folder / "verify.py", str(zipped), *arguments)


def _source(module: ModuleType) -> bytes:
    return Path(str(module.__file__)).read_bytes()
