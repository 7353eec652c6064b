"""index.html of an output folder: every host in one table, each with a link to its own report. Both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from diagnose.remote.order import LATE
from diagnose.remote.outcomes import STANDINGS, HostRecord, State, Summary, standing
from diagnose.remote.words import BUNDLE_LATE, PAGE, REASONS, standing_word, status_of
from diagnose.report.content import StatusContent
from diagnose.report.formats import duration_text, one_line, time_text
from diagnose.report.html import environment
from diagnose.report.words import GLYPHS, LANGUAGE_NAMES, STATUS_WORDS, WORDS
from diagnose.run.result import Status
from diagnose.run.store import REPORT
from diagnose.text import Language


@dataclass(frozen=True, slots=True)
class Count:
    """How many hosts stand like that."""

    status: StatusContent
    count: int


@dataclass(frozen=True, slots=True)
class HostContent:
    """A row. `report` and `bundle` are links below the folder of the page, empty when there is nothing."""

    host: str
    computer: str
    """What it calls itself, where that is another name."""
    status: StatusContent
    what: str
    """The main cause, or why there is no result."""
    detail: str
    flow: str
    when: str
    duration: str
    report: str
    bundle: str
    bundle_problem: str
    left: str


@dataclass(frozen=True, slots=True)
class IndexContent:
    language: Language
    status: StatusContent
    verdict: str
    unfinished: bool
    when: str
    tool: str
    counts: tuple[Count, ...]
    hosts: tuple[HostContent, ...]
    """Those with a result, those with problems first."""
    missing: tuple[HostContent, ...]
    """Those without."""


def render_index(summary: Summary, language: Language) -> str:
    """The page, with `language` selected."""
    pages = {
        shown: {
            "content": index_content(summary, shown),
            "word": partial(_word, shown),
            "name": LANGUAGE_NAMES[shown],
        }
        for shown in Language
    }
    template = environment().get_template("remote.html.j2")
    return template.render(
        pages=pages.values(),
        selected=pages[language],
        language_label=WORDS["language"],
        limits={"value": 300, "sentence": 2_000, "longest": 2_000},
    )


def index_content(summary: Summary, language: Language) -> IndexContent:
    """Everything that the page says in this language; the strings hold no hidden characters."""
    order = {name: number for number, name in enumerate(STANDINGS)}
    hosts = sorted(summary.hosts, key=lambda record: order[standing(record)])
    judged = [record for record in hosts if record.state is State.DONE]
    return IndexContent(
        language=language,
        status=_whole_status(summary, language),
        verdict=_verdict(summary, language),
        unfinished=summary.interrupted or summary.finished is None,
        when=time_text(summary.started),
        tool=f"diagnose {one_line(summary.tool_version)}",
        counts=tuple(_counts(hosts, language)),
        hosts=tuple(_host(record, language) for record in judged),
        missing=tuple(_host(record, language) for record in hosts if record.state is not State.DONE),
    )


def reason_line(record: HostRecord, language: Language) -> str:
    """Why there is no result, in one line, with what the other side said."""
    reason = REASONS[record.reason].in_language(language) if record.reason is not None else ""
    return bracketed(reason, one_line(record.detail), language)


def bracketed(text: str, more: str, language: Language) -> str:
    """`text (more)`, in the brackets of the language; `text` alone where there is no more."""
    if not more:
        return text
    return f"{text}（{more}）" if language is Language.JA else f"{text} ({more})"


def cause_line(record: HostRecord, language: Language) -> str:
    """The main cause; empty when there is none."""
    verdict = record.verdict
    if verdict is None or verdict.primary_cause is None:
        return ""
    return one_line(verdict.primary_cause.title.in_language(language))


def _verdict(summary: Summary, language: Language) -> str:
    found, unknown, judged = _judged(summary)
    if not judged:
        name = "remote-nothing"
    elif found:
        name = "remote-found"
    else:
        name = "remote-undecided" if unknown else "remote-clean"
    return _word(language, name, found=found, judged=judged, unknown=unknown, hosts=len(summary.hosts))


def _whole_status(summary: Summary, language: Language) -> StatusContent:
    """The sign over the page. Where somebody is missing, nobody can say that all is well."""
    found, unknown, judged = _judged(summary)
    if found:
        status = Status.FAIL if summary.totals.get("fail") else Status.WARN
    else:
        status = Status.UNKNOWN if unknown or judged < len(summary.hosts) else Status.PASS
    return StatusContent(status, GLYPHS[status], STATUS_WORDS[status].in_language(language))


def _judged(summary: Summary) -> tuple[int, int, int]:
    """How many have something, could not be decided, and were diagnosed at all."""
    counts = summary.totals
    found, unknown = counts.get("fail", 0) + counts.get("warn", 0), counts.get("unknown", 0)
    return found, unknown, found + unknown + counts.get("pass", 0)


def _counts(hosts: Iterable[HostRecord], language: Language) -> Iterable[Count]:
    groups: dict[str, list[HostRecord]] = {name: [] for name in STANDINGS}
    for record in hosts:
        groups[standing(record)].append(record)
    return (Count(_status(group[0], language), len(group)) for group in groups.values() if group)


def _host(record: HostRecord, language: Language) -> HostContent:
    verdict = record.verdict
    hostname = one_line(verdict.hostname or "") if verdict is not None else ""
    folder = quote(record.folder) if record.folder is not None else ""
    late = BUNDLE_LATE.in_language(language)
    return HostContent(
        host=record.host,
        computer=hostname if hostname.lower() != record.host.lower() else "",
        status=_status(record, language),
        what=cause_line(record, language) if verdict is not None else _reason(record, language),
        detail=one_line(record.detail),
        flow=one_line(f"{verdict.product}/{verdict.flow}") if verdict is not None else "",
        when=time_text(record.started) if record.started is not None else "",
        duration=duration_text(record.duration_s, language) if record.duration_s is not None else "",
        report=f"{folder}/{REPORT}" if folder and verdict is not None else "",
        bundle=f"{folder}/{quote(record.bundle)}" if folder and record.bundle is not None else "",
        bundle_problem=late if record.bundle_problem == LATE else one_line(record.bundle_problem),
        left=one_line(record.left),
    )


def _reason(record: HostRecord, language: Language) -> str:
    """As a sentence of its own."""
    text = REASONS[record.reason].in_language(language) if record.reason is not None else ""
    return text[:1].upper() + text[1:]


def _status(record: HostRecord, language: Language) -> StatusContent:
    status = status_of(record)
    return StatusContent(status, GLYPHS[status], standing_word(record).in_language(language))


def _word(language: Language, name: str, **values: object) -> str:
    found = PAGE.get(name) or WORDS[name]
    return found.in_language(language).format(**values)
