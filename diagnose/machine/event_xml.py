"""One event as Windows renders it in XML."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from diagnose.machine.values import Event

LONGEST = 200_000
"""Characters of one rendered event."""
_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# Characters that XML cannot hold; Windows passes them on as programs wrote them.
_ILLEGAL = re.compile(
    "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|&#0*(?:[0-8]|1[124-9]|2[0-9]|3[01]);|&#x0*(?:[0-8bcef]|1[0-9a-f]);",
    re.IGNORECASE,
)
_NAMES = "{http://schemas.microsoft.com/win/2004/08/events/event}"


def read_event(log: str, xml: str) -> Event | None:
    """The event, its message made of its inserted words; None for what is no event.

    Windows writes no document type; one could make a small text expand without end, so it is refused.
    """
    if len(xml) > LONGEST or _DECLARATION.search(xml):
        return None
    try:
        root = ET.fromstring(_ILLEGAL.sub("\ufffd", xml))  # noqa: S314  see above
    except (ET.ParseError, ValueError):
        return None
    system = root.find(f"{_NAMES}System")
    if system is None:
        return None
    provider = system.find(f"{_NAMES}Provider")
    id_ = _number(system.findtext(f"{_NAMES}EventID"))
    if provider is None or id_ is None:
        return None
    created = system.find(f"{_NAMES}TimeCreated")
    return Event(
        log,
        provider.get("Name") or provider.get("EventSourceName") or "",
        id_,
        _number(system.findtext(f"{_NAMES}Level")) or 0,
        _time(created.get("SystemTime", "") if created is not None else ""),
        _inserted_words(root),
    )


def _inserted_words(root: ET.Element) -> str:
    data = (part for name in ("EventData", "UserData") for part in root.findall(f"{_NAMES}{name}"))
    words = (" ".join(text.split()) for part in data for text in part.itertext())
    return " | ".join(word for word in words if word)


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _time(text: str) -> datetime | None:
    """Windows writes seven digits of a second; UTC."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
