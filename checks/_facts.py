"""How a check reads the facts that its parameters name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from diagnose.check import Context, Saw, Sighting
from diagnose.machine.proxy_settings import without_credentials
from diagnose.machine.values import Reason, Unseen


def no_source(parameter: str) -> Unseen:
    """What a check answers when the flow names no fact for `parameter`."""
    return Unseen(Reason.NO_SOURCE, parameter)


def text_fact(context: Context, name: str | None, parameter: str) -> Saw | Unseen:
    """The fact as trimmed text. An empty text counts as missing, anything but text as malformed."""
    if name is None:
        return no_source(parameter)
    sighting = context.fact(name)
    if isinstance(sighting, Unseen):
        return sighting
    if not isinstance(sighting.value, str):
        return malformed(sighting)
    text = sighting.value.strip()
    return Saw(text, sighting.where) if text else Unseen(Reason.MISSING, sighting.where)


def word_fact(context: Context, name: str | None, words: Iterable[str], parameter: str) -> Sighting:
    """The fact as one of `words`, compared without case; any other value is malformed."""
    sighting = text_fact(context, name, parameter)
    if isinstance(sighting, Unseen):
        return sighting
    word = str(sighting.value).lower()
    return Saw(word, sighting.where) if word in words else malformed(sighting)


def time_fact(context: Context, name: str | None, parameter: str) -> Sighting:
    """The fact as an aware datetime; ISO text is accepted, and a time without offset is the computer's own."""
    if name is None:
        return no_source(parameter)
    sighting = context.fact(name)
    if isinstance(sighting, Unseen):
        return sighting
    time = _as_time(sighting.value)
    if time is None:
        return malformed(sighting)
    return Saw(time if time.tzinfo else time.replace(tzinfo=context.now.tzinfo), sighting.where)


def malformed(sighting: Saw) -> Unseen:
    return Unseen(Reason.MALFORMED, sighting.where, without_credentials(str(sighting.value))[:200])


def _as_time(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return None
