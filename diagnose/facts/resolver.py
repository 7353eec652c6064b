"""Facts of a product on one machine: the first source that answers wins; each is read once per run, by any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from datetime import datetime

from diagnose.check import Saw, Sighting
from diagnose.facts.security_products import read_security_product
from diagnose.facts.shaping import shape
from diagnose.facts.sources import (
    Held,
    Reading,
    read_command,
    read_file_fact,
    read_ini,
    read_log,
    read_registry,
    read_system,
)
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Reason, Unseen
from diagnose.rules.model import FactSpec, Source
from diagnose.rules.product_check import PLACEHOLDER

_MOST_TELLING_FIRST = (
    Reason.DENIED,
    Reason.TIMED_OUT,
    Reason.MALFORMED,
    Reason.FAILED,
    Reason.NOT_A_FILE,
    Reason.NOT_RECORDED,
    Reason.UNSUPPORTED,
    Reason.MISSING,
)


class Facts:
    """Resolves facts lazily. Safe for threads: a fact that hangs holds up only those who ask for it."""

    def __init__(self, machine: Machine, specs: Mapping[str, FactSpec], now: datetime) -> None:
        self._machine = machine
        self._specs = specs
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[str, Future[Sighting]] = {}

    def resolve(self, name: str) -> Sighting:
        """The fact's value and place, or why it is unknown. An unknown name is Unseen(NO_SOURCE)."""
        with self._lock:
            future = self._known.get(name)
            mine = future is None
            if future is None:
                future = self._known[name] = Future()
        if mine:
            try:
                future.set_result(self._resolve(name))
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()

    def settled(self, name: str) -> Sighting | None:
        """The fact if it has been read already; None while it has not, or is still being read."""
        with self._lock:
            future = self._known.get(name)
        return future.result() if future is not None and future.done() and not future.exception() else None

    def fill(self, text: str) -> str | Unseen:
        """`text` with each `{fact.name}` replaced; Unseen when one of them is."""
        parts = PLACEHOLDER.split(text)
        for index in range(1, len(parts), 2):
            fact = self.resolve(parts[index])
            if isinstance(fact, Unseen):
                return fact
            parts[index] = str(fact.value)
        return "".join(parts)

    def _resolve(self, name: str) -> Sighting:
        spec = self._specs.get(name)
        if spec is None:
            return Unseen(Reason.NO_SOURCE, name)
        tried: list[Unseen] = []
        for source in spec.sources:
            if source.answer is not None:
                continue
            reading = self._read(source)
            if isinstance(reading, Absent) and source.absent is not None:
                reading = Held(
                    source.absent if not isinstance(source.absent, float) else str(source.absent), reading.where
                )
                return shape(reading, Source(), spec.type, self._now.tzinfo)
            if isinstance(reading, Held):
                sighting = shape(reading, source, spec.type, self._now.tzinfo)
                if isinstance(sighting, Saw):
                    return sighting
                tried.append(sighting)
            else:
                tried.append(Unseen(Reason.MISSING, reading.where) if isinstance(reading, Absent) else reading)
        return _why(name, tried)

    def _read(self, source: Source) -> Reading:  # noqa: PLR0911
        machine = self._machine
        if source.system is not None:
            return read_system(machine, source.system)
        if source.registry is not None:
            return read_registry(machine, source.registry, self.fill)
        if source.ini is not None:
            return read_ini(machine, source.ini, self.fill)
        if source.log is not None:
            return read_log(machine, source.log, self.fill)
        if source.command is not None:
            return read_command(machine, source.command, self.fill)
        if source.file is not None:
            return read_file_fact(machine, source.file, self.fill)
        if source.security_product is not None:
            return read_security_product(machine, source.security_product.pattern)
        return Unseen(Reason.NO_SOURCE, "")


def _why(name: str, tried: Iterable[Unseen]) -> Unseen:
    """The most telling reason of all places that were tried, with every place."""
    known = list(tried)
    if not known:
        return Unseen(Reason.NO_SOURCE, name)
    reason = min((unseen.reason for unseen in known), key=_rank)
    where = "; ".join(dict.fromkeys(unseen.where for unseen in known if unseen.reason is reason))
    detail = next((unseen.detail for unseen in known if unseen.reason is reason and unseen.detail), "")
    return Unseen(reason, where, detail)


def _rank(reason: Reason) -> int:
    return _MOST_TELLING_FIRST.index(reason) if reason in _MOST_TELLING_FIRST else len(_MOST_TELLING_FIRST)
