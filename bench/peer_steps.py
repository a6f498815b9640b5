"""The peers' rows: each a child process in an environment of its own."""

import json
from pathlib import Path

from bench.dataset import TIMEZONE, reference_until
from bench.environments import NotInstalled, Peer, python_of
from bench.figures import Figure, Scope
from bench.measure import ChildFailed
from bench.runner import Runner, last_document

# No peer calls home while it is timed.
_QUIET = {
    "DO_NOT_TRACK": "1",
    "NML_DISABLE_USAGE_LOGGING": "1",
    "WHYLOGS_NO_ANALYTICS": "True",
}


def peer_figure(runner: Runner, peer: Peer) -> Figure:
    """Time a peer once; a peer that cannot be installed or fails has a row that says so."""
    blank = Figure(peer.name, peer.label, Scope.process, runner.dataset.rows)
    try:
        runner.tell(f"{peer.name}: environment …")
        python = python_of(peer, runner.cache)
    except NotInstalled as error:
        return _missing(blank, str(error))
    with runner.scratch() as folder:
        task = folder / "task.json"
        _write_task(runner, task)
        runner.tell(f"{peer.name}: running …")
        try:
            child = runner.run([str(python), str(peer.runner), str(task)], _QUIET)
            detail = last_document(child.output)
        except ChildFailed as error:
            return _missing(blank, f"{peer.name} failed: {error}")
    return Figure(
        peer.name,
        f"{peer.label} ({detail['version']})",
        Scope.process,
        runner.dataset.rows,
        (child.usage,),
        detail=detail,
    )


def _missing(blank: Figure, reason: str) -> Figure:
    return Figure(blank.key, blank.label, blank.scope, blank.rows, missing=reason)


def _write_task(runner: Runner, path: Path) -> None:
    dataset = runner.dataset
    document = {
        "files": [str(file) for file in dataset.files],
        "numeric": dataset.numeric,
        "categorical": dataset.categorical,
        "time": "made_at",
        "timezone": TIMEZONE,
        "reference_until": reference_until().isoformat(),
        "out": str(path.with_name("out")),
    }
    path.write_text(json.dumps(document), encoding="utf-8")
