"""One target in this process: ``python -m tests.fuzz.run TARGET SECONDS SEED FOLDER``."""

import hashlib
import importlib.util
import json
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.fuzz.mutate import mutated
from tests.fuzz.target import Target
from tests.support.templates import VARIABLE

# What coverage is followed in: our own code, and YAML's, which is Python and part of the way.
FOLLOWED = ["core", "app", "verify", "yaml"]


class Run:
    """Counts executions, and ends the process at a finding or when its time is over."""

    def __init__(self, name: str, seconds: float, keep: Path, folder: Path) -> None:
        self.name, self.seconds, self.keep, self.folder = name, seconds, keep, folder
        self.guided = importlib.util.find_spec("atheris") is not None
        self.executions = 0
        self.started: float | None = None

    def once(self, target: Callable[[bytes], None], data: bytes) -> None:
        """Give one input to the target."""
        if self.started is None:  # what came before is the making of the target
            self.started = time.process_time()
        self.executions += 1
        try:
            target(data)
        except Exception as error:
            kept = self.keep / f"{self.name}-{hashlib.sha256(data).hexdigest()[:12]}"
            kept.write_bytes(data)
            logging.getLogger(__name__).exception("kept as %s", kept)
            self.end(f"{type(error).__name__}: {error}"[:300])
        if self.spent() > self.seconds:
            self.end(None)

    def spent(self) -> float:
        """Return the seconds of the processor since the first input."""
        return 0.0 if self.started is None else time.process_time() - self.started

    def end(self, finding: str | None) -> None:
        """Write what there is to tell and leave; libFuzzer offers no other way out."""
        told = {
            "target": self.name,
            "guided": self.guided,
            "executions": self.executions,
            "cpu_s": round(self.spent(), 1),
            "finding": finding,
        }
        (self.keep / f"{self.name}.json").write_text(json.dumps(told), encoding="utf-8")
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(0)


def main(arguments: Sequence[str]) -> None:
    """Fuzz a target until its time is over."""
    name, seconds, seed, keep = arguments
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    os.environ[VARIABLE] = str(folder)  # which goes at the end
    made = folder / "target"
    made.mkdir()
    run = Run(name, float(seconds), Path(keep), folder)
    with ExitStack() as stack:
        if run.guided:
            import atheris  # type: ignore[import-untyped, unused-ignore]

            with atheris.instrument_imports(include=FOLLOWED, enable_loader_override=False):
                target = _opened(name, made, stack)  # which imports what it is given to
            corpus = folder / "corpus"
            corpus.mkdir()
            for number, data in enumerate(target.seeds):
                (corpus / f"seed-{number}").write_bytes(data)
            words = [f"-seed={seed}", "-max_len=20000", "-timeout=120", "-verbosity=0"]
            atheris.Setup([sys.argv[0], *words, str(corpus)], lambda d: run.once(target.run, d))
            atheris.Fuzz()
        target = _opened(name, made, stack)
        dice = random.Random(int(seed))
        while True:
            run.once(target.run, mutated(target.seeds, dice))


def _opened(name: str, folder: Path, stack: ExitStack) -> Target:
    from tests.fuzz.targets import TARGETS

    return stack.enter_context(TARGETS[name](folder))


if __name__ == "__main__":
    main(sys.argv[1:])
