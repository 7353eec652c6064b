"""The command that runs on many computers through Ansible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from diagnose.cli_options import FOLDER, Options, Seconds, pairs
from diagnose.text import Language


def add_fleet_run_command(fleet: click.Group, options: Options) -> None:
    """`fleet run`."""
    words, option = options.words, options.option

    @fleet.command(help=words("help-fleet-run"))
    @click.argument("more", nargs=-1, type=click.UNPROCESSED, metavar="[-- ANSIBLE_OPTIONS]")
    @option("--inventory", "-i", "inventories", help_="help-fleet-run-inventory", multiple=True, required=True)
    @option("--limit", help_="help-fleet-run-limit", metavar="PATTERN")
    @option("--forks", help_="help-fleet-run-forks", type=click.IntRange(1, 1000), default=20)
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
    @option("--program", "programs", help_="help-fleet-run-program", multiple=True, type=FOLDER)
    @options.rules()
    @options.lang()
    def run(  # noqa: PLR0917 - click passes options by name
        more: tuple[str, ...],
        inventories: tuple[str, ...],
        limit: str | None,
        forks: int,
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
        rules: tuple[Path, ...],
        lang: str,
    ) -> int:
        from diagnose.bundle.sizes import parse_size
        from diagnose.commands.fleet_run import FleetRunOptions, fleet_run
        from diagnose.commands.remote import RemoteOptions

        order = RemoteOptions(
            hosts=(),
            hosts_file=None,
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
        )
        return fleet_run(FleetRunOptions(order=order, inventories=inventories, limit=limit, forks=forks, more=more))
