"""What Windows itself says of the product's protection: is it registered, switched on, and current?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from checks._product_names import names_one_of
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING
from diagnose.machine.values import Reason, SecurityProduct, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """Parts of the names by which Windows lists the product; case is ignored."""

    own: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


EVIDENCE = {
    "protection_name": STRING,
    "protection_registered": BOOL,
    "protection_on": BOOL,
    "protection_current": BOOL,
}
_WHERE = "root\\SecurityCenter2"
_ON = 1
_CURRENT = {0: True, 1: False}
"""The half byte for definitions; what else may stand there is not known."""


def measure(context: Context, parameters: Parameters) -> Measurement:
    """An older entry may lie beside the new one: one that is on, or current, is enough; without any, neither is known.

    The numbers' meaning is not documented by Microsoft, but used alike by everybody who reads them.
    """
    listed = context.machine.security_products()
    if isinstance(listed, Unseen):
        return dict.fromkeys(EVIDENCE, listed)
    own = [product for product in listed if names_one_of(product.name, parameters.own)]
    none = Unseen(Reason.MISSING, _WHERE)
    return {
        "protection_name": Saw(own[0].name, _WHERE) if own else none,
        "protection_registered": Saw(bool(own), _WHERE),
        "protection_on": _any(map(_on, own)) if own else none,
        "protection_current": _any(map(_current, own)) if own else none,
    }


def _on(product: SecurityProduct) -> bool | None:
    return None if product.state is None else (product.state >> 12) & 0xF == _ON


def _current(product: SecurityProduct) -> bool | None:
    return None if product.state is None else _CURRENT.get((product.state >> 4) & 0xF)


def _any(answers: Iterable[bool | None]) -> Sighting:
    """True when one is; false only when all are known."""
    known = set(answers)
    if True in known:
        return Saw(True, _WHERE)
    return Unseen(Reason.MISSING, _WHERE) if None in known else Saw(False, _WHERE)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure)
