"""What several commands share: options with help in the operator's language, their types, and values in pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from diagnose.errors import InputError
from diagnose.messages import message
from diagnose.text import Language

_Command = TypeVar("_Command", bound=Callable[..., Any] | click.Command)

FOLDER = click.Path(path_type=Path)


class Decorator(Protocol):
    """Of a command, as click makes them."""

    def __call__(self, command: _Command, /) -> _Command: ...


@dataclass(frozen=True, slots=True)
class Options:
    """Makes options; those that several commands have are here, so that each means the same everywhere."""

    language: Language

    def words(self, id: str) -> str:  # noqa: A002
        return message(id).in_language(self.language)

    def option(self, *names: str, help_: str, **more: Any) -> Decorator:
        """`help_` is the id of the message that explains it."""
        return click.option(*names, help=self.words(help_), **more)

    def lang(self) -> Decorator:
        languages = click.Choice([str(language) for language in Language])
        return self.option("--lang", "lang", help_="help-lang", type=languages, default=str(self.language))

    def rules(self) -> Decorator:
        return self.option("--rules", "rules", help_="help-rules", type=FOLDER, multiple=True)

    def identity(self) -> Decorator:
        return self.option("--identity", help_="help-identity", type=FOLDER)

    def passphrase(self) -> Decorator:
        return self.option("--passphrase", help_="help-passphrase", is_flag=True)


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
