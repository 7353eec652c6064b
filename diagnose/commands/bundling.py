"""`diagnose bundle`: the plan (`--list`), the bundle itself, and pseudonyms turned back (`--reveal`)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diagnose import output
from diagnose.bundle.assemble import Made
from diagnose.bundle.encryption import Seal
from diagnose.bundle.incident import read_form
from diagnose.bundle.ordering import Opened, Order, bundle_name, keep_map, make, maps_folder, open_run, prepare
from diagnose.bundle.private_map import KEY_BYTES, key_of, open_map, reveal
from diagnose.bundle.sizes import size_text
from diagnose.commands.plan_text import incident_window, plan_lines
from diagnose.commands.progress import BundleProgress
from diagnose.diagnostics import Exit, say_message
from diagnose.errors import InputError, Place
from diagnose.input_files import folder_entries, is_folder, read_input
from diagnose.messages import message
from diagnose.run.clock import SystemClock
from diagnose.run.opening import state_folder
from diagnose.run.store import RESULT
from diagnose.text import Language

_LONGEST_TEXT = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOptions:
    run: Path | None
    output: Path | None
    language: Language
    list_only: bool = False
    form_file: Path | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    around: str | None = None
    """The time of the incident, as it was typed."""
    fit: int | None = None
    """Bytes that the ticket takes."""
    seal: Seal | None = None
    map_file: Path | None = None
    """Whose key is used again, so that two bundles have the same pseudonyms."""
    rules: tuple[Path, ...] = ()


def bundle(options: BundleOptions) -> Exit:
    """Raises InputError; there is no file then."""
    language = options.language
    opened = open_run(options.run or _newest_run(), options.rules)
    prepared = prepare(_order(options, opened), opened)
    if options.list_only:
        output.write("\n".join(plan_lines(prepared.plan, language)))
        return Exit.PASS

    def smaller(size: int) -> None:
        say_message(message("bundle-smaller", size=size_text(size)), language)

    made = make(prepared, SystemClock(), BundleProgress(language).show, smaller)
    _tell(made, prepared.order.target, _keep_map(made, language), language)
    return Exit.PASS


def _order(options: BundleOptions, opened: Opened) -> Order:
    """Raises InputError."""
    window = None if options.around is None else incident_window(options.around, opened.source.now())
    return Order(
        run=opened.saved,
        target=options.output or Path(bundle_name(opened.saved.result, options.seal)),
        language=options.language,
        form=read_form(opened.flow.product.incident, options.form_file, options.form),
        window=window,
        fit=options.fit,
        key=_key(options),
        seal=options.seal,
        rules=options.rules,
    )


def _key(options: BundleOptions) -> bytes:
    """Of the map; a list needs none. Raises InputError."""
    if options.map_file is None or options.list_only:
        return secrets.token_bytes(KEY_BYTES)
    return key_of(open_map(options.map_file))


def reveal_text(text_or_file: str, map_file: Path | None) -> Exit:
    """Print a text, or a file, with every pseudonym of the kept maps turned back. Raises InputError."""
    maps = [map_file] if map_file else _kept_maps()
    if not maps:
        raise InputError(message("no-map"), Place(str(maps_folder())))
    known: dict[str, str] = {}
    for path in maps:
        known |= open_map(path).originals
    file = Path(text_or_file)
    try:
        found = file.is_file()
    except (OSError, ValueError):
        found = False
    text = read_input(file, _LONGEST_TEXT).decode("utf-8", "replace") if found else text_or_file
    output.write(reveal(text, known))
    return Exit.PASS


def _newest_run() -> Path:
    """Of the kept runs. Raises InputError when there is none."""
    folder = state_folder()
    runs = [path for path in folder_entries(folder) if (path / RESULT).is_file()] if is_folder(folder) else []
    if not runs:
        raise InputError(message("no-run-kept"), Place(str(folder)))
    # Their names begin with the time of the run.
    return max(runs, key=lambda path: path.name)


def _kept_maps() -> list[Path]:
    folder = maps_folder()
    return [path for path in folder_entries(folder) if path.suffix == ".json"] if is_folder(folder) else []


def _keep_map(made: Made, language: Language) -> Path | None:
    """Where the private map is now; None when it could not be kept."""
    folder = maps_folder()
    try:
        return keep_map(made, folder)
    except (InputError, OSError) as error:
        say_message(message("map-not-kept", folder=folder, error=error), language)
        return None


def _tell(made: Made, target: Path, kept: Path | None, language: Language) -> None:
    manifest = made.manifest
    proof = manifest.redaction.proof
    say_message(
        message("bundle-written", path=target, size=size_text(made.size), count=len(manifest.members)), language
    )
    if proof is not None:
        say_message(message("bundle-proven", values=proof.values, size=size_text(proof.bytes_searched)), language)
    if manifest.left_out:
        say_message(message("bundle-left-out", count=len(manifest.left_out)), language)
    if made.changed:
        say_message(message("bundle-replay-differs", steps=", ".join(change.step for change in made.changed)), language)
    if manifest.limits.fits is False:
        say_message(message("bundle-too-large", limit=size_text(manifest.limits.ticket or 0)), language)
    if kept is not None:
        say_message(message("map-kept", path=kept), language)
    output.write(str(target))
