"""`diagnose remote`: checks all that can be checked here first, then runs on the hosts, and keeps what they say."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from diagnose import output
from diagnose.bundle.sizes import size_text
from diagnose.commands.remote_progress import RemoteProgress, summary_text
from diagnose.commands.secret_input import read_secret
from diagnose.diagnostics import Exit, say_message
from diagnose.errors import InputError, Place, nearest
from diagnose.input_files import read_input
from diagnose.messages import did_you_mean, message
from diagnose.remote.hosts import collect_hosts
from diagnose.remote.order import BundleOrder, Order
from diagnose.remote.outcomes import State, Summary
from diagnose.remote.page import render_index
from diagnose.remote.password import LONGEST, check_password
from diagnose.remote.program import can_save_program, open_program, save_program
from diagnose.remote.running import RemotePlan, run_remote
from diagnose.remote.ssh import SshSettings, find_programs, path_option
from diagnose.remote.summary import INDEX, open_output, render_summary, save_summary
from diagnose.remote.work import Limits
from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.run.answers import collect_answers
from diagnose.run.clock import SystemClock
from diagnose.run.opening import state_folder
from diagnose.text import Language
from diagnose.whole_file import write_whole_file
from diagnose.yaml_file import load_yaml

_MOST_RULES = 4_000_000
"""Bytes of rules that travel with the order."""
_SEVEREST = (
    (State.TOOL_FAILED, Exit.TOOL_FAILED),
    (State.UNREACHABLE, Exit.UNREACHABLE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteOptions:
    hosts: tuple[str, ...]
    hosts_file: Path | None
    flow: str | None
    language: Language
    output: Path | None
    as_json: bool = False
    answers_file: Path | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    machine: str | None = None
    rules: tuple[Path, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    timeout_s: float = 120.0
    until: Literal["first-fail"] | None = None
    bundle: bool = False
    fit: int | None = None
    programs: tuple[Path, ...] = ()
    at_once: int = 10
    connect_s: int = 10
    known_hosts: Path | None = None
    identities: tuple[Path, ...] = ()
    ssh_config: Path | None = None
    ask_password: bool = False
    password_fd: int | None = None


def remote(options: RemoteOptions) -> Exit:
    """Raises InputError before any host is touched and anything is written."""
    hosts = collect_hosts(options.hosts, options.hosts_file)
    order = order_of(options)
    programs = tuple(map(open_program, options.programs))
    settings = _settings(options)
    password = _password(options)
    clock = SystemClock()
    folder = options.output or state_folder().parent / "remote" / f"{clock.wall():%Y%m%dT%H%M%S}"
    earlier = open_output(folder)
    progress = RemoteProgress(options.language, len(hosts))
    plan = RemotePlan(
        hosts=hosts,
        order=order,
        settings=settings,
        output=folder,
        language=options.language,
        clock=clock,
        programs=programs,
        password=password,
        at_once=options.at_once,
        limits=Limits(enter_s=3.0 * options.connect_s),
        earlier=earlier.hosts if earlier is not None else (),
    )
    summary = run_remote(plan, progress, progress.finished, lambda one: keep_summary(folder, one, options.language))
    if summary.interrupted:
        say_message(message("interrupted"), options.language)
    say_message(message("remote-kept", folder=folder / INDEX), options.language)
    if options.as_json:
        output.write_bytes(render_summary(summary))
    else:
        output.write(summary_text(summary, options.language))
    return exit_of(summary)


def save_own_program(path: Path, language: Language) -> Exit:
    """Raises InputError and OSError."""
    if not can_save_program():
        raise InputError(message("program-not-here"))
    made = save_program(path)
    own = made.manifest
    if own is not None:
        system, python = f"{own.platform} {own.machine}", ".".join(map(str, own.python))
        say_message(
            message("program-saved", path=path, size=size_text(made.size), system=system, python=python), language
        )
    return Exit.PASS


def exit_of(summary: Summary) -> Exit:
    """What was not seen outranks what was: whoever looks at the code alone must not miss that something is missing."""
    states = {record.state for record in summary.hosts}
    if summary.interrupted:
        return Exit.INTERRUPTED
    for state, code in _SEVEREST:
        if state in states:
            return code
    if summary.totals["fail"] or summary.totals["warn"]:
        return Exit.FOUND
    return Exit.UNKNOWN if summary.totals["unknown"] else Exit.PASS


def keep_summary(folder: Path, summary: Summary, language: Language) -> None:
    """A full disk must not end the work on hosts: what could not be kept is said."""
    try:
        save_summary(folder, summary)
        write_whole_file(folder / INDEX, render_index(summary, language).encode())
    except OSError as error:
        say_message(message("not-saved", folder=folder, error=error.strerror or str(error)), language)


def order_of(options: RemoteOptions) -> Order:
    """Raises InputError for whatever every host would refuse."""
    answers = _answers(options)
    _check_flow(options, answers)
    return Order(
        id="",
        target=options.flow,
        language=options.language,
        answers=answers,
        only=options.only,
        skip=options.skip,
        timeout_s=options.timeout_s,
        until=options.until,
        machine=options.machine,
        rules=_rules(options.rules),
        bundle=BundleOrder(fit=options.fit) if options.bundle else None,
    )


def _answers(options: RemoteOptions) -> dict[str, str]:
    """From file and options, as they are written; an option wins."""
    found: dict[str, str] = {}
    if options.answers_file is not None:
        document = load_yaml(options.answers_file, as_written=True)
        if not isinstance(document.data, dict):
            raise InputError(message("answers-mapping"), document.place(()))
        for key, value in document.data.items():
            if isinstance(value, dict | list):
                raise InputError(message("answers-plain", name=key), document.key_place((key,)))
            found[key] = "" if value is None else str(value)
    return {**found, **options.answers}


def _check_flow(options: RemoteOptions, answers: Mapping[str, str]) -> None:
    """As far as it is known here which flow hosts will run."""
    folders = open_rule_folders(rules_folder(), options.rules)
    if options.flow is None:
        return
    product, slash, name = options.flow.partition("/")
    if not slash:
        folders.flow_ids(product)
        return
    flow = compile_flow(folders, product, name)
    # Dates among answers are days of the host; here only their form counts.
    collect_answers(flow, None, answers, None)
    known = [step.spec.id for step in flow.steps]
    for step in (*options.only, *options.skip):
        if step not in known:
            raise InputError(message("unknown-step", did_you_mean(nearest(step, known)), name=step))


def _rules(folders: tuple[Path, ...]) -> tuple[dict[str, str], ...]:
    """Raises InputError."""
    room, found = _MOST_RULES, []
    for folder in folders:
        files: dict[str, str] = {}
        for path in sorted(folder.rglob("*.yaml")):
            data = read_input(path, _MOST_RULES)
            room -= len(data)
            if room < 0:
                raise InputError(message("remote-rules-large", limit=_MOST_RULES), Place(str(folder)))
            files[path.relative_to(folder).as_posix()] = data.decode("utf-8", "replace")
        found.append(files)
    return tuple(found)


def _settings(options: RemoteOptions) -> SshSettings:
    ssh, sftp = find_programs()
    named = [path for path in (options.known_hosts, options.ssh_config, *options.identities) if path is not None]
    for path in named:
        path_option(path)
        read_input(path, _MOST_RULES)
    return SshSettings(
        ssh=ssh,
        sftp=sftp,
        known_hosts=options.known_hosts,
        identities=tuple(path.absolute() for path in options.identities),
        config=None if options.ssh_config is None else options.ssh_config.absolute(),
        connect_s=options.connect_s,
    )


def _password(options: RemoteOptions) -> str | None:
    """Raises InputError."""
    if options.ask_password and options.password_fd is not None:
        raise InputError(message("password-twice"))
    if options.password_fd is not None:
        return check_password(_from_descriptor(options.password_fd))
    if options.ask_password:
        if sys.stdin is None or not sys.stdin.isatty():
            raise InputError(message("password-terminal"))
        return check_password(read_secret(message("password-prompt"), options.language) or "")
    return None


def _from_descriptor(number: int) -> str:
    try:
        with os.fdopen(os.dup(number), "rb", buffering=0) as stream:
            data = b""
            while b"\n" not in data and len(data) <= LONGEST and (block := stream.read(LONGEST)):
                data += block
    except OSError as error:
        raise InputError(message("password-fd", number=number, error=error.strerror or str(error))) from None
    return data.partition(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace")
