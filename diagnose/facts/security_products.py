"""The fact source `security_product`: what the system itself lists among its security products."""

from __future__ import annotations

from diagnose.facts.sources import Held, Reading
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Unseen
from diagnose.patterns import compile_pattern

_WHERE = "root\\SecurityCenter2"
_NAME_LIMIT = 200
"""Characters of one name that are looked at."""


def read_security_product(machine: Machine, pattern: str) -> Reading:
    """The name of the first listed product that `pattern` (RE2) finds; Absent when the list holds none."""
    listed = machine.security_products()
    if isinstance(listed, Unseen):
        return listed
    wanted = compile_pattern(pattern)
    names = (product.name[:_NAME_LIMIT] for product in listed)
    found = next((name for name in names if wanted.search(name)), None)
    return Absent(_WHERE) if found is None else Held(found, _WHERE)
