"""The text for the vendor's ticket: what was asked for in the vendor's order, the verdict, the steps that were taken.

Markdown for ticket systems that show it, plain text for web forms and mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnose.bundle.incident import From, Incident, IncidentValue
from diagnose.report.content import report_content
from diagnose.report.formats import one_line, value_text
from diagnose.report.markdown import escaped
from diagnose.report.words import word
from diagnose.run.result import RunResult
from diagnose.text import Language, Text

_WORDS = {
    "title": Text(ja="お問い合わせ: {product}「{flow}」", en="Support request: {product}, {flow}"),
    "environment": Text(ja="対象のコンピュータと製品", en="Computer and product"),
    "incident": Text(ja="事象の詳細", en="Details of the incident"),
    "verdict": Text(ja="診断結果", en="Result of the diagnosis"),
    "steps": Text(ja="実施した切り分け", en="Steps that were taken"),
    "files": Text(ja="添付した情報", en="Information attached"),
    "absent": Text(ja="採取できなかった情報", en="Information that could not be collected"),
    "not-filled-in": Text(ja="（未記入）", en="(not filled in)"),
    "from-the-run": Text(ja="（診断時の回答）", en="(as answered during the diagnosis)"),
    "remedy": Text(ja="案内した対処", en="Advice that was given"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """`label: text`, or a text alone; `points` stand below it."""

    text: str
    label: str = ""
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[Line, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Attached:
    """What goes with the ticket, one line each, as the operator shall read it."""

    files: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def ticket(result: RunResult, incident: Incident, attached: Attached, language: Language) -> Ticket:
    """Everything that the vendor asks for, in one language."""
    content = report_content(result, language)
    flow = one_line(result.flow.title.in_language(language))
    product = one_line(result.product.name.in_language(language))
    verdict = [Line(content.verdict)]
    verdict += [
        Line(cause.because, cause.title, (_remedy(cause.remedy, language),) if cause.remedy else ())
        for cause in content.causes
    ]
    sections = (
        Section(_word("environment", language), tuple(Line(row.value, row.title) for row in content.identity)),
        Section(
            _word("incident", language), tuple(_asked(field, language) for field in incident.fields), numbered=True
        ),
        Section(_word("verdict", language), tuple(verdict)),
        Section(
            _word("steps", language),
            tuple(Line(f"{step.status.word}{_dash(step.because)}", step.title) for step in content.steps),
            numbered=True,
        ),
        Section(_word("files", language), tuple(map(Line, attached.files))),
        Section(_word("absent", language), tuple(map(Line, attached.absent))),
    )
    shown = tuple(section for section in sections if section.lines)
    return Ticket(_word("title", language).format(product=product, flow=flow), shown)


def render_plain(text: Ticket) -> str:
    """Plain text without any mark-up; every value on one line."""
    return "\n".join([one_line(text.title), *_plain(text.sections)]) + "\n"


def render_markdown(text: Ticket) -> str:
    """Markdown in which no value can format anything."""
    return "\n".join([f"# {escaped(text.title)}", *_markdown(text.sections)]) + "\n"


def _asked(field: IncidentValue, language: Language) -> Line:
    title = field.title.in_language(language)
    if field.given_by is From.NOBODY:
        return Line(_word("not-filled-in", language), title)
    value = field.value_text.in_language(language) if field.value_text else value_text(field.value, language)
    note = _word("from-the-run", language) if field.given_by is From.RUN else ""
    return Line(value + note, title)


def _remedy(remedy: Iterable[str], language: Language) -> str:
    return f"{_word('remedy', language)}{word('colon', language)}" + " ".join(
        f"({number}) {sentence}" for number, sentence in enumerate(remedy, 1)
    )


def _dash(text: str) -> str:
    return f" — {text}" if text else ""


def _plain(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        yield from ("", f"■ {one_line(section.title)}")
        for number, line in enumerate(section.lines, 1):
            mark = f"{number}. " if section.numbered else "- "
            label = f"{one_line(line.label)}: " if line.label else ""
            yield f"{mark}{label}{one_line(line.text)}"
            yield from (f"    {one_line(point)}" for point in line.points)


def _markdown(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        yield from ("", f"## {escaped(section.title)}", "")
        for number, line in enumerate(section.lines, 1):
            mark = f"{number}." if section.numbered else "-"
            label = f"**{escaped(line.label)}**: " if line.label else ""
            yield f"{mark} {label}{escaped(line.text)}"
            yield from (f"    - {escaped(point)}" for point in line.points)


def _word(name: str, language: Language) -> str:
    return _WORDS[name].in_language(language)
