"""Whether the engine's version series is still supported, by the vendor's table."""

from __future__ import annotations

from datetime import UTC, datetime

from checks._facts import text_fact
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DURATION, INT, STRING, TIMESTAMP
from diagnose.machine.values import Reason, Unseen
from diagnose.patterns import compile_pattern
from diagnose.specs import FactName, Spec


class Series(Spec, frozen=True):
    """A series of versions, and the days on which it came out and ends."""

    name: str
    """`1.4`: the first two numbers."""
    released: str
    ends: str = ""
    """Empty while no day is known."""


class Parameters(Spec, frozen=True):
    """`version` names a fact of type string; a series below all of `series` has ended too."""

    version: FactName
    series: tuple[Series, ...]


EVIDENCE = {
    "engine_series": STRING,
    "engine_supported": BOOL,
    "engine_ends": TIMESTAMP,
    "engine_days_left": INT,
    "engine_age": DURATION,
}
_SERIES = compile_pattern(r"^(\d{1,4})\.(\d{1,4})(?:\D|$)")


def measure(context: Context, parameters: Parameters) -> Measurement:
    """A series that is newer than all known ones is not judged."""
    version = text_fact(context, parameters.version, "version")
    if isinstance(version, Unseen):
        return dict.fromkeys(EVIDENCE, version)
    found = _SERIES.search(str(version.value))
    if found is None:
        return dict.fromkeys(EVIDENCE, Unseen(Reason.MALFORMED, version.where, str(version.value)[:100]))
    name = f"{int(found.group(1) or 0)}.{int(found.group(2) or 0)}"
    unknown = Unseen(Reason.NO_SOURCE, name)
    nothing: dict[str, Sighting] = {**dict.fromkeys(EVIDENCE, unknown), "engine_series": Saw(name, version.where)}
    known = next((series for series in parameters.series if series.name == name), None)
    if known is None:
        oldest = min((_numbers(series.name) for series in parameters.series), default=(0, 0))
        older = _numbers(name) < oldest
        return {**nothing, "engine_supported": Saw(False, version.where)} if older else nothing
    return {**nothing, **_ages(context, known, version.where)}


def _ages(context: Context, series: Series, where: str) -> Measurement:
    age: dict[str, Sighting] = {"engine_age": Saw(context.now - _day(series.released), where)}
    if not series.ends:
        return {**age, "engine_supported": Saw(True, where)}
    ends = _day(series.ends)
    return {
        **age,
        "engine_supported": Saw(context.now < ends, where),
        "engine_ends": Saw(ends, where),
        "engine_days_left": Saw((ends - context.now).days, where),
    }


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split("."))


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
