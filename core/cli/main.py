"""``harbourlight``: one program, each command a service call.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
"""

import logging
import sys
from typing import Annotated

import typer

from core.cli import ingest, models, monitoring, people, workspace
from core.cli.context import err
from core.errors import HarbourlightError

app = typer.Typer(
    name="harbourlight",
    help="Watch, prove and value the models that decide about people and money.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(models.app, name="model")
app.add_typer(people.app, name="user")
for register in (workspace.register, ingest.register, monitoring.register):
    register(app)


@app.callback()
def options(
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what is done.")] = False,
) -> None:
    """Watch, prove and value the models that decide about people and money."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


def main() -> None:
    """Run a command and turn an error of ours into one plain line."""
    try:
        app()
    except HarbourlightError as error:
        err.print(f"Error: {error}", style="bold red", markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("Stopped.", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
