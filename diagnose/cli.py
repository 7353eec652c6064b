"""The command line: commands, options and help. What they do is in `diagnose.commands`, imported when needed.

The commands are built for the operator's language, because help is text that a person reads.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click

from diagnose import __version__, diagnostics, output
from diagnose.cli_bundle import add_bundle_commands
from diagnose.cli_fleet import add_fleet_commands
from diagnose.cli_options import FOLDER, Options, Seconds, pairs
from diagnose.cli_remote import add_remote_command
from diagnose.errors import InputError, Place, nearest
from diagnose.language import preferred_language
from diagnose.messages import Message, did_you_mean, message
from diagnose.report.rendering import Format
from diagnose.text import Language

_FORMATS = click.Choice([str(format_) for format_ in Format])


def run_command_line(argv: list[str]) -> int:  # noqa: PLR0911 - one a kind of ending
    """Parse, run, and turn whatever happens into one clear line and an exit code."""
    output.use_utf8()
    language = preferred_language(argv, os.environ)
    # SIGBREAK is Ctrl+Break, and what a closing console window sends on Windows.
    for name in ("SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    try:
        code = _commands(language).main(argv, prog_name="diagnose", standalone_mode=False)
    except click.UsageError as error:
        diagnostics.say_message(message("usage", reason=_usage(error)), language)
        return diagnostics.Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        diagnostics.say_message(message("interrupted"), language)
        return diagnostics.Exit.INTERRUPTED
    except InputError as error:
        return diagnostics.refuse(error, language)
    except OSError as error:
        # A file that the operator named and nobody guarded: still their input, not our bug.
        if error.filename is None:
            return diagnostics.crash(error, language)
        what = message("file-unreadable", error=error.strerror or str(error))
        return diagnostics.refuse(InputError(what, Place(str(error.filename))), language)
    except Exception as error:
        return diagnostics.crash(error, language)
    return int(code or 0)


def _is_terminal(stream: TextIO | None) -> bool:
    """A stream that was closed before the start (`<&-`, a service) is None."""
    return stream is not None and stream.isatty()


def _interrupt(*_: object) -> NoReturn:
    """A polite kill ends the run as Ctrl+C does: saved."""
    raise KeyboardInterrupt


def _usage(error: click.UsageError) -> Message:  # noqa: PLR0911
    """Click's complaint in our own words; it speaks only English."""
    match error:
        case click.NoSuchOption():
            known = [name for parameter in error.ctx.command.params for name in parameter.opts] if error.ctx else []
            return message("no-such-option", did_you_mean(nearest(error.option_name, known)), name=error.option_name)
        case click.MissingParameter():
            name = error.param.make_metavar(error.ctx) if error.param is not None and error.ctx is not None else ""
            return message("missing-argument", name=name)
        case click.BadParameter() if error.param is not None:
            return _bad_value(error.param, error.message)
        case click.BadOptionUsage():
            return message("option-without-value", name=error.option_name)
        case click.exceptions.NoArgsIsHelpError():
            return message("missing-argument", name="COMMAND")
        case _ if extra := re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.message):
            return message("extra-argument", names=extra[1])
        case _:
            return message("usage-other", detail=error.format_message())


def _bad_value(parameter: click.Parameter, detail: str) -> Message:
    name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.human_readable_name
    match parameter.type:
        case click.Choice(choices=choices):
            return message("bad-choice", name=name, choices=", ".join(map(str, choices)))
        case click.FloatRange(min=low, max=high):
            return message("bad-number", name=name, low=f"{low:g}", high=f"{high:g}")
        case _:
            return message("bad-value", name=name, detail=detail)


class _JapaneseHelp(click.HelpFormatter):
    """Click's own words in Japanese; it has no catalogue for them."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or "使い方: ")

    def write_heading(self, heading: str) -> None:
        super().write_heading({"Options": "オプション", "Commands": "コマンド"}.get(heading, heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        words = {"Show this message and exit.": "この説明を表示して終了します。"}
        super().write_dl([(name, words.get(text, text)) for name, text in rows], col_max, col_spacing)


class _JapaneseContext(click.Context):
    formatter_class = _JapaneseHelp


class _Group(click.Group):
    """A group that names the nearest command for an unknown one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            raise InputError(
                message("no-such-command", did_you_mean(nearest(name, self.list_commands(ctx))), name=name)
            )
        return super().resolve_command(ctx, args)


def _commands(language: Language) -> click.Group:
    options = Options(language)
    words, option = options.words, options.option
    format_option = option("--format", "format_", help_="help-format", type=_FORMATS, default=str(Format.TEXT))
    machine_option = option("--machine", help_="help-machine", type=FOLDER)
    context_class = _JapaneseContext if language is Language.JA else click.Context
    settings = {"help_option_names": ["--help", "-h"], "max_content_width": 100}

    @click.group(cls=_Group, invoke_without_command=True, help=words("help-main"), context_settings=settings)
    @click.version_option(__version__, prog_name="diagnose", message="%(prog)s %(version)s", help=words("help-version"))
    @options.lang()
    @machine_option
    @options.rules()
    @option("--glyphs", help_="help-glyphs", type=click.Choice(["auto", "unicode", "ascii"]), default="auto")
    @click.pass_context
    def main(
        context: click.Context, lang: str, machine: Path | None, rules: tuple[Path, ...], glyphs: str
    ) -> int | None:
        if context.invoked_subcommand is not None:
            return None
        if not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)):
            diagnostics.say_message(message("no-terminal"), Language(lang))
            return diagnostics.Exit.USAGE
        from diagnose.commands.screens import run_screens
        from diagnose.tui.glyphs import Glyphs

        return run_screens(Language(lang), machine, rules, Glyphs(glyphs))

    @main.command(help=words("help-products"))
    @machine_option
    @options.rules()
    @options.lang()
    @option("--format", "format_", help_="help-format", type=click.Choice(["text", "json"]), default="text")
    def products(machine: Path | None, rules: tuple[Path, ...], lang: str, format_: str) -> int:
        from diagnose.commands.listing import list_products

        return list_products(Language(lang), machine, rules, as_json=format_ == "json")

    @main.command(help=words("help-flows"))
    @click.argument("product", required=False)
    @options.rules()
    @options.lang()
    def flows(product: str | None, rules: tuple[Path, ...], lang: str) -> int:
        from diagnose.commands.listing import list_flows

        return list_flows(product, Language(lang), rules)

    @main.command(help=words("help-run"))
    @click.argument("target", required=False, metavar="[PRODUCT[/FLOW]]")
    @option("--answers", help_="help-answers", type=FOLDER)
    @option("--answer", "answer", help_="help-answer", multiple=True, metavar="KEY=VALUE")
    @option("--no-input", help_="help-no-input", is_flag=True)
    @options.lang()
    @option("--output", "output_folder", help_="help-output", type=FOLDER)
    @format_option
    @machine_option
    @option("--record", help_="help-record", type=FOLDER)
    @options.rules()
    @option("--only", help_="help-only", multiple=True, metavar="STEP")
    @option("--skip", help_="help-skip", multiple=True, metavar="STEP")
    @option("--timeout", help_="help-timeout", type=Seconds(1, 86_400), default=120.0, metavar="SECONDS")
    @option("--until", help_="help-until", type=click.Choice(["first-fail"]))
    def run(  # noqa: PLR0917 - click passes options by name
        target: str | None,
        answers: Path | None,
        answer: tuple[str, ...],
        no_input: bool,
        lang: str,
        output_folder: Path | None,
        format_: str,
        machine: Path | None,
        record: Path | None,
        rules: tuple[Path, ...],
        only: tuple[str, ...],
        skip: tuple[str, ...],
        timeout: float,
        until: Any,
    ) -> int:
        from diagnose.commands.running import RunOptions
        from diagnose.commands.running import run as run_now

        return run_now(
            RunOptions(
                target=target,
                language=Language(lang),
                format=Format(format_),
                answers_file=answers,
                answers=pairs(answer),
                interactive=not no_input and _is_terminal(sys.stdin) and _is_terminal(sys.stderr),
                output=output_folder,
                machine=machine,
                record=record,
                rules=rules,
                only=only,
                skip=skip,
                timeout_s=timeout,
                until=until,
            )
        )

    @main.command(help=words("help-report"))
    @click.argument("run", type=FOLDER)
    @options.lang()
    @format_option
    def report(run: Path, lang: str, format_: str) -> int:
        from diagnose.commands.replaying import report as show

        return show(run, Language(lang), Format(format_))

    @main.command(help=words("help-replay"))
    @click.argument("run", type=FOLDER)
    @options.lang()
    @format_option
    @options.rules()
    @options.identity()
    @options.passphrase()
    def replay(  # noqa: PLR0917 - click passes options by name
        run: Path, lang: str, format_: str, rules: tuple[Path, ...], identity: Path | None, passphrase: bool
    ) -> int:
        from diagnose.commands.encrypting import opened
        from diagnose.commands.replaying import replay as judge_again

        with opened(run, identity, Language(lang), ask=passphrase) as path:
            return judge_again(path, Language(lang), Format(format_), rules)

    add_bundle_commands(main, options)
    add_remote_command(main, options)
    add_fleet_commands(main, options)
    _add_rules_commands(main, options)
    _use_context(main, context_class)
    return main


def _use_context(command: click.Command, context_class: type[click.Context]) -> None:
    """For this command and all below it."""
    command.context_class = context_class
    for child in command.commands.values() if isinstance(command, click.Group) else ():
        _use_context(child, context_class)


def _add_rules_commands(main: click.Group, options: Options) -> None:
    from diagnose.commands.schema_names import GRAPH_FORMATS, SCHEMA_NAMES

    words = options.words

    @main.group(cls=_Group, help=words("help-rules-group"))
    @options.lang()
    def rules(lang: str) -> None:
        pass

    @rules.command(help=words("help-lint"))
    @options.rules()
    @options.lang()
    def lint(rules: tuple[Path, ...], lang: str) -> int:
        from diagnose.commands.rules import lint_rules

        return lint_rules(Language(lang), rules)

    @rules.command(help=words("help-schema"))
    @click.argument("name", type=click.Choice(SCHEMA_NAMES))
    @options.lang()
    def schema(name: str, lang: str) -> int:  # noqa: ARG001 - every command takes --lang
        from diagnose.commands.rules import show_schema

        return show_schema(name)

    @rules.command(help=words("help-graph"))
    @click.argument("flow")
    @click.option(
        "--format", "format_", type=click.Choice(GRAPH_FORMATS), default="mermaid", help=words("help-graph-format")
    )
    @options.rules()
    @options.lang()
    def graph(flow: str, format_: str, rules: tuple[Path, ...], lang: str) -> int:
        from diagnose.commands.rules import show_graph

        return show_graph(flow, format_, Language(lang), rules)

    @rules.command(help=words("help-test"))
    @click.argument("folders", nargs=-1, required=True, type=FOLDER)
    @options.rules()
    @options.lang()
    def test(folders: tuple[Path, ...], rules: tuple[Path, ...], lang: str) -> int:
        from diagnose.commands.rules import test_rules

        return test_rules(folders, Language(lang), rules)
