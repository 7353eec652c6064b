"""Compare this computer's clock with the `Date` header of web servers; a few seconds of error do not matter here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from diagnose.machine.values import ClockOffset, Reason, Unseen
from diagnose.network.bounded import collect
from diagnose.network.http_client import open_client
from diagnose.network.name_lookup import LookUp, look_up

AGREEMENT_S = 60.0
"""Two servers whose clocks differ by more than this are no witnesses."""


@dataclass(frozen=True, slots=True)
class _Reading:
    host: str
    offset_s: float | None
    timed_out: bool = False


def measure(
    hosts: Sequence[str],
    now: Callable[[], datetime],
    timeout_s: float = 4.0,
    proxy: str | None = None,
    names: LookUp = look_up,
) -> ClockOffset | Unseen:
    """This computer's clock minus that of the first two of `hosts` (`name` or `name:port`, HTTP) that answer.

    One answer is enough when no other comes. `now` gives an aware datetime and may be called from other threads.
    Takes at most `timeout_s` seconds. `proxy` is asked as well: where nothing else gets out, it knows the time.
    """
    where = f"HTTP Date: {', '.join(hosts)}"
    jobs = [partial(_read, host, now, timeout_s, None, names) for host in hosts]
    jobs += [partial(_read, host, now, timeout_s, proxy, names) for host in hosts if proxy is not None]
    readings = collect(jobs, timeout_s, enough=lambda seen: len(_offsets(seen)) >= 2)
    offsets = _offsets(readings)[:2]
    if not offsets:
        silent = len(readings) < len(jobs) or any(reading.timed_out for reading in readings)
        return Unseen(Reason.TIMED_OUT if silent else Reason.FAILED, where)
    values = [offset for _, offset in offsets]
    if max(values) - min(values) > AGREEMENT_S:
        return Unseen(Reason.CONTRADICTORY, where, "; ".join(f"{host}: {offset:+.0f} s" for host, offset in offsets))
    return ClockOffset(round(sum(values) / len(values), 1), ", ".join(host for host, _ in offsets))


def _offsets(readings: Sequence[_Reading]) -> list[tuple[str, float]]:
    return [(reading.host, reading.offset_s) for reading in readings if reading.offset_s is not None]


def _read(host: str, now: Callable[[], datetime], timeout_s: float, proxy: str | None, names: LookUp) -> _Reading:
    import httpx

    url = f"http://{host}/"
    try:
        with open_client(timeout_s, proxy, names=names) as client:
            for method in ("HEAD", "GET"):
                with client.stream(method, url) as response:
                    local = now()
                    server = _server_time(response.headers)
                if server is not None:
                    return _Reading(host, (local - server).total_seconds())
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError) as error:
        return _Reading(host, None, timed_out=isinstance(error, httpx.TimeoutException))
    return _Reading(host, None)


def _server_time(headers: Mapping[str, str]) -> datetime | None:
    """An answer out of a cache still bears the date of its making; `Age` says how many seconds ago that was."""
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
        age = timedelta(seconds=int(headers.get("age", "0")))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)) + age
    except (ValueError, TypeError, OverflowError):
        return None
