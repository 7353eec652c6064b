"""Source text to tokens, with CEL's numbers, strings and escapes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import NamedTuple

from diagnose.expressions.problems import ExpressionErrors, refuse
from diagnose.messages import Message, message

SOURCE_LIMIT = 4096
"""Characters of one condition."""


class TokenKind(Enum):
    """What a token is."""

    NAME = auto()
    NUMBER = auto()
    STRING = auto()
    OPERATOR = auto()
    END = auto()


class Token(NamedTuple):
    """One word, number, string or operator."""

    kind: TokenKind
    text: str
    """As in the source; empty at the end."""
    start: int
    value: int | float | str = ""
    """What a number or a string stands for."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


# The first characters of the alternatives inside each repetition differ, so matching takes linear time.
STRING_PATTERN = r"""
    [rR]\"{3}[\s\S]*?\"{3} | [rR]'{3}[\s\S]*?'{3}
  | \"{3}(?:[^\\]|\\[\s\S])*?\"{3} | '{3}(?:[^\\]|\\[\s\S])*?'{3}
  | [rR]\"[^\"\r\n]*\" | [rR]'[^'\r\n]*'
  | \"(?:[^\"\\\r\n]|\\.)*\" | '(?:[^'\\\r\n]|\\.)*'
"""
_BLANK = r"(?:[ \t\r\n\f]|//[^\n]*)*"
_TOKEN = re.compile(
    rf"""
    {_BLANK}
    (?: (?P<NAME>(?![rR]["'])[A-Za-z_][A-Za-z0-9_]*)
      | (?P<NUMBER>0[xX][0-9A-Za-z_]*|(?:[0-9]*\.[0-9]+|[0-9])[0-9A-Za-z_]*(?:(?<=[0-9][eE])[+-][0-9]+)?)
      | (?P<OPERATOR>&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]])
      | (?P<STRING>{STRING_PATTERN})
      | (?P<END>\Z)
      | (?P<nothing>)
    )
    """,
    re.VERBOSE,
)
_INT = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")
_DOUBLE = re.compile(r"(?:[0-9]*\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ESCAPE = re.compile(
    r"\\(?:(?P<plain>[abfnrtv\\?\"'`])|[xX](?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})"
    r"|(?P<octal>[0-3][0-7]{2})|[\s\S])"
)
_PLAIN_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_DOUBLED = {"=": "==", "&": "&&", "|": "||"}
_CURLY_QUOTES = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"}


def tokenize(source: str) -> list[Token]:
    """All tokens, ending with one of kind `END`. Raises `ExpressionErrors` for the first thing that is no token."""
    if len(source) > SOURCE_LIMIT:
        raise refuse(SOURCE_LIMIT, message("expr-too-long", limit=SOURCE_LIMIT))
    tokens: list[Token] = []
    offset = 0
    while True:
        match = _TOKEN.match(source, offset)
        assert match is not None and match.lastgroup is not None  # noqa: S101 - `nothing` always matches
        group, offset = match.lastgroup, match.end()
        start = match.start(group)
        if group == "nothing":
            raise _no_token(source, start)
        text = match[group]
        value = _VALUES[group](text, start) if group in _VALUES else ""
        tokens.append(Token(TokenKind[group], text, start, value))
        if group == "END":
            return tokens


def _number_value(text: str, offset: int) -> int | float:
    if _INT.fullmatch(text):
        return int(text, 16) if text[:2] in ("0x", "0X") else int(text)
    if _DOUBLE.fullmatch(text):
        value = float(text)
        if value != float("inf"):
            return value
    raise refuse(offset, message("expr-bad-number", text=text))


def _string_value(text: str, offset: int) -> str:
    raw = text[0] in "rR"
    quoted = text[1:] if raw else text
    width = 3 if len(quoted) >= 6 and quoted[:3] in ('"""', "'''") else 1
    content = quoted[width:-width]
    if raw or "\\" not in content:
        return content
    content_start = offset + width
    return _ESCAPE.sub(lambda match: _escaped(match, content_start), content)


def _escaped(match: re.Match[str], content_start: int) -> str:
    plain = match["plain"]
    if plain:
        return _PLAIN_ESCAPES.get(plain, plain)
    digits = match["x"] or match["u"] or match["U"]
    if digits or match["octal"]:
        code = int(digits, 16) if digits else int(match["octal"], 8)
        if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code)
    hint = message("expr-hint-raw")
    raise refuse(content_start + match.start(), message("expr-bad-escape", hint, text=match.group()))


_VALUES: Mapping[str, Callable[[str, int], int | float | str]] = {"NUMBER": _number_value, "STRING": _string_value}


def _no_token(source: str, offset: int) -> ExpressionErrors:
    character = source[offset]
    if character in "\"'rR":  # a name that starts with r would have been a token
        return refuse(offset, message("expr-unterminated-string"))
    doubled = _DOUBLED.get(character)
    if doubled:
        return refuse(offset, message("expr-unexpected", write(doubled), found=character))
    plain = _CURLY_QUOTES.get(character) or unicodedata.normalize("NFKC", character)
    if plain != character and plain.isascii():
        return refuse(offset, message("expr-full-width", found=character, plain=plain))
    return refuse(offset, message("expr-unexpected", found=character))


def write(text: str) -> Message:
    """The hint that says what to write instead."""
    return message("expr-hint-write", text=text)
