"""Which security products are registered or running, and which of them are active beside the own one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checks._places import places
from checks._product_names import names_one_of
from diagnose.check import Check, Context, Measurement, Saw
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Platform, Reason, SecurityProduct, Unseen
from diagnose.specs import SecurityProductSpec, Spec


class Parameters(Spec, frozen=True):
    """How to tell the own product, and how to see products where Windows does not register them."""

    own: tuple[str, ...] = ()
    """Parts of names; case is ignored."""
    known: tuple[SecurityProductSpec, ...] = ()


EVIDENCE = {"products": list_of(STRING), "others": list_of(STRING), "own_active": BOOL}

_PART_OF_WINDOWS = ("windows defender", "microsoft defender")
_REAL_TIME_ON = 1


@dataclass(frozen=True, slots=True)
class _Product:
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    products: tuple[_Product, ...]
    where: str


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`others` are active and not own; the one that is part of Windows counts only beside an active own product.

    It turns itself on when no other product is active, so alone it is no conflict.
    """
    seen = _look(context.machine, parameters)
    if isinstance(seen, Unseen):
        return dict.fromkeys(EVIDENCE, seen)
    own_active = any(product.active and names_one_of(product.name, parameters.own) for product in seen.products)
    others = [
        product.name
        for product in seen.products
        if product.active
        and not names_one_of(product.name, parameters.own)
        and (own_active or not names_one_of(product.name, _PART_OF_WINDOWS))
    ]
    return {
        "products": Saw(_distinct(product.name for product in seen.products), seen.where),
        "others": Saw(_distinct(others), seen.where),
        "own_active": Saw(own_active, seen.where),
    }


def _look(machine: Machine, parameters: Parameters) -> _Seen | Unseen:
    registered = machine.security_products()
    if not isinstance(registered, Unseen) and machine.platform is Platform.WINDOWS:
        return _Seen(tuple(_Product(item.name, _is_active(item)) for item in registered), "root\\SecurityCenter2")
    running = _look_for_known(machine, parameters.known)
    if isinstance(running, Unseen):
        return registered if isinstance(registered, Unseen) else running
    return running


def _is_active(product: SecurityProduct) -> bool:
    return product.state is None or (product.state >> 12) & 0xF == _REAL_TIME_ON


def _look_for_known(machine: Machine, known: tuple[SecurityProductSpec, ...]) -> _Seen | Unseen:
    """Products whose process runs or whose service exists. Unseen when neither can be seen or none is known."""
    processes, services = machine.processes(), machine.services()
    unseen = [held for held in (processes, services) if isinstance(held, Unseen)]
    if not known or len(unseen) == 2:
        return unseen[0] if unseen else Unseen(Reason.NO_SOURCE, "known")
    running = set() if isinstance(processes, Unseen) else {item.name.casefold() for item in processes}
    states = {} if isinstance(services, Unseen) else {item.name.casefold(): item.status for item in services}
    found = []
    for spec in known:
        own_states = [states[name.casefold()] for name in spec.services if name.casefold() in states]
        active = "running" in own_states or any(name.casefold() in running for name in spec.processes)
        if active or own_states:
            found.append(_Product(spec.name, active))
    seen = (name for name, held in (("processes", processes), ("services", services)) if not isinstance(held, Unseen))
    return _Seen(tuple(found), places(seen, unseen))


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure)
