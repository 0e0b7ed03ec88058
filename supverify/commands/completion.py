"""``completion``: verbs, options and files on the tab key."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
PROGRAM, VARIABLE = "supverify", "_SUPVERIFY_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the script that completes verbs and options in SHELL.

    Its start file evaluates it: eval "$(supverify completion bash)" in ~/.bashrc, likewise with zsh in ~/.zshrc;
    supverify completion fish | source in ~/.config/fish/config.fish.
    """
    click.echo(SHELLS[shell](context.find_root().command, {}, PROGRAM, VARIABLE).source())
    return 0
