"""The command that runs on other computers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from diagnose.cli_options import FOLDER, Options, Seconds, pairs
from diagnose.text import Language


def add_remote_command(main: click.Group, options: Options) -> None:
    """`remote`."""
    words, option = options.words, options.option

    @main.command(help=words("help-remote"))
    @click.argument("hosts", nargs=-1, metavar="[HOST]...")
    @option("--hosts", "hosts_file", help_="help-remote-hosts", type=FOLDER)
    @option("--flow", help_="help-remote-flow", metavar="PRODUCT[/FLOW]")
    @option("--output", help_="help-remote-output", type=FOLDER)
    @option("--format", "format_", help_="help-format", type=click.Choice(["text", "json"]), default="text")
    @option("--answers", help_="help-answers", type=FOLDER)
    @option("--answer", "answer", help_="help-answer", multiple=True, metavar="KEY=VALUE")
    @option("--machine", help_="help-remote-machine", metavar="PATH")
    @option("--only", help_="help-only", multiple=True, metavar="STEP")
    @option("--skip", help_="help-skip", multiple=True, metavar="STEP")
    @option("--timeout", help_="help-timeout", type=Seconds(1, 86_400), default=120.0, metavar="SECONDS")
    @option("--until", help_="help-until", type=click.Choice(["first-fail"]))
    @option("--bundle", help_="help-remote-bundle", is_flag=True)
    @option("--fit", help_="help-remote-fit", metavar="SIZE")
    @option("--program", "programs", help_="help-remote-program", multiple=True, type=FOLDER)
    @option("--save-program", help_="help-remote-save-program", type=FOLDER)
    @option("--at-once", help_="help-remote-at-once", type=click.IntRange(1, 200), default=10)
    @option("--connect-timeout", help_="help-remote-connect-timeout", type=click.IntRange(1, 600), default=10)
    @option("--known-hosts", help_="help-remote-known-hosts", type=FOLDER)
    @option("--identity", "identities", help_="help-remote-identity", multiple=True, type=FOLDER)
    @option("--ssh-config", help_="help-remote-ssh-config", type=FOLDER)
    @option("--ask-password", help_="help-remote-ask-password", is_flag=True)
    @option("--password-fd", help_="help-remote-password-fd", type=click.IntRange(0, 1_000_000), metavar="NUMBER")
    @options.rules()
    @options.lang()
    def remote(  # noqa: PLR0917 - click passes options by name
        hosts: tuple[str, ...],
        hosts_file: Path | None,
        flow: str | None,
        output: Path | None,
        format_: str,
        answers: Path | None,
        answer: tuple[str, ...],
        machine: str | None,
        only: tuple[str, ...],
        skip: tuple[str, ...],
        timeout: float,
        until: Any,
        bundle: bool,
        fit: str | None,
        programs: tuple[Path, ...],
        save_program: Path | None,
        at_once: int,
        connect_timeout: int,
        known_hosts: Path | None,
        identities: tuple[Path, ...],
        ssh_config: Path | None,
        ask_password: bool,
        password_fd: int | None,
        rules: tuple[Path, ...],
        lang: str,
    ) -> int:
        from diagnose.bundle.sizes import parse_size
        from diagnose.commands.remote import RemoteOptions, save_own_program
        from diagnose.commands.remote import remote as remote_now

        if save_program is not None:
            return save_own_program(save_program, Language(lang))
        return remote_now(
            RemoteOptions(
                hosts=hosts,
                hosts_file=hosts_file,
                flow=flow,
                language=Language(lang),
                output=output,
                as_json=format_ == "json",
                answers_file=answers,
                answers=pairs(answer),
                machine=machine,
                rules=rules,
                only=only,
                skip=skip,
                timeout_s=timeout,
                until=until,
                bundle=bundle,
                fit=None if fit is None else parse_size(fit),
                programs=programs,
                at_once=at_once,
                connect_s=connect_timeout,
                known_hosts=known_hosts,
                identities=identities,
                ssh_config=ssh_config,
                ask_password=ask_password,
                password_fd=password_fd,
            )
        )
