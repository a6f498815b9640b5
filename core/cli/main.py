"""``harbourlight``: one program, each command a service call.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 proposed: a second person decides.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from core.errors import HarbourlightError

# Command → the module that registers it. Only the module of the command asked for is imported:
# all of them together take a second.
MODULES = {
    "init": "workspace",
    "demo": "workspace",
    "serve": "workspace",
    "worker": "workspace",
    "doctor": "workspace",
    "compact": "workspace",
    "model": "models",
    "ingest": "ingest",
    "drift": "monitoring",
    "quality": "monitoring",
    "operations": "monitoring",
    "fairness": "fairness",
    "performance": "performance",
    "segments": "segments",
    "kpis": "kpis",
    "value": "value",
    "rates": "rates",
    "closures": "closures",
    "report": "reports",
    "reports": "reports",
    "reproduce": "reproduce",
    "skew": "reproduce",
    "confidence": "reproduce",
    "explain": "explain",
    "worklist": "worklist",
    "codebook": "explain",
    "letter": "letter",
    "dossier": "dossier",
    "examiner": "examiner",
    "card": "card",
    "check": "checks",
    "results": "results",
    "alerts": "checks",
    "hooks": "hooks",
    "user": "people",
    "audit": "audit",
    "access": "access",
    "approvals": "approvals",
    "review": "review",
    "token": "serving",
    "release": "serving",
    "erase": "personal",
    "erasure": "personal",
    "hold": "personal",
    "retention": "personal",
    "requests": "requests",
    "reviewers": "reviewers",
    "backup": "backup",
    "restore": "backup",
}

# What every command needs and that makes most objects.
_LIBRARIES = ("numpy", "pyarrow.parquet", "pydantic", "rich.console", "sqlalchemy", "yaml")


def build_app(command: str | None = None) -> typer.Typer:
    """Return the program with all commands, or only with the module of one."""
    app = typer.Typer(
        name="harbourlight",
        help="Watch, prove and value the models that decide about people and money.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    wanted = [MODULES[command]] if command in MODULES else list(dict.fromkeys(MODULES.values()))
    for name in wanted:
        import_module(f"core.cli.{name}").register(app)
    return app


def options(
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what is done.")] = False,
) -> None:
    """Watch, prove and value the models that decide about people and money."""
    from core.unforeseen import start_log  # noqa: PLC0415  # errors, with the rest

    start_log(verbose=verbose)


def main() -> None:
    """Run a command and turn an error of ours into one plain line."""
    named = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    try:
        with _imports_kept():
            app = build_app(named)
        app()
    except HarbourlightError as error:
        _complain(f"Error: {error}", style="bold red")
    except KeyboardInterrupt:
        _complain("Stopped.")
    except Exception as error:
        from core.unforeseen import account_of  # noqa: PLC0415  # only when it is needed

        _complain(f"An error that nobody foresaw. {account_of(error)}", style="bold red")


@contextmanager
def _imports_kept() -> Iterator[None]:
    """Spare the garbage collector what imports make, which stays: a quarter of a second.

    It does not run meanwhile, and never walks the libraries, not even when the process ends.
    DuckDB is left out: what it finds uncollected at the end it reports as leaks.
    """
    gc.disable()
    for library in _LIBRARIES:
        import_module(library)
    gc.freeze()
    try:
        yield
    finally:
        gc.enable()


def _complain(line: str, style: str | None = None) -> NoReturn:
    from core.cli.context import err  # noqa: PLC0415  # it brings what most of a command's start is

    err.print(line, style=style, markup=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
