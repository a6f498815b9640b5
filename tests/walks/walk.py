"""What a walk is: steps that a reader takes, each timed, and a page that tells of them.

The words of a step stand in the test itself, so the test and its page in ``docs/walks`` cannot say
two different things: :func:`steps_in` reads them from the source, without a browser.
"""

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from time import perf_counter

from PIL import Image

from core.config import PROJECT_ROOT
from tests.e2e.driver import Reader

FOLDER = PROJECT_ROOT / "docs" / "walks"
WRITE = "HARBOURLIGHT_WALKS"
"""Set by ``python -m tests.walks``: the page and its pictures are written anew."""
_HEAD = ("| # | what the person does | what they see | seconds |", "|--:|---|---|--:|")


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it was taken."""

    does: str
    sees: str
    seconds: float
    picture: str | None


@dataclass
class Walk:
    """Takes the steps of one reader and writes them down.

    Parameters
    ----------
    name : str
        Stem of the page in ``docs/walks``, and of its pictures.
    title : str
        Heading of the page.
    wants : str
        What the reader came for, in a sentence or two.
    """

    name: str
    title: str
    wants: str
    steps: list[Step] = field(default_factory=list)
    _after: list[str] = field(default_factory=list)

    @contextmanager
    def step(
        self,
        does: str,
        sees: str,
        *,
        by: Reader | None = None,
        picture: str | None = None,
        whole: bool = False,
    ) -> Iterator[None]:
        """Take a step: what is done within is timed until the page has settled.

        Parameters
        ----------
        does : str
            Every click and key, as a sentence; a literal, with no ``|`` in it.
        sees : str
            What the reader then sees; a literal.
        by : Reader, optional
            Whose page has to settle and is photographed; none of a step on the command line.
        picture : str, optional
            What the picture shows, if one is taken after the step.
        whole : bool
            Take the whole height of the page, not only what the window shows.
        """
        start = perf_counter()
        yield
        if by is not None:
            by.settle()
        seconds = perf_counter() - start
        self.steps.append(Step(does, sees, seconds, picture))
        if picture is not None and by is not None and is_written():
            self._photograph(by, whole)

    def note(self, text: str) -> None:
        """Add a paragraph below the steps, with figures that this run measured."""
        self._after.append(text)

    @property
    def seconds(self) -> float:
        """How long the reader waited in all."""
        return sum(each.seconds for each in self.steps)

    def page(self) -> str:
        """Return the page as Markdown."""
        rows = [
            f"| {place} | {each.does} | {each.sees} | {each.seconds:.1f} |"
            for place, each in enumerate(self.steps, start=1)
        ]
        pictures = [
            f"**Step {place}.** {each.picture}\n\n![{each.picture}](images/{self._image(place)})"
            for place, each in enumerate(self.steps, start=1)
            if each.picture is not None
        ]
        cores, load = os.cpu_count() or 1, os.getloadavg()[0]
        told = (
            f"{len(self.steps)} steps; {self.seconds:.0f} seconds from acts to pages that stand "
            f"still, on {cores} cores at a load of {load:.1f}. What the reader takes to think and "
            "to type is not in them."
        )
        parts = [f"# {self.title}", self.wants, "\n".join([*_HEAD, *rows]), told]
        return "\n\n".join([*parts, *self._after, *pictures]) + "\n"

    def write(self) -> None:
        """Write the page into ``docs/walks``."""
        (FOLDER / f"{self.name}.md").write_text(self.page(), encoding="utf-8")

    def _image(self, place: int) -> str:
        return f"{self.name}-{place}.webp"

    def _photograph(self, reader: Reader, whole: bool) -> None:
        shown = Image.open(BytesIO(reader.page.screenshot(full_page=whole))).convert("RGB")
        path = FOLDER / "images" / self._image(len(self.steps))
        path.parent.mkdir(exist_ok=True)
        shown.save(path, "WEBP", quality=72, method=6)


def is_written() -> bool:
    """Whether this run writes the pages."""
    return bool(os.environ.get(WRITE))


def steps_in(test: Path) -> list[tuple[str, str]]:
    """Return what every ``….step(…)`` of a test does and sees, in the order of the source."""
    calls = [
        node
        for node in ast.walk(ast.parse(test.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "step"
    ]
    found = []
    for call in sorted(calls, key=lambda each: each.lineno):
        sees = next(word.value for word in call.keywords if word.arg == "sees")
        found.append((str(ast.literal_eval(call.args[0])), str(ast.literal_eval(sees))))
    return found


def steps_on(page: Path) -> list[tuple[str, str]]:
    """Return what the steps of a written page do and see, in its order."""
    rows = page.read_text(encoding="utf-8").partition(_HEAD[1])[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in rows.splitlines() if line]
    return [(row[1], row[2]) for row in cells]
