"""A comparison as the page shows it: numbers in words, bars with their lengths, lists that are not too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.fleet.page_words import count_text, word
from diagnose.fleet.plain import groups_text, headline, host_notes, inventory_text
from diagnose.fleet.refusals import counted
from diagnose.fleet.report import Comparison, Condition, Difference, FleetReport, Spread
from diagnose.fleet.wording import chance, conditions_text, share
from diagnose.report.formats import time_text
from diagnose.text import Language, Text

_MOST_HOSTS = 200
_MOST_LEFT_OUT = 100
_MOST_CAUSES = 30
BAR = 100
"""Units of the longest bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`length` of BAR; `group`: affected, healthy, unknown, missing."""

    group: str
    title: str
    count: str
    share: str
    length: float
    start: float = 0.0


@dataclass(frozen=True, slots=True)
class Hosts:
    """`more`: how many names are not shown."""

    title: str
    names: tuple[str, ...]
    count: str
    more: str


@dataclass(frozen=True, slots=True)
class CauseRow:
    title: str
    id: str
    bar: Bar
    primary: str
    hosts: Hosts


@dataclass(frozen=True, slots=True)
class DifferenceContent:
    strength: str
    strength_word: str
    sentence: str
    bars: tuple[Bar, ...]
    chance: str
    needed: str
    also: tuple[str, ...]
    hosts: tuple[Hosts, ...]


@dataclass(frozen=True, slots=True)
class SpreadRow:
    value: str
    bars: tuple[Bar, Bar]


@dataclass(frozen=True, slots=True)
class SpreadContent:
    title: str
    rows: tuple[SpreadRow, ...]


@dataclass(frozen=True, slots=True)
class ComparisonContent:
    title: str
    id: str
    groups: str
    recognised: str
    claims: tuple[DifferenceContent, ...]
    others: tuple[DifferenceContent, ...]
    spreads: tuple[SpreadContent, ...]
    conclusion: str


@dataclass(frozen=True, slots=True)
class Pair:
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class VisitContent:
    host: str
    causes: str
    stands_for: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageContent:
    language: Language
    headline: str
    status: str
    glyph: str
    identity: tuple[Pair, ...]
    counts: tuple[Bar, ...]
    causes: tuple[CauseRow, ...]
    without_cause: str
    comparisons: tuple[ComparisonContent, ...]
    visits: tuple[VisitContent, ...]
    visit_note: str
    hosts: tuple[Hosts, ...]
    left_out_counts: tuple[Pair, ...]
    left_out: tuple[tuple[str, str, str, str], ...]
    """File, computer, reason, technical detail."""
    left_out_more: str
    facts: str
    notes: tuple[tuple[str, tuple[Pair, ...]], ...]


def page_content(report: FleetReport, language: Language) -> PageContent:
    counts = report.counts
    status, glyph = ("fail", "✕") if counts.affected else (("pass", "✓") if counts.healthy else ("unknown", "?"))
    left_out = report.left_out[:_MOST_LEFT_OUT]
    more = report.left_out_count - len(left_out)
    return PageContent(
        language=language,
        headline=headline(report, language),
        status=status,
        glyph=glyph,
        identity=_identity(report, language),
        counts=_counts(report, language),
        causes=_causes(report, language),
        without_cause=_if(report.affected_without_cause, "without-cause", language),
        comparisons=tuple(_comparison(one, language) for one in report.comparisons),
        visits=tuple(
            VisitContent(
                host=one.host,
                causes=word("separator", language).join(one.causes),
                stands_for=count_text(one.stands_for),
                differences=_all(one.differences, language),
            )
            for one in report.visit[:_MOST_HOSTS]
        ),
        visit_note=word("visit-note", language, combinations=count_text(report.visit_covers)),
        hosts=tuple(_hosts(word(name, language), hosts, len(hosts), language) for name, hosts in host_notes(report)),
        left_out_counts=tuple(
            Pair(text.in_language(language), count_text(count)) for text, count in counted(report.left_out).values()
        ),
        left_out=tuple((one.source, one.host, one.text.in_language(language), one.detail) for one in left_out),
        left_out_more=word("more", language, count=count_text(more)) if more > 0 else "",
        facts=word("facts-value", language, count=count_text(report.facts_compared)),
        notes=_notes(report, language),
    )


def _if(count: int, name: str, language: Language) -> str:
    return word(name, language, count=count_text(count)) if count else ""


def _all(texts: Sequence[Text], language: Language) -> tuple[str, ...]:
    return tuple(text.in_language(language) for text in texts)


def _identity(report: FleetReport, language: Language) -> tuple[Pair, ...]:
    results = word(
        "results-value",
        language,
        results=count_text(report.results),
        left_out=count_text(report.left_out_count),
    )
    rows = (
        ("product", report.flow.product.in_language(language)),
        ("flow", f"{report.flow.title.in_language(language)} [{report.flow.id}]"),
        ("made", time_text(report.made)),
        ("results", results),
        ("inventory", inventory_text(report, language)),
    )
    return tuple(Pair(word(name, language), value) for name, value in rows)


def _counts(report: FleetReport, language: Language) -> tuple[Bar, ...]:
    """Parts of one bar, side by side."""
    counts = report.counts
    found, start = [], 0.0
    for name in ("affected", "healthy", "unknown", "missing"):
        count = getattr(counts, name)
        if name == "missing" and report.inventory is None:
            continue
        length = BAR * count / counts.total if counts.total else 0.0
        found.append(Bar(name, word(name, language), count_text(count), share(count, counts.total), length, start))
        start += length
    return tuple(found)


def _causes(report: FleetReport, language: Language) -> tuple[CauseRow, ...]:
    most = max((cause.affected for cause in report.causes), default=1)
    rows = []
    for cause in report.causes[:_MOST_CAUSES]:
        title = cause.title.in_language(language)
        bar = Bar(
            "affected",
            title,
            count_text(cause.affected),
            share(cause.affected, report.counts.total),
            BAR * cause.affected / most,
        )
        hosts = _hosts(word("hosts", language), cause.hosts, len(cause.hosts), language)
        rows.append(CauseRow(title, cause.id, bar, count_text(cause.primary), hosts))
    return tuple(rows)


def _hosts(title: str, names: Sequence[str], count: int, language: Language) -> Hosts:
    shown = tuple(names[:_MOST_HOSTS])
    more = count - len(shown)
    return Hosts(title, shown, count_text(count), word("more", language, count=count_text(more)) if more > 0 else "")


def _comparison(comparison: Comparison, language: Language) -> ComparisonContent:
    differences = [_difference(one, language) for one in comparison.differences]
    return ComparisonContent(
        title=comparison.title.in_language(language),
        id=comparison.cause,
        groups=groups_text(comparison, language),
        recognised=word("separator", language).join(
            dict.fromkeys(one.title.in_language(language) for one in comparison.recognised_by)
        ),
        claims=tuple(one for one in differences if one.strength == "claim"),
        others=tuple(one for one in differences if one.strength != "claim"),
        spreads=tuple(_spread(one, comparison, language) for one in comparison.spreads),
        conclusion=comparison.conclusion.in_language(language),
    )


def _difference(difference: Difference, language: Language) -> DifferenceContent:
    exceptions = difference.affected_seen - difference.affected_with
    hosts = (
        _hosts(word("counter", language), difference.healthy_examples, difference.healthy_with, language),
        _hosts(word("exceptions", language), difference.affected_exceptions, exceptions, language),
    )
    return DifferenceContent(
        strength=difference.strength,
        strength_word=word(difference.strength, language),
        sentence=difference.sentence.in_language(language),
        bars=(
            _rate("affected", difference.affected_with, difference.affected_seen, language),
            _rate("healthy", difference.healthy_with, difference.healthy_seen, language),
        ),
        chance=chance(difference.p).in_language(language) if difference.strength != "goes_along" else "",
        needed=count_text(difference.needed) if difference.needed is not None else "",
        also=tuple(_also(one, language) for one in difference.also),
        hosts=tuple(one for one in hosts if one.names) if difference.strength != "goes_along" else (),
    )


def _also(conditions: Sequence[Condition], language: Language) -> str:
    return conditions_text(conditions).in_language(language)


def _rate(group: str, part: int, whole: int, language: Language) -> Bar:
    count = word("of", language, part=count_text(part), whole=count_text(whole))
    return Bar(group, word(group, language), count, share(part, whole), BAR * part / whole if whole else 0.0)


def _spread(spread: Spread, comparison: Comparison, language: Language) -> SpreadContent:
    """Each value as a share of its own group, so that thousands of healthy computers do not hide thirty others."""
    rows = tuple(
        SpreadRow(
            one.value.in_language(language),
            (
                _rate("affected", one.affected, comparison.affected, language),
                _rate("healthy", one.healthy, comparison.healthy, language),
            ),
        )
        for one in spread.values
    )
    return SpreadContent(spread.title.in_language(language), rows)


def _notes(report: FleetReport, language: Language) -> tuple[tuple[str, tuple[Pair, ...]], ...]:
    notes = [
        (word(name, language), tuple(Pair(*_all((one.title, one.text), language)) for one in found))
        for name, found in (("types", report.type_changes), ("facts-left-out", report.facts_left_out))
    ]
    flows = tuple(
        Pair(f"{one.id} ({one.title.in_language(language)})", count_text(one.hosts)) for one in report.other_flows
    )
    return tuple((title, pairs) for title, pairs in [*notes, (word("other-flows", language), flows)] if pairs)
