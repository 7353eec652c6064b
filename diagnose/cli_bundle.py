"""The commands that make a bundle and check one."""

from __future__ import annotations

from pathlib import Path

import click

from diagnose.cli_options import FOLDER, Options, pairs
from diagnose.text import Language


def add_bundle_commands(main: click.Group, options: Options) -> None:
    """`bundle` and `verify`."""
    words, option = options.words, options.option

    @main.command(help=words("help-bundle"))
    @click.argument("run", required=False, type=FOLDER)
    @option("--output", help_="help-bundle-output", type=FOLDER)
    @option("--list", "list_only", help_="help-bundle-list", is_flag=True)
    @option("--form", help_="help-bundle-form", type=FOLDER)
    @option("--incident", help_="help-bundle-incident", multiple=True, metavar="KEY=VALUE")
    @option("--around", help_="help-bundle-around", metavar="TIME")
    @option("--fit", help_="help-bundle-fit", metavar="SIZE")
    @option("--encrypt-to", help_="help-bundle-encrypt-to", multiple=True, metavar="age1...")
    @options.passphrase()
    @option("--map", "map_file", help_="help-bundle-map", type=FOLDER)
    @option("--reveal", help_="help-bundle-reveal", metavar="TEXT|FILE")
    @options.rules()
    @options.lang()
    def bundle(  # noqa: PLR0917 - click passes options by name
        run: Path | None,
        output: Path | None,
        list_only: bool,
        form: Path | None,
        incident: tuple[str, ...],
        around: str | None,
        fit: str | None,
        encrypt_to: tuple[str, ...],
        passphrase: bool,
        map_file: Path | None,
        reveal: str | None,
        rules: tuple[Path, ...],
        lang: str,
    ) -> int:
        from diagnose.bundle.sizes import parse_size
        from diagnose.commands.bundling import BundleOptions, reveal_text
        from diagnose.commands.bundling import bundle as bundle_now
        from diagnose.commands.encrypting import seal

        if reveal is not None:
            return reveal_text(reveal, map_file)
        return bundle_now(
            BundleOptions(
                run=run,
                output=output,
                language=Language(lang),
                list_only=list_only,
                form_file=form,
                form=pairs(incident),
                around=around,
                fit=None if fit is None else parse_size(fit),
                seal=seal(encrypt_to, Language(lang), ask=passphrase),
                map_file=map_file,
                rules=rules,
            )
        )

    @main.command(help=words("help-verify"))
    @click.argument("bundle", type=FOLDER)
    @options.identity()
    @options.passphrase()
    @options.lang()
    def verify(bundle: Path, identity: Path | None, passphrase: bool, lang: str) -> int:
        from diagnose.commands.encrypting import opened
        from diagnose.commands.verifying import verify as verify_now

        with opened(bundle, identity, Language(lang), ask=passphrase) as archive:
            return verify_now(archive, Language(lang), name=bundle)
