"""`diagnose fleet compare`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose import __version__, output
from diagnose.diagnostics import Exit, say_message
from diagnose.fleet.collected import Collected, Collector
from diagnose.fleet.comparing import HostLine, Question, flow_of
from diagnose.fleet.comparing import compare as compare_results
from diagnose.fleet.files import hosts_csv, incident_yaml
from diagnose.fleet.inventory import read_inventory
from diagnose.fleet.latest import DAY
from diagnose.fleet.report import FleetReport, render_json
from diagnose.fleet.sources import Passed, Piece, pieces
from diagnose.messages import message
from diagnose.resources import rules_folder
from diagnose.rules.folders import open_rule_folders
from diagnose.run.clock import SystemClock
from diagnose.run.store import make_folder
from diagnose.text import Language
from diagnose.whole_file import write_whole_file

_EVERY = 5_000
"""Results between two lines of progress."""
_FORM = frozenset({"affected_count", "total_count", "healthy_agents_exist", "difference_from_healthy"})


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """What the operator asked for; `format` is text, json or html."""

    sources: tuple[Path, ...]
    inventory: Path | None
    flow: str | None
    cause: str | None
    max_age_days: float
    output: Path | None
    incident: Path | None
    table: Path | None
    rules: tuple[Path, ...]
    format: str
    language: Language


def compare(options: CompareOptions) -> Exit:
    """Read, compare, show and keep. Raises InputError before anything is written."""
    inventory = read_inventory(options.inventory) if options.inventory is not None else None
    found = _collected(options)
    flow = flow_of(found, options.flow)
    question = Question(
        flow=flow,
        cause=options.cause,
        inventory=inventory,
        max_age_s=options.max_age_days * DAY,
        form_fields=_form_fields(flow.rpartition("/")[0], options),
    )
    report, hosts = compare_results(found, question, SystemClock().wall(), __version__)
    if found.refused_count:
        say_message(message("fleet-refused", count=found.refused_count), options.language)
    if options.output is not None:
        _save(report, hosts, options.output, options.language)
    if options.incident is not None:
        _save_incident(report, options.incident, options.language)
    output.write_bytes(_rendered(report, options))
    return _exit(report)


def _collected(options: CompareOptions) -> Collected:
    """Raises InputError for a path that is not there, and without duckdb for a table."""
    tables = [path for path in options.sources if path.suffix.lower() == ".parquet"]
    others = [path for path in options.sources if path not in tables]
    collector = Collector()
    if tables or options.table is not None:
        from diagnose.fleet.table import read_table, write_table

        for path in tables:
            read_table(path, collector)
    collector.collect(_told(pieces(others, Passed()), options.language))
    if options.table is not None:
        write_table(collector.found, options.table)
        say_message(message("fleet-saved", path=options.table), options.language)
    return collector.found


def _told(found: Iterable[Piece], language: Language) -> Iterator[Piece]:
    for count, piece in enumerate(found, 1):
        if not count % _EVERY:
            say_message(message("fleet-reading", count=f"{count:,}"), language)
        yield piece


def _form_fields(product: str, options: CompareOptions) -> frozenset[str]:
    """Of the product's incident form those that a comparison fills; all of them for a product without rules here."""
    folders = open_rule_folders(rules_folder(), options.rules)
    if product not in folders.product_ids():
        if options.incident is not None:
            say_message(message("fleet-no-form", product=product), options.language)
        return _FORM
    return _FORM & {field.id for field in folders.product(product).value.incident}


def _rendered(report: FleetReport, options: CompareOptions) -> bytes:
    if options.format == "json":
        return render_json(report)
    if options.format == "html":
        from diagnose.fleet.page import render_html

        return render_html(report, options.language).encode()
    from diagnose.fleet.plain import render_text

    return render_text(report, options.language).encode()


def _save(report: FleetReport, hosts: tuple[HostLine, ...], folder: Path, language: Language) -> None:
    """Raises InputError when the folder cannot be written to."""
    from diagnose.fleet.page import render_html

    make_folder(folder)
    write_whole_file(folder / "fleet.json", render_json(report))
    write_whole_file(folder / "fleet.html", render_html(report, language).encode())
    write_whole_file(folder / "hosts.csv", hosts_csv(hosts, language))
    if report.incident:
        write_whole_file(folder / "incident.yaml", incident_yaml(report.incident, language).encode())
    say_message(message("fleet-saved", path=folder), language)


def _save_incident(report: FleetReport, path: Path, language: Language) -> None:
    if not report.incident:
        say_message(message("fleet-form-empty", product=report.flow.id.rpartition("/")[0]), language)
        return
    write_whole_file(path, incident_yaml(report.incident, language).encode())
    say_message(message("fleet-saved", path=path), language)


def _exit(report: FleetReport) -> Exit:
    if report.counts.affected:
        return Exit.FOUND
    return Exit.PASS if report.counts.healthy else Exit.UNKNOWN
