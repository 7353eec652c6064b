"""The commands for many computers."""

from __future__ import annotations

from pathlib import Path

import click

from diagnose.cli_fleet_run import add_fleet_run_command
from diagnose.cli_options import FOLDER, Options, Seconds
from diagnose.text import Language


def add_fleet_commands(main: click.Group, options: Options) -> None:
    """`fleet compare` and `fleet run`."""
    words, option = options.words, options.option

    @main.group(cls=type(main), help=words("help-fleet-group"))
    @options.lang()
    def fleet(lang: str) -> None:
        pass

    add_fleet_run_command(fleet, options)

    @fleet.command(help=words("help-fleet-compare"))
    @click.argument("sources", nargs=-1, required=True, type=FOLDER)
    @option("--inventory", help_="help-fleet-inventory", type=FOLDER)
    @option("--flow", help_="help-fleet-flow", metavar="PRODUCT/FLOW")
    @option("--cause", help_="help-fleet-cause", metavar="ID")
    @option("--max-age", help_="help-fleet-max-age", type=Seconds(0.01, 36_500), default=30.0, metavar="DAYS")
    @option("--output", help_="help-fleet-output", type=FOLDER)
    @option("--incident", help_="help-fleet-incident", type=FOLDER)
    @option("--table", help_="help-fleet-table", type=FOLDER)
    @options.rules()
    @option("--format", "format_", help_="help-format", type=click.Choice(["text", "json", "html"]), default="text")
    @options.lang()
    def compare(  # noqa: PLR0917 - click passes options by name
        sources: tuple[Path, ...],
        inventory: Path | None,
        flow: str | None,
        cause: str | None,
        max_age: float,
        output: Path | None,
        incident: Path | None,
        table: Path | None,
        rules: tuple[Path, ...],
        format_: str,
        lang: str,
    ) -> int:
        from diagnose.commands.fleet import CompareOptions
        from diagnose.commands.fleet import compare as compare_now

        return compare_now(
            CompareOptions(
                sources=sources,
                inventory=inventory,
                flow=flow,
                cause=cause,
                max_age_days=max_age,
                output=output,
                incident=incident,
                table=table,
                rules=rules,
                format=format_,
                language=Language(lang),
            )
        )
