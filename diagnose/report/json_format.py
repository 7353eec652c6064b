"""result.json: writing it, reading it back, and its JSON Schema."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from diagnose.errors import InputError, Place
from diagnose.messages import message
from diagnose.run.result import SCHEMA, RunResult

LARGEST_RESULT = 64 * 1024 * 1024
"""Bytes of a result.json that we read."""
_DEEPEST = 64
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Header(msgspec.Struct):
    schema: str


def render_json(result: RunResult) -> bytes:
    """UTF-8, indented by 2, ends with a line feed; times are ISO 8601 with their offset."""
    try:
        encoded = msgspec.json.encode(result)
    except (UnicodeEncodeError, RecursionError):
        # Names on a damaged disk hold lone surrogates, which no JSON file can; evidence may be nested without end.
        encoded = msgspec.json.encode(_storable(result))
    return msgspec.json.format(encoded, indent=2) + b"\n"


def parse_result(data: bytes, file: str) -> RunResult:
    """The run that a result.json holds. Fields that this version does not know are left out.

    `file` names it in the InputError, which says what is wrong: not JSON, another schema, or a value that cannot be.
    """
    if len(data) > LARGEST_RESULT:
        raise InputError(message("result-too-large", limit=LARGEST_RESULT // 2**20), Place(file))
    text = data.removeprefix(b"\xef\xbb\xbf")
    _check_schema(text, file)
    try:
        return msgspec.json.decode(text, type=RunResult)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(message("result-invalid", detail=str(error)), _place(text, file, str(error))) from error


def result_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of result.json; `diagnose/run/result.schema.json` holds the same."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        **msgspec.json.schema(RunResult),
    }
    as_json: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return as_json


def _check_schema(data: bytes, file: str) -> None:
    try:
        schema = msgspec.json.decode(data, type=_Header).schema
    except msgspec.ValidationError as error:
        raise InputError(message("result-no-schema", schema=SCHEMA), Place(file)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(message("result-not-json", detail=str(error)), _place(data, file, str(error))) from error
    if schema != SCHEMA:
        raise InputError(message("result-other-schema", found=schema[:80], schema=SCHEMA), Place(file))


def _place(data: bytes, file: str, error: str) -> Place:
    """The line of a syntax error: msgspec gives the byte."""
    found = re.search(r"\(byte (\d+)\)", error)
    return Place(file, data.count(b"\n", 0, int(found[1])) + 1) if found else Place(file)


def _storable(value: Any, depth: int = 0) -> Any:
    """The value as JSON can hold it and a reader can read it."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list() | tuple() | dict() if depth > _DEEPEST:
            return "…"
        case msgspec.Struct():
            return _storable(msgspec.structs.asdict(value), depth)
        case list() | tuple():
            return [_storable(item, depth + 1) for item in value]
        case dict():
            return {_storable(key): _storable(item, depth + 1) for key, item in value.items()}
        case _:
            return value
