"""A run in the format that was asked for."""

from __future__ import annotations

from enum import StrEnum

from diagnose.run.result import RunResult
from diagnose.text import Language


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"
    JUNIT = "junit"


def render_result(result: RunResult, language: Language, format_: Format) -> bytes:
    """The run as one document, UTF-8, ending with a newline. Only the renderer that is needed is imported."""
    match format_:
        case Format.TEXT:
            from diagnose.report.plain import render_text

            text = render_text(result, language)
        case Format.JSON:
            from diagnose.report.json_format import render_json

            return render_json(result)
        case Format.HTML:
            from diagnose.report.html import render_html

            text = render_html(result, language)
        case Format.MARKDOWN:
            from diagnose.report.markdown import render_markdown

            text = render_markdown(result, language)
        case Format.JUNIT:
            from diagnose.report.junit import render_junit

            text = render_junit(result, language)
    return (text.rstrip("\n") + "\n").encode()
