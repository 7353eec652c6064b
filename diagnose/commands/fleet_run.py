"""`diagnose fleet run`: checks all that can be checked here, lets Ansible work, and keeps what hosts say."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from diagnose import output
from diagnose.commands.fleet_progress import watcher_for
from diagnose.commands.remote import RemoteOptions, exit_of, order_of
from diagnose.commands.remote_progress import summary_text
from diagnose.diagnostics import Exit, say_message
from diagnose.errors import InputError, Place
from diagnose.fleet.ansible_run import find_ansible
from diagnose.fleet.linux_program import can_make, linux_program
from diagnose.fleet.running import FleetPlan, run_fleet
from diagnose.messages import message
from diagnose.remote.program import Kind, open_program
from diagnose.remote.summary import INDEX, MISSING, open_output, render_summary
from diagnose.run.clock import SystemClock
from diagnose.run.opening import state_folder
from diagnose.text import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRunOptions:
    """`order`: everything that `diagnose remote` asks for as well, without its hosts."""

    order: RemoteOptions
    inventories: tuple[str, ...]
    limit: str | None
    forks: int
    more: tuple[str, ...]
    """Options for Ansible itself, as they are."""


def fleet_run(options: FleetRunOptions) -> Exit:
    """Raises InputError before any host is touched, and when Ansible names no host."""
    language = options.order.language
    ansible = find_ansible()
    _check_more(options.more)
    order = order_of(options.order)
    windows = _windows(options.order.programs)
    clock = SystemClock()
    folder = options.order.output or state_folder().parent / "fleet" / f"{clock.wall():%Y%m%dT%H%M%S}"
    earlier = open_output(folder)
    plan = FleetPlan(
        ansible=ansible,
        inventories=options.inventories,
        limit=options.limit,
        forks=options.forks,
        more=options.more,
        order=order,
        linux=_linux(language),
        windows=windows,
        output=folder,
        language=language,
        clock=clock,
        environ=dict(os.environ),
        earlier=earlier.hosts if earlier is not None else (),
    )
    summary, warnings = run_fleet(plan, watcher_for(language, folder))
    for warning in warnings:
        say_message(message("fleet-run-warning", text=warning), language)
    if summary.interrupted:
        say_message(message("interrupted"), language)
    left = [record.host for record in summary.hosts if record.left]
    if left:
        say_message(message("fleet-run-left", hosts=len(left)), language)
    if any(record.verdict is None for record in summary.hosts):
        say_message(message("fleet-run-again", file=folder / MISSING), language)
    say_message(message("remote-kept", folder=folder / INDEX), language)
    if options.order.as_json:
        output.write_bytes(render_summary(summary))
    else:
        output.write(summary_text(summary, language))
    return exit_of(summary)


def _check_more(more: tuple[str, ...]) -> None:
    """A word that is no option would be a playbook. Its value stands behind `=`, or behind a short option."""
    if more and not more[0].startswith("-"):
        raise InputError(message("extra-argument", names=more[0]))


def _windows(programs: tuple[Path, ...]) -> Path | None:
    """Raises InputError for anything else than the program for Windows: that for Linux is always made of this one."""
    found: Path | None = None
    for path in programs:
        if open_program(path).kind is not Kind.WINDOWS:
            raise InputError(message("fleet-run-program"), Place(str(path)))
        found = path
    return found


def _linux(language: Language) -> Path | None:
    if not can_make():
        return None
    cache = platformdirs.user_cache_path("diagnose", appauthor=False)
    return linux_program(cache, lambda: say_message(message("fleet-run-making"), language))
