"""Values in words, in both languages: what reports and sentences show for numbers, times, lists and enum words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from diagnose.expressions import Type, Unknown
from diagnose.rules.compiled import TextTemplate
from diagnose.text import Language, Text

_UNKNOWN = Text(ja="不明", en="unknown")
_YES = Text(ja="はい", en="yes")
_NO = Text(ja="いいえ", en="no")
_NONE = Text(ja="なし", en="none")
_LIST_LIMIT = 12


class Word(str):
    """A stored word, such as `blocked`, that knows how people call it."""

    __slots__ = ("label",)
    label: Text

    @classmethod
    def of(cls, word: str, label: Text) -> Word:
        made = cls(word)
        made.label = label
        return made


def in_words(value: Any, language: Language) -> str:  # noqa: PLR0911
    """`value` as a person of this language reads it."""
    match value:
        case Word():
            return value.label.in_language(language)
        case Unknown() | None:
            return _UNKNOWN.in_language(language)
        case "":
            return _NONE.in_language(language)
        case bool():
            return (_YES if value else _NO).in_language(language)
        case float():
            return _number(value, language)
        case Text():
            return value.in_language(language)
        case datetime():
            return _moment(value)
        case timedelta():
            return _span(value, language)
        case list() | tuple():
            return _items(value, language)
        case _:
            return str(value)


def _number(value: float, language: Language) -> str:
    if not math.isfinite(value):
        return _UNKNOWN.in_language(language)
    if abs(value) >= 1e12:
        return f"{value:g}"
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def _moment(value: datetime) -> str:
    # An answered date is kept as the end of its day.
    if (value.hour, value.minute, value.second) == (23, 59, 59):
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m-%d %H:%M}"


def _span(value: timedelta, language: Language) -> str:
    seconds = int(abs(value.total_seconds()))
    if seconds < 120:
        return f"{seconds} 秒" if language is Language.JA else f"{seconds} s"
    minutes = seconds // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= 2:
        parts = [(days, "日", "days")]
    elif minutes >= 60:
        parts = [(days * 24 + hours, "時間", "h"), (rest, "分", "min")]
    else:
        parts = [(minutes, "分", "min")]
    ja = " ".join(f"{number} {unit}" for number, unit, _ in parts if number or len(parts) == 1)
    en = " ".join(f"{number} {unit}" for number, _, unit in parts if number or len(parts) == 1)
    return ja if language is Language.JA else en


def _items(value: list[Any] | tuple[Any, ...], language: Language) -> str:
    if not value:
        return _NONE.in_language(language)
    shown = [in_words(item, language) for item in value[:_LIST_LIMIT]]
    if isinstance(value[0], Text) and all(text.endswith(("。", ".")) for text in shown):  # whole sentences
        return ("" if language is Language.JA else " ").join(shown)
    if len(value) > _LIST_LIMIT:
        more = len(value) - _LIST_LIMIT
        shown.append(f"ほか {more} 件" if language is Language.JA else f"{more} more")
    return ("、" if language is Language.JA else ", ").join(shown)


def value_text(value: Any) -> Text:
    return Text(ja=in_words(value, Language.JA), en=in_words(value, Language.EN))


def render(template: TextTemplate, values: Mapping[str, Any]) -> Text:
    def japanese(value: object, _: Type) -> str:
        return in_words(value, Language.JA)

    def english(value: object, _: Type) -> str:
        return in_words(value, Language.EN)

    return Text(ja=template.ja.render(values, japanese), en=template.en.render(values, english))


def json_value(value: Any) -> Any:  # noqa: PLR0911
    """`value` as result.json holds it: times as ISO text, spans in seconds, lists as arrays."""
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Text():
            return {"ja": value.ja, "en": value.en}
        case list() | tuple():
            return [json_value(item) for item in value]
        case Word():
            return str(value)
        case float() if not math.isfinite(value):
            return None
        case float() if value == int(value) and abs(value) < 2**53:
            return int(value)
        case _:
            return value
