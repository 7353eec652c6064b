"""YAML from outside, read safely and with the place of every value.

Built on libyaml's events and not on `yaml.load`: a file of nested brackets ends the whole process there. Aliases,
anchors and tags are refused, depth and size are bounded, plain words follow YAML 1.2 core (`no` is a word, `012` is
twelve, dates stay text), and a key that stands twice is a problem instead of a silent winner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from diagnose.errors import InputError, Place, Problem, nearest
from diagnose.input_files import read_input
from diagnose.messages import Message, did_you_mean, message
from diagnose.text import Text

T = TypeVar("T")
Path_ = tuple[str | int, ...]
"""The way to a value: keys and list indexes."""

MAX_BYTES = 1_000_000
MAX_VALUES = 200_000
MAX_DEPTH = 30

_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}|0x[0-9a-fA-F]{1,4000}|0o[0-7]{1,4000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its data as plain dicts, lists and scalars, and where each of them stands."""

    file: str
    data: Any
    places: Mapping[Path_, Place]
    styles: Mapping[Path_, str] = field(default_factory=dict)
    """Scalar style of quoted and block scalars: `'`, `"`, `|` or `>`."""
    lines: tuple[str, ...] = ()

    def place(self, path: Path_) -> Place:
        """The place of a value, or of the nearest thing around it that has one."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file))

    def key_place(self, path: Path_) -> Place:
        """The place of the key itself and not of its value."""
        return self.places.get((*path, _KEY), self.place(path))

    def place_in_text(self, path: Path_, offset: int) -> Place:
        """The place of the character `offset` of a text value, however the value is quoted or folded."""
        start = self.place(path)
        value = self._value(path)
        if not isinstance(value, str):
            return start
        style = self.styles.get(path, "")
        if style in {"|", ">"}:
            line, column = start.line + 1, 1
            first = self.lines[start.line] if start.line < len(self.lines) else ""
            position = indent = len(first) - len(first.lstrip(" "))
        else:
            line, column = start.line, start.column
            position, indent = len(style), 0
        source = "\n".join(self.lines[line - 1 :])[column - 1 :]
        character = _CHARACTER[style] if style != "|" else re.compile(rf"\r?\n {{0,{indent}}}|.")
        for _ in range(offset):
            match = character.match(source, position)
            position = match.end() if match else position
        before = source[:position]
        breaks = before.count("\n")
        return Place(self.file, line + breaks, position - before.rfind("\n") if breaks else column + position)

    def _value(self, path: Path_) -> Any:
        value = self.data
        for step in path:
            value = value[step]
        return value


_KEY = "\0key"
_CHARACTER: Mapping[str, re.Pattern[str]] = {
    "": re.compile(r"\s*\n\s*|."),
    ">": re.compile(r"\s*\n\s*|."),
    "'": re.compile(r"''|\s*\n\s*|."),
    '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.)|\s*\n\s*|."),
}
"""How one character of a value is written, by style; a line break that is folded stands for one space."""


def load_yaml(
    path: Path,
    *,
    max_bytes: int = MAX_BYTES,
    max_values: int = MAX_VALUES,
    as_written: bool = False,
    hint: Message | None = None,
) -> Document:
    """Read and parse a file. Raises InputError with the place of every problem.

    `as_written` keeps every plain word but null as text: a telephone number keeps its leading zero.
    `hint` is what usually helps when such a file is no YAML at all.
    """
    data = read_input(path, max_bytes)
    return parse_yaml(data, str(path), max_bytes=max_bytes, max_values=max_values, as_written=as_written, hint=hint)


def parse_yaml(
    data: bytes,
    file: str,
    *,
    max_bytes: int = MAX_BYTES,
    max_values: int = MAX_VALUES,
    as_written: bool = False,
    hint: Message | None = None,
) -> Document:
    """Parse the bytes of one YAML document, see `load_yaml`. Raises InputError."""
    if len(data) > max_bytes:
        raise InputError(message("file-too-large", limit=max_bytes), Place(file))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(message("not-utf8"), Place(file, data.count(b"\n", 0, error.start) + 1)) from None
    return _Builder(file, text, max_values=max_values, as_written=as_written, hint=hint).document()


class _Builder:
    """Turns the event stream of one file into a Document."""

    def __init__(self, file: str, text: str, *, max_values: int, as_written: bool, hint: Message | None) -> None:
        self._file = file
        self._max_values = max_values
        self._as_written = as_written
        self._hint = hint
        self._text = text
        self._places: dict[Path_, Place] = {}
        self._styles: dict[Path_, str] = {}
        self._problems: list[Problem] = []
        self._count = 0

    def document(self) -> Document:
        try:
            data = self._whole()
        except (yaml.YAMLError, RecursionError) as error:
            raise InputError.from_problems([*self._problems, self._syntax_problem(error)]) from None
        if self._problems:
            raise InputError.from_problems(self._problems)
        lines = tuple(self._text.split("\n"))
        return Document(self._file, data, self._places, self._styles, lines)

    def _whole(self) -> Any:
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        events: Iterator[yaml.Event] = yaml.parse(self._text, Loader=loader)
        next(events)
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            return None
        data = self._value(next(events), (), events)
        next(events)
        if not isinstance(last := next(events), yaml.StreamEndEvent):
            raise self._stopped(last, message("yaml-several-documents"))
        return data

    def _value(self, event: yaml.Event, path: Path_, events: Iterator[yaml.Event]) -> Any:
        self._count += 1
        if self._count > self._max_values:
            raise self._stopped(event, message("yaml-too-many-values", values=self._max_values))
        if len(path) > MAX_DEPTH:
            raise self._stopped(event, message("yaml-too-deep", depth=MAX_DEPTH))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._stopped(event, message("yaml-alias"))
        self._places[path] = self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if getattr(event, "tag", None):
            raise self._stopped(event, message("yaml-tag", tag=getattr(event, "tag", "")))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, events)
        return self._sequence(path, events)

    def _mapping(self, path: Path_, events: Iterator[yaml.Event]) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent) or key.anchor or (key.tag and not key.implicit[0]):
                raise self._stopped(key, message("yaml-key"))
            name = str(key.value)
            if name in mapping:
                self._problems.append(Problem(message("yaml-key-twice", key=name), self._place(key)))
            self._places[*path, name, _KEY] = self._place(key)
            mapping[name] = self._value(next(events), (*path, name), events)
        return mapping

    def _sequence(self, path: Path_, events: Iterator[yaml.Event]) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items)), events))
        return items

    def _scalar(self, event: yaml.ScalarEvent, path: Path_) -> Any:
        if event.tag:
            raise self._stopped(event, message("yaml-tag", tag=event.tag))
        value = str(event.value)
        if event.style:
            self._styles[path] = event.style
            return value
        read = plain_scalar(value)
        return value if self._as_written and read is not None else read

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1) if mark is not None else Place(self._file)

    def _stopped(self, event: yaml.Event, what: Message) -> InputError:
        """The error that ends the reading: nothing after this place can be trusted."""
        return InputError.from_problems([*self._problems, Problem(what, self._place(event))])

    def _syntax_problem(self, error: Exception) -> Problem:
        if isinstance(error, yaml.reader.ReaderError) and (character := _character(error)) in self._text:
            before = self._text[: self._text.index(character)]
            place = Place(self._file, before.count("\n") + 1, len(before) - before.rfind("\n"))
            return Problem(message("yaml-character", code=f"U+{ord(character):04X}"), place)
        mark = getattr(error, "problem_mark", None)
        place = Place(self._file, mark.line + 1, mark.column + 1) if mark else Place(self._file)
        return Problem(message("yaml-syntax", self._hint, error=_in_words(error)), place)


def _character(error: yaml.reader.ReaderError) -> str:
    """The character that YAML allows nowhere. (What the error says of its position counts bytes or characters.)"""
    return chr(error.character) if isinstance(error.character, int) else str(error.character)


def _in_words(error: Exception) -> str:
    problem = getattr(error, "problem", None)
    return str(problem) if problem else str(error).split("\n", maxsplit=1)[0]


def plain_scalar(word: str) -> Any:
    """An unquoted word as YAML 1.2 core reads it."""
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if _INTEGER.fullmatch(word):
        return int(word, 0) if word[:2] in {"0x", "0o"} else int(word)
    if _FLOAT.fullmatch(word):
        return float(word)
    return word


_CONVERT_PATH = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+|\.\.\.)\]")
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `([^`]*)`")
_MISSING_FIELD = re.compile(r"Object missing required field `([^`]*)`")


_BOUND = re.compile(r"Expected `\w+` (>=|<=) (-?\d+)")
_MOST_TOLD = 12
"""Allowed values that are listed; of more, only the nearest is told."""
_KINDS: Mapping[str, Text] = {
    "str": Text(ja="文字列", en="text"),
    "int": Text(ja="整数", en="a whole number"),
    "float": Text(ja="数値", en="a number"),
    "bool": Text(ja="true または false", en="true or false"),
    "object": Text(ja="キーと値の組", en="a mapping of keys to values"),
    "array": Text(ja="リスト", en="a list"),
    "null": Text(ja="空", en="nothing"),
}

_AS_WRITTEN = object()


def convert(document: Document, path: Path_, type_: type[T], value: Any = _AS_WRITTEN) -> T:
    """The value at `path` as `type_`, strictly. Raises InputError with the place and, for a name, the nearest one.

    `value` replaces what stands there, for values that were put together; problems still name the place `path`.
    """
    if value is _AS_WRITTEN:
        value = document._value(path)
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        raise InputError(*_explain(document, path, type_, str(error))) from None


def _explain(document: Document, path: Path_, type_: Any, text: str) -> tuple[Message, Place]:
    # msgspec writes ` - at `$.steps[0]``, and for the key of a mapping ` - at `key` in `$.questions``.
    sentence, _, where = text.partition(" - at `")
    inner = tuple(name or (int(index) if index.isdigit() else "") for name, index in _CONVERT_PATH.findall(where))
    # msgspec writes `[...]` for "some value of this mapping": then only the mapping itself can be named.
    inner = inner[: inner.index("")] if "" in inner else inner
    place_path = (*path, *inner)
    if found := _UNKNOWN_FIELD.search(sentence):
        guess = nearest(found[1], _field_names(type_, inner))
        return message("unknown-field", did_you_mean(guess), name=found[1]), document.key_place((*place_path, found[1]))
    if found := _MISSING_FIELD.search(sentence):
        return message("missing-field", name=found[1]), document.place(place_path)
    if found := re.search(r"Invalid enum value '?([^']*)'?", sentence):
        return _invalid_value(found[1], _enum_values(type_, inner)), document.place(place_path)
    if found := re.search(r"Expected `([^`]*)`, got `([^`]*)`", sentence):
        return message("expected-got", expected=_kinds(found[1]), got=_kinds(found[2])), document.place(place_path)
    if found := _BOUND.search(sentence):
        what = "number-too-small" if found[1] == ">=" else "number-too-large"
        return message(what, limit=int(found[2])), document.place(place_path)
    return message("wrong-type", detail=sentence), document.place(place_path)


def _invalid_value(value: str, allowed: tuple[str, ...]) -> Message:
    guess = did_you_mean(nearest(value, allowed))
    if 0 < len(allowed) <= _MOST_TOLD:
        return message("invalid-value-of", guess, value=value, allowed=", ".join(allowed))
    return message("invalid-value", guess, value=value)


def _kinds(names: str) -> Text:
    """What msgspec calls `str | null`, as people say it."""
    kinds = [_KINDS.get(name, Text(ja=name, en=name)) for name in names.split(" | ")]
    return Text(ja="、".join(kind.ja for kind in kinds), en=" or ".join(kind.en for kind in kinds))


def _field_names(type_: Any, inner: Path_) -> tuple[str, ...]:
    target = _type_at(type_, inner)
    return tuple(f.encode_name for f in target.fields) if isinstance(target, msgspec.inspect.StructType) else ()


def _enum_values(type_: Any, inner: Path_) -> tuple[str, ...]:
    """The words that may stand at `inner`, as a value or as the key of a mapping."""
    target: Any = _type_at(type_, inner)
    words: list[str] = []
    for part in target.types if isinstance(target, msgspec.inspect.UnionType) else (target,):
        word = part.key_type if isinstance(part, msgspec.inspect.DictType) else part
        if isinstance(word, msgspec.inspect.EnumType):
            words += [str(member.value) for member in word.cls]
        elif isinstance(word, msgspec.inspect.LiteralType):
            words += map(str, word.values)
    return tuple(words)


def _type_at(type_: Any, inner: Path_) -> msgspec.inspect.Type | None:
    """What msgspec expects at `inner`; None where the way there is not plain."""
    current: Any = msgspec.inspect.type_info(type_)
    for step in inner:
        current = _plain(current)
        if isinstance(current, msgspec.inspect.StructType):
            current = next((f.type for f in current.fields if f.encode_name == step), None)
        elif isinstance(current, msgspec.inspect.DictType):
            current = current.value_type
        else:
            current = getattr(current, "item_type", None)
    plain: msgspec.inspect.Type | None = _plain(current)
    return plain


def _plain(type_: Any) -> Any:
    if isinstance(type_, msgspec.inspect.UnionType):
        rest = [t for t in type_.types if not isinstance(t, msgspec.inspect.NoneType | msgspec.inspect.StrType)]
        return rest[0] if len(rest) == 1 else type_
    return type_
