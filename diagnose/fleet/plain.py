"""A comparison as plain text for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.fleet.page_words import count_text, word
from diagnose.fleet.refusals import counted
from diagnose.fleet.report import Comparison, Difference, FleetReport
from diagnose.fleet.wording import chance, share
from diagnose.report.formats import one_line, time_text
from diagnose.report.wrapping import display_width, padded, wrapped
from diagnose.text import Language

_MOST_HOSTS = 10


def headline(report: FleetReport, language: Language) -> str:
    """The whole in one sentence without a full stop."""
    counts = report.counts
    if counts.affected:
        return word("headline", language, total=count_text(counts.total), affected=count_text(counts.affected))
    name = "headline-none" if counts.healthy else "headline-unknown"
    return word(name, language, total=count_text(counts.total))


def render_text(report: FleetReport, language: Language, width: int = 80) -> str:
    """Ends with a line feed; no control characters."""
    return "\n".join(_Page(report, language, width).lines()) + "\n"


class _Page:
    def __init__(self, report: FleetReport, language: Language, width: int) -> None:
        self._report = report
        self._language = language
        self._width = width

    def lines(self) -> Iterator[str]:
        report = self._report
        yield from self._sentence(headline(report, self._language))
        yield ""
        yield from self._identity()
        yield from self._heading("counts")
        yield from self._counts()
        if report.causes or report.affected_without_cause:
            yield from self._heading("causes")
            yield from self._causes()
        for comparison in report.comparisons:
            yield from self._comparison(comparison)
        if report.visit:
            yield from self._heading("visit")
            yield from self._visits()
        yield from self._left_out()
        yield from self._notes()

    def _word(self, name: str, **values: object) -> str:
        return word(name, self._language, **values)

    def _sentence(self, text: str, first: str = "") -> list[str]:
        return wrapped(one_line(text), self._width, first)

    def _heading(self, name: str) -> list[str]:
        return self._underlined(self._word(name))

    def _underlined(self, title: str) -> list[str]:
        lines = self._sentence(title)
        return ["", *lines, "-" * min(max(map(display_width, lines)), self._width)]

    def _pair(self, name: str, value: str, indent: str = "") -> list[str]:
        return self._sentence(f"{self._word(name)}{self._word('colon')}{value}", indent)

    def _identity(self) -> Iterator[str]:
        report = self._report
        yield from self._pair("product", report.flow.product.in_language(self._language))
        yield from self._pair("flow", f"{report.flow.title.in_language(self._language)} [{report.flow.id}]")
        yield from self._pair("made", time_text(report.made))
        yield from self._pair(
            "results",
            self._word("results-value", results=count_text(report.results), left_out=count_text(report.left_out_count)),
        )
        yield from self._pair("inventory", inventory_text(report, self._language))

    def _counts(self) -> Iterator[str]:
        counts = self._report.counts
        rows = [
            (self._word(name), count, share(count, counts.total))
            for name, count in (
                ("affected", counts.affected),
                ("healthy", counts.healthy),
                ("unknown", counts.unknown),
                ("missing", counts.missing),
            )
            if name != "missing" or self._report.inventory is not None
        ]
        yield from self._table(rows)

    def _table(self, rows: Sequence[tuple[str, int, str]]) -> Iterator[str]:
        column = max((display_width(title) for title, _, _ in rows), default=0)
        digits = max((len(count_text(count)) for _, count, _ in rows), default=0)
        for title, count, rate in rows:
            yield f"{padded(title, column)}  {count_text(count):>{digits}}  {rate:>6}"

    def _causes(self) -> Iterator[str]:
        total = self._report.counts.total
        for cause in self._report.causes:
            numbers = f"{count_text(cause.affected)} ({share(cause.affected, total)})"
            primary = f"{self._word('primary')} {count_text(cause.primary)}"
            title = f"{cause.title.in_language(self._language)} [{cause.id}]"
            yield from self._sentence(f"{title}{self._word('colon')}{numbers}{self._word('separator')}{primary}", "- ")
        if self._report.affected_without_cause:
            yield from self._sentence(
                self._word("without-cause", count=count_text(self._report.affected_without_cause)), "- "
            )

    def _comparison(self, comparison: Comparison) -> Iterator[str]:
        title = comparison.title.in_language(self._language)
        yield from self._underlined(f"{self._word('compare')}{self._word('colon')}{title}")
        yield from self._sentence(groups_text(comparison, self._language))
        if comparison.recognised_by:
            names = self._word("separator").join(
                one.title.in_language(self._language) for one in comparison.recognised_by
            )
            yield from self._pair("recognised", names)
        strength = ""
        for difference in comparison.differences:
            if difference.strength != strength:
                strength = difference.strength
                yield from self._sentence(f"{self._word(strength)}{self._word('colon')}")
            yield from self._difference(difference)
        if not any(one.strength == "claim" for one in comparison.differences):
            yield from self._sentence(comparison.conclusion.in_language(self._language))

    def _difference(self, difference: Difference) -> Iterator[str]:
        yield from self._sentence(difference.sentence.in_language(self._language), "- ")
        if difference.strength == "goes_along":
            return
        yield from self._pair("chance", chance(difference.p).in_language(self._language), "    ")
        for name, hosts, count in (
            ("counter", difference.healthy_examples, difference.healthy_with),
            ("exceptions", difference.affected_exceptions, difference.affected_seen - difference.affected_with),
        ):
            if hosts:
                yield from self._pair(name, self._hosts(hosts, count), "    ")
        if difference.needed is not None:
            yield from self._pair("needed", count_text(difference.needed), "    ")

    def _visits(self) -> Iterator[str]:
        yield from self._sentence(self._word("visit-note", combinations=count_text(self._report.visit_covers)))
        for visit in self._report.visit:
            names = self._word("separator").join(visit.causes)
            stands = f"{self._word('stands-for')} {count_text(visit.stands_for)}"
            yield from self._sentence(f"{visit.host}{self._word('colon')}{names} ({stands})", "- ")

    def _left_out(self) -> Iterator[str]:
        report = self._report
        if report.left_out:
            yield from self._heading("left-out")
            for text, count in counted(report.left_out).values():
                colon = self._word("colon")
                yield from self._sentence(f"{text.in_language(self._language)}{colon}{count_text(count)}", "- ")
            for one in report.left_out[:_MOST_HOSTS]:
                yield from self._sentence(f"{one.source} ({one.text.in_language(self._language)})", "    ")
            if report.left_out_count > _MOST_HOSTS:
                yield from self._sentence(self._word("more", count=report.left_out_count - _MOST_HOSTS), "    ")

    def _notes(self) -> Iterator[str]:
        report = self._report
        for name, hosts in host_notes(report):
            yield ""
            yield from self._pair(name, self._hosts(hosts, len(hosts)))
        for name, notes in (("types", report.type_changes), ("facts-left-out", report.facts_left_out)):
            if notes:
                yield from self._heading(name)
                for note in notes[:_MOST_HOSTS]:
                    title, why = note.title.in_language(self._language), note.text.in_language(self._language)
                    yield from self._sentence(f"{title}{self._word('colon')}{why}", "- ")
        if report.other_flows:
            yield from self._heading("other-flows")
            for flow in report.other_flows:
                title = flow.title.in_language(self._language)
                yield from self._sentence(f"{flow.id} ({title}){self._word('colon')}{count_text(flow.hosts)}", "- ")

    def _hosts(self, hosts: Sequence[str], count: int) -> str:
        shown = self._word("separator").join(hosts[:_MOST_HOSTS])
        more = count - min(len(hosts), _MOST_HOSTS)
        return f"{shown} … (+{count_text(more)})" if more > 0 else shown


def host_notes(report: FleetReport) -> list[tuple[str, tuple[str, ...]]]:
    """Lists of names that there is something to say about; the id of what it is first."""
    inventory = report.inventory
    found: list[tuple[str, tuple[str, ...]]] = []
    if inventory is not None:
        found = [
            ("missing-hosts", inventory.missing),
            ("outside-hosts", inventory.outside),
            ("unclear-lines", tuple(map(str, inventory.unclear_lines))),
            ("repeated", inventory.repeated),
        ]
    found += [("clocks", report.clocks_ahead), ("shared", report.shared_names), ("not-compared", report.not_compared)]
    return [(name, hosts) for name, hosts in found if hosts]


def inventory_text(report: FleetReport, language: Language) -> str:
    if report.inventory is None:
        return word("no-inventory", language)
    return word(
        "inventory-value",
        language,
        hosts=count_text(report.inventory.hosts),
        missing=count_text(len(report.inventory.missing)),
        outside=count_text(len(report.inventory.outside)),
    )


def groups_text(comparison: Comparison, language: Language) -> str:
    return word(
        "compare-groups",
        language,
        **{
            name: count_text(getattr(comparison, name))
            for name in ("affected", "healthy", "undecided", "other", "not_applicable")
        },
    )
