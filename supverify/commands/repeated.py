"""A command as it is to be given again: what decides its answer, without what says where work is done and kept."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import join

import click
from click.core import ParameterSource

WORK = frozenset({"output", "as_json", "pdf", "jobs", "scheduler", "journal", "resume", "keep_journal"})


def said(context: click.Context, option: click.Parameter) -> bool:
    """Whether the option was given on the command line."""
    return context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE


def repeated(context: click.Context) -> str:
    """The command of the context, to be given in the folder of its files."""
    words = [
        word
        for option in context.command.params
        if isinstance(option, click.Option) and option.name not in WORK and said(context, option)
        for word in _words(option, context.params[option.name or ""])
    ]
    return join([*context.command_path.split(), *words])


def _words(option: click.Option, value: object) -> Iterator[str]:
    name = option.opts[0]
    if isinstance(value, bool):
        yield name if value else option.secondary_opts[0]
    elif option.multiple and isinstance(value, tuple):
        yield from (word for item in value for word in (name, str(item)))
    else:
        yield from (name, _text(value))


def _text(value: object) -> str:
    from ..gathering.network_report import file_name  # help comes at once

    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else file_name(str(value))
