"""Every shape problem of a rule file at once. msgspec stops at the first; authors want to see all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from diagnose.errors import InputError, Problem
from diagnose.yaml_file import Document, Path_, convert

_MOST_AT_ONE_PLACE = 20


def shape_problems(document: Document, path: Path_, type_: type, value: Any) -> list[Problem]:
    """Problems of `value` as `type_`, innermost first: each part by itself, then what holds the parts."""
    problems: list[Problem] = []
    own = dict(value) if isinstance(value, dict) else value
    if isinstance(own, dict):
        for name, part_type in _parts(type_):
            broken: list[Problem] = []
            for key, part in _items(own.get(name)):
                broken += shape_problems(document, (*path, name, key), part_type, part)
            if broken:
                problems += broken
                own[name] = [] if isinstance(own[name], list) else {}
    return problems + _own_problems(document, path, type_, own)


def _own_problems(document: Document, path: Path_, type_: type, value: Any) -> list[Problem]:
    """What is wrong with this value itself; an unknown field is set aside to see what else there is."""
    problems: list[Problem] = []
    for _ in range(_MOST_AT_ONE_PLACE):
        try:
            convert(document, path, type_, value)
        except InputError as error:
            problems += error.problems
            unknown = error.problems[0].message
            if unknown.id == "unknown-field" and isinstance(value, dict) and unknown.values["name"] in value:
                value = {key: item for key, item in value.items() if key != unknown.values["name"]}
                continue
        break
    return problems


def _parts(type_: type) -> Iterator[tuple[str, type]]:
    """Fields that hold a list or a mapping of structs."""
    info = msgspec.inspect.type_info(type_)
    for field in info.fields if isinstance(info, msgspec.inspect.StructType) else ():
        kind = field.type
        inner = kind.value_type if isinstance(kind, msgspec.inspect.DictType) else getattr(kind, "item_type", None)
        if isinstance(inner, msgspec.inspect.StructType):
            yield field.encode_name, inner.cls


def _items(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
