"""A comparison as one HTML file that needs nothing else: no network, no scripts, both languages inside."""

from __future__ import annotations

from functools import partial

from diagnose.fleet.page_content import page_content
from diagnose.fleet.page_words import WORDS, word
from diagnose.fleet.plain import headline
from diagnose.fleet.report import FleetReport
from diagnose.report.html import environment
from diagnose.report.words import LANGUAGE_NAMES
from diagnose.text import Language


def render_html(report: FleetReport, language: Language) -> str:
    """The page, with `language` selected; the reader can switch to the other one."""
    pages = {
        shown: {
            "content": page_content(report, shown),
            "word": partial(_word, shown),
            "name": LANGUAGE_NAMES[shown],
        }
        for shown in Language
    }
    return (
        environment()
        .get_template("fleet.html.j2")
        .render(
            pages=pages.values(),
            selected=pages[language],
            headline=headline(report, language),
            language_label=WORDS["language"],
        )
    )


def _word(language: Language, name: str, **values: object) -> str:
    return word(name, language, **values)
