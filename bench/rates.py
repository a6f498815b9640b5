"""``python -m bench.rates``: time everything on one generated log and print the table."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import kpis
from bench.dataset import SEED
from bench.environments import PEERS
from bench.figures import Figure
from bench.harbourlight_steps import harbourlight_figures
from bench.measure import ChildFailed
from bench.peer_steps import peer_figure
from bench.plain_steps import plain_figures
from bench.runner import PROJECT_ROOT, Runner, prepare_dataset
from bench.table import figures_table, missing_notes, verdict_table
from bench.targets import Verdict, verdicts

_ROWS = 1_000_000
_QUICK_ROWS = 100_000
_NAMES = tuple(peer.name for peer in PEERS)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench and return its exit code: 1 if a figure of our own is missing."""
    options = options_of(argv)
    cache = options.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    before = _load()
    try:
        dataset, folder = prepare_dataset(options.rows, options.seed, cache, _tell)
        runner = Runner(dataset, folder, cache, options.repeats, _tell)
        figures = [*plain_figures(runner), *harbourlight_figures(runner)]
    except ChildFailed as error:
        print(f"The bench stopped: {error}", file=sys.stderr)
        return 1
    ours = list(figures)
    figures += [peer_figure(runner, peer) for peer in PEERS if peer.name in options.peers]
    judged = verdicts(figures, dataset.rows)
    machine = {**_machine(), "load_before": before, "load_after": _load()}
    _print(figures, judged, machine, len(dataset.columns))
    print(f"\nKPIs of a bank, {options.rows:,} decisions:", flush=True)
    kpis.main(["--rows", str(options.rows)])
    if options.json:
        document = _document(figures, judged, machine, options.seed)
        options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False), "utf-8")
    return int(any(figure.missing for figure in ours))


def options_of(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the options with the defaults that fit the size; exits with 2 if one is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.rates", description=__doc__)
    parser.add_argument("--rows", type=_positive, help=f"rows of the log ({_ROWS:,})")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK_ROWS:,} rows, one run each")
    parser.add_argument("--repeats", type=_positive, help="runs of our own steps (3; 1 above 2 M)")
    parser.add_argument(
        "--peers",
        type=_peers,
        help=f"which of {','.join(_NAMES)}, or none (all up to 1 M rows; none above, or --quick)",
    )
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the log")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument(
        "--cache",
        type=Path,
        default=PROJECT_ROOT / "var" / "bench",
        help="folder of logs and peers' environments",
    )
    options = parser.parse_args(argv)
    options.rows = options.rows or (_QUICK_ROWS if options.quick else _ROWS)
    if options.repeats is None:
        options.repeats = 1 if options.quick or options.rows > 2 * _ROWS else 3
    if options.peers is None:
        options.peers = () if options.quick or options.rows > _ROWS else _NAMES
    return options


def _positive(text: str) -> int:
    value = int(text.replace("_", "").replace(",", ""))
    if value < 1:
        raise argparse.ArgumentTypeError("give a whole number from 1")
    return value


def _peers(text: str) -> tuple[str, ...]:
    names = () if text == "none" else tuple(text.split(","))
    if unknown := set(names) - set(_NAMES):
        raise argparse.ArgumentTypeError(f"no such peer: {', '.join(sorted(unknown))}")
    return names


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _load() -> float:
    return round(os.getloadavg()[0], 2)


def _machine() -> dict[str, object]:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _print(
    figures: Sequence[Figure],
    judged: Sequence[Verdict],
    machine: dict[str, object],
    columns: int,
) -> None:
    print(
        f"\n{figures[0].rows:,} rows × {columns} columns · {machine['date']} · "
        f"{machine['cores']} cores, {machine['memory_gb']} GB · Python {machine['python']} · "
        f"load {machine['load_before']} before, {machine['load_after']} after\n"
    )
    print(figures_table(figures), end="\n\n")
    print(verdict_table(judged))
    for note in missing_notes(figures):
        print(note)


def _document(
    figures: Sequence[Figure],
    judged: Sequence[Verdict],
    machine: dict[str, object],
    seed: int,
) -> dict[str, object]:
    return {
        "machine": machine,
        "seed": seed,
        "figures": [asdict(figure) for figure in figures],
        "targets": [
            {"key": item.target.key, "measured": item.measured, "met": item.met} for item in judged
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
