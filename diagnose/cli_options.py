"""What the options of several commands share: their types, and values in pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from diagnose.errors import InputError
from diagnose.messages import message

_Command = TypeVar("_Command", bound=Callable[..., Any] | click.Command)

FOLDER = click.Path(path_type=Path)


class Decorator(Protocol):
    """Of a command, as click makes them."""

    def __call__(self, command: _Command, /) -> _Command: ...


class Seconds(click.FloatRange):
    """Click lets nan through every range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(str(seconds), param, ctx)
        return seconds


def pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """`KEY=VALUE` each; the last one of a key wins. Raises InputError."""
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise InputError(message("answer-form", text=text))
        found[key.strip()] = value
    return found
