"""Which database version the vendor publishes: a TXT record says so, and nothing has to be downloaded."""

from __future__ import annotations

import re
from datetime import timedelta

from checks._calendar import from_epoch
from diagnose.check import Check, Context, Measurement, Saw
from diagnose.expressions.types import BOOL, DURATION, INT, STRING
from diagnose.machine.interface import Machine
from diagnose.machine.values import CommandResult, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """`name` has a TXT record `engine:main:daily:time:...`."""

    name: str


EVIDENCE = {"record_found": BOOL, "published_engine": STRING, "published_version": INT, "record_age": DURATION}
_RECORD = re.compile(r'"(\d{1,3}(?:\.\d{1,3}){1,3}):(\d{1,9}):(\d{1,9}):(\d{1,12}):', re.ASCII)
_NO_SUCH_NAME = re.compile(r"NXDOMAIN|has no TXT record", re.ASCII)


def measure(context: Context, parameters: Parameters) -> Measurement:
    """The machine resolves addresses only, so one of the usual tools is asked; without any it is not known."""
    where = f"DNS TXT {parameters.name}"
    text = _asked(context.machine, parameters.name)
    if isinstance(text, Unseen):
        return dict.fromkeys(EVIDENCE, text)
    found = _RECORD.search(text)
    if found is None:
        nothing = dict.fromkeys(EVIDENCE, Unseen(Reason.MALFORMED, where))
        return {**nothing, "record_found": Saw(False, where)} if _NO_SUCH_NAME.search(text) else nothing
    time = from_epoch(int(found[4]))
    age = max(context.now - time, timedelta()) if time else None
    return {
        "record_found": Saw(True, where),
        "published_engine": Saw(found[1], where),
        "published_version": Saw(int(found[3]), where),
        "record_age": Unseen(Reason.MALFORMED, where) if age is None else Saw(age, where),
    }


def _asked(machine: Machine, name: str) -> str | Unseen:
    """What the first tool that exists printed."""
    unseen: Unseen | None = None
    for argv in (["host", "-W", "3", "-t", "TXT", name], ["resolvectl", "query", "--type=TXT", name]):
        answer = machine.run(argv, 8.0)
        if isinstance(answer, CommandResult):
            return (answer.stdout[:10_000] + answer.stderr[:1_000]).decode("utf-8", "replace")
        if isinstance(answer, Unseen):
            unseen = unseen or answer
    return unseen or Unseen(Reason.UNSUPPORTED, f"DNS TXT {name}")


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=20.0)
