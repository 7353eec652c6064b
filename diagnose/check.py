"""What a check is: it measures one subject on a Machine and returns typed evidence. It decides nothing.

A check lives in `checks/<name>.py` as the constant `CHECK`. It declares its parameters (what a flow may say under
`with:`), its evidence (names and types that conditions may use) and how long it may take.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Generic, Protocol, TypeVar

from diagnose.expressions.types import Type
from diagnose.machine.interface import Machine
from diagnose.machine.values import Unseen
from diagnose.specs import Spec
from diagnose.text import Text

Value = bool | int | float | str | datetime | timedelta | tuple[str, ...] | Text | tuple[Text, ...]
"""What a fact or a field of evidence can hold. `Text` (type DYN) is for showing only."""


@dataclass(frozen=True, slots=True)
class Saw:
    """A value and where it was seen."""

    value: Value
    where: str = ""


Sighting = Saw | Unseen
Measurement = Mapping[str, Sighting]
"""Evidence name to what was seen; a declared name that is left out counts as not seen."""


class NoParameters(Spec, frozen=True):
    """For checks that need nothing from the flow."""


class Context(Protocol):
    """What the runner hands to a check."""

    @property
    def machine(self) -> Machine: ...

    @property
    def now(self) -> datetime:
        """The time of the run, the same for every check."""
        ...

    def fact(self, name: str) -> Sighting:
        """A fact of the product, resolved once per run."""
        ...

    def fill(self, text: str) -> str | Unseen:
        """`text` with each `{fact.name}` replaced by its value; Unseen when one of them is."""
        ...

    def applies(self, when: str | None) -> bool | Unseen:
        """Whether a spec's condition holds; True when it has none."""
        ...


P = TypeVar("P", bound=Spec)


@dataclass(frozen=True, slots=True)
class Check(Generic[P]):
    parameters: type[P]
    evidence: Mapping[str, Type]
    measure: Callable[[Context, P], Measurement]
    timeout_s: float = 15.0


class UnknownCheckError(Exception):
    """No module in `checks/` has this name."""


@cache
def check_names() -> tuple[str, ...]:
    import checks

    return tuple(sorted(module.name for module in pkgutil.iter_modules(checks.__path__) if module.name[0] != "_"))


def load_check(name: str) -> Check[Any]:
    """The check `checks/<name>.py`, imported only now. Raises UnknownCheckError."""
    if name not in check_names():
        raise UnknownCheckError(name)
    check = importlib.import_module(f"checks.{name}").CHECK
    if not isinstance(check, Check):
        raise UnknownCheckError(name)
    return check
