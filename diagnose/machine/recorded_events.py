"""What the event logs of a recorded machine hold: events.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from diagnose.machine.recording_format import EVENTS_FILE, EventLogPart, EventPart, Times, load_part, question
from diagnose.machine.values import Absent, Event, Platform, Reason, Unseen

Logs = Mapping[str, tuple[Event, ...] | Absent]


class RecordedEvents:
    """Answers to `Machine.events`; a log that the file does not name was not recorded."""

    def __init__(self, logs: Logs, platform: Platform, unseen: Mapping[str, Unseen]) -> None:
        self._logs = logs
        self._platform = platform
        self._unseen = unseen

    @classmethod
    def load(
        cls, folder: Path, zone: tzinfo, platform: Platform, unseen: Mapping[str, Unseen]
    ) -> RecordedEvents:  # fmt: skip
        """events.yaml of a recording, if there is one; `zone` is that of times without an offset. Raises InputError."""
        loaded = load_part(folder / EVENTS_FILE, tuple[EventLogPart, ...])
        logs: dict[str, tuple[Event, ...] | Absent] = {}
        if loaded is not None:
            document, parts = loaded
            times = Times(document, zone)
            for number, part in enumerate(parts):
                found = tuple(_event(times, part.log, event, number, index) for index, event in enumerate(part.events))
                logs.setdefault(part.log.lower(), Absent(part.log) if part.missing else found)
        return cls(logs, platform, unseen)

    def of(self, log: str) -> tuple[Event, ...] | Absent | Unseen:
        """See `Machine.events`."""
        found = self._logs.get(log.lower())
        if isinstance(found, Absent):
            return Absent(log)
        if found is not None:
            return tuple(replace(event, log=log) for event in found)
        if self._platform is not Platform.WINDOWS:
            return Unseen(Reason.UNSUPPORTED, log)
        return self._unseen.get(question("events", log.lower()), Unseen(Reason.NOT_RECORDED, f"{EVENTS_FILE}: {log}"))


def _event(times: Times, log: str, part: EventPart, number: int, index: int) -> Event:
    time = None if part.time is None else times.read(part.time, number, "events", index, "time")
    return Event(log, part.provider, part.id, part.level, time, part.message)
