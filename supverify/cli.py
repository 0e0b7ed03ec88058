"""The command line: a verb each for reports, classes, networks, verdicts, derivations and bounds.

Exit codes: 0 proved or accepted, 1 refuted or rejected, 2 unknown or a hole, 3 bad input.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import click

from .commands.ask import ask
from .commands.bounds import bounds
from .commands.completion import completion
from .commands.derivations import audit
from .commands.export import export
from .commands.networks import build, recheck, verify
from .commands.options import EXIT
from .commands.problems import classify
from .commands.reports import report
from .commands.represent import represent
from .kernel.errors import Malformed, Refusal

BAD_INPUT, INTERRUPTED = 3, 130


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one verb and leaves with its exit code; bad input is one line on standard error, a bug a traceback."""
    try:
        code = verbs.main(args=arguments, prog_name="supverify", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        code = _complain("interrupted", INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as no_verb:
        click.echo(no_verb.format_message(), err=True)
        code = BAD_INPUT
    except click.UsageError as wrong:
        code = _complain(f"{wrong.format_message()} (see {_path(wrong)} --help)", BAD_INPUT)
    except click.ClickException as failure:
        code = _complain(failure.format_message(), failure.exit_code)
    except Refusal as refusal:
        code = _complain(str(refusal), BAD_INPUT if isinstance(refusal, Malformed) else EXIT["REFUTED"])
    except OSError as error:
        code = _complain(f"{error.filename or 'output'}: {error.strerror or error}", BAD_INPUT)
        sys.stdout = sys.stderr  # what could not be written is not tried again at exit, with another exit code
    except MemoryError:
        code = _complain("out of memory", EXIT["UNKNOWN"])
    except Exception:  # noqa: BLE001 - a bug in supverify refutes nothing
        traceback.print_exc()
        code = EXIT["UNKNOWN"]
    sys.exit(code)


def _complain(message: str, code: int) -> int:
    click.echo(f"supverify: {' '.join(message.split())}", err=True)
    return code


def _path(wrong: click.UsageError) -> str:
    return wrong.ctx.command_path if wrong.ctx else "supverify"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="supverify")
def verbs() -> None:
    """Proves, exhaustively verifies and audits claims about neural computation in superposition.

    Exit codes: 0 proved or accepted, 1 refuted or rejected, 2 unknown or a hole, 3 bad input. PROBLEM is a JSON
    file, an edge list, or a generator such as random:M=1000,seed=0.
    """


for _verb in (report, classify, build, verify, recheck, audit, ask, bounds, represent, export, completion):
    verbs.add_command(_verb)
