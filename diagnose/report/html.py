"""A run as one HTML file that needs nothing else: no network, no scripts, both languages inside."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from diagnose.report.charts import plots, table_rows
from diagnose.report.content import report_content
from diagnose.report.words import LANGUAGE_NAMES, WORDS, word
from diagnose.resources import templates_folder
from diagnose.run.result import RunResult
from diagnose.text import Language

if TYPE_CHECKING:
    from jinja2 import Environment

_SHOWN_VALUE = 300
_SHOWN_SENTENCE = 2000
_LONGEST_VALUE = 20_000
"""Characters of one value in the file, at most: a report must open on any PC, and result.json holds the rest."""


def render_html(result: RunResult, language: Language) -> str:
    """The report, with `language` selected; the reader can switch to the other one."""
    pages = {
        shown: {"content": report_content(result, shown), "word": partial(_word, shown), "name": LANGUAGE_NAMES[shown]}
        for shown in Language
    }
    limits = {"value": _SHOWN_VALUE, "sentence": _SHOWN_SENTENCE, "longest": _LONGEST_VALUE}
    template = environment().get_template("report.html.j2")
    return template.render(
        pages=pages.values(),
        selected=pages[language],
        language_label=WORDS["language"],
        limits=limits,
        plots=plots,
        table_rows=table_rows,
    )


def _word(language: Language, name: str, **values: object) -> str:
    return word(name, language, **values)


def _template(name: str) -> str:
    # Jinja's own loader joins with a slash, which Windows does not take in a very long path.
    return (templates_folder() / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Templates of `report_templates/`, with everything escaped that is put in."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    # Not select_autoescape(): by file name it would leave `*.html.j2` unescaped.
    return Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
