"""Known failures in the event logs of Windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo

from checks._places import places
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import DYN, STRING, TIMESTAMP, list_of
from diagnose.machine.interface import MOST_EVENTS
from diagnose.machine.values import Absent, Event, Reason, Unseen
from diagnose.patterns import compile_pattern
from diagnose.specs import EventSignatureSpec, Spec


class Parameters(Spec, frozen=True):
    """The product's known failures."""

    event_signatures: tuple[EventSignatureSpec, ...]


EVIDENCE = {
    "events": list_of(STRING),
    "event_ids": list_of(STRING),
    "event_meanings": DYN,
    "event_fixes": DYN,
    "latest_event": TIMESTAMP,
}
_MOST_SHOWN = 10
_SHOWN = 200
"""Characters of a message that are shown."""
_SEARCHED = 4_000
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_Log = tuple[Event, ...] | Absent | Unseen
_Hit = tuple[EventSignatureSpec, Event]


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`events` are shown newest first. A log that could not be read matters only when nothing was found elsewhere."""
    specs = parameters.event_signatures
    logs = {name: context.machine.events(name) for name in dict.fromkeys(spec.log for spec in specs)}
    hits = [hit for spec in specs for hit in _hits(spec, logs[spec.log])]
    unseen = next((cut for name, log in logs.items() if (cut := _not_seen_whole(name, log)) is not None), None)
    if not hits and unseen is not None:
        return dict.fromkeys(EVIDENCE, unseen)
    found = tuple(dict.fromkeys(spec for spec, _ in hits))
    where = places(dict.fromkeys(event.log for _, event in hits) or logs)
    newest = sorted(hits, key=lambda hit: hit[1].time or _NEVER, reverse=True)
    zone = context.now.tzinfo
    return {
        "events": Saw(tuple(dict.fromkeys(_shown(event, zone) for _, event in newest))[:_MOST_SHOWN], where),
        "event_ids": Saw(tuple(spec.id for spec in found), where),
        "event_meanings": Saw(tuple(spec.meaning for spec in found), where),
        "event_fixes": Saw(tuple(spec.fix for spec in found), where),
        "latest_event": _latest(newest, where),
    }


def _not_seen_whole(name: str, log: _Log) -> Unseen | None:
    """Behind the newest events there may be more than were read."""
    if isinstance(log, tuple) and len(log) >= MOST_EVENTS:
        return Unseen(Reason.FAILED, name, f"> {MOST_EVENTS}")
    return log if isinstance(log, Unseen) else None


def _hits(spec: EventSignatureSpec, log: _Log) -> Iterator[_Hit]:
    if isinstance(log, Absent | Unseen):
        return
    pattern = compile_pattern(spec.pattern) if spec.pattern else None
    for event in log:
        named = not spec.provider or event.provider.casefold() == spec.provider.casefold()
        numbered = not spec.ids or event.id in spec.ids
        if named and numbered and (pattern is None or pattern.search(event.message[:_SEARCHED])):
            yield spec, event


def _shown(event: Event, zone: tzinfo | None) -> str:
    time = f"{event.time.astimezone(zone):%Y-%m-%d %H:%M} " if event.time else ""
    return f"{time}{event.log} {event.provider} {event.id}: {event.message[:_SHOWN]}"


def _latest(newest: Sequence[_Hit], where: str) -> Sighting:
    time = newest[0][1].time if newest else None
    return Saw(time, where) if time else Unseen(Reason.MISSING, where)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=20.0)
