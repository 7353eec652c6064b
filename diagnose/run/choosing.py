"""Which product, which flow, which role: named by the operator, or detected on the machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from diagnose.errors import InputError
from diagnose.expressions import BOOL, compile_expression
from diagnose.facts.resolver import Facts
from diagnose.machine.interface import Machine
from diagnose.messages import message
from diagnose.network.bounded import call_within
from diagnose.rules.compiler import all_facts
from diagnose.rules.folders import SHARED_PRODUCT, RuleFolders
from diagnose.rules.model import Product, Role
from diagnose.rules.names import product_names
from diagnose.run.measuring import condition_values

_DETECTION_S = 10.0


@dataclass(frozen=True, slots=True)
class Detected:
    """What is known of one product on one machine."""

    product: Product
    roles: tuple[Role, ...]
    """Roles whose conditions hold."""
    undecided: bool
    """A condition could not be decided: something could not be seen."""


def detect(folders: RuleFolders, product_id: str, machine: Machine, now: datetime) -> Detected:
    """Which roles of the product this machine has."""
    product = folders.product(product_id).value
    if str(machine.platform) not in product.platforms:
        return Detected(product, (), False)
    specs = all_facts(folders, product)
    facts = Facts(machine, specs, now)
    names = product_names(specs)

    def look() -> Detected:
        results = {}
        for role in product.roles:
            compiled = compile_expression(role.when, names, BOOL)
            results[role.id] = compiled.evaluate(condition_values(compiled.names, facts, machine, now))
        roles = tuple(role for role in product.roles if results[role.id] is True)
        return Detected(product, roles, any(not isinstance(result, bool) for result in results.values()))

    # A path on a dead network share must not hold up the run before it begins.
    return call_within(look, _DETECTION_S) or Detected(product, (), True)


def detect_all(folders: RuleFolders, machine: Machine, now: datetime) -> tuple[Detected, ...]:
    return tuple(detect(folders, name, machine, now) for name in folders.product_ids() if name != SHARED_PRODUCT)


def choose(folders: RuleFolders, target: str | None, machine: Machine, now: datetime) -> tuple[str, str]:
    """Product and flow ids from `PRODUCT[/FLOW]`, or what is detected; nothing detected: machine/health."""
    if target is None:
        found = [detected.product for detected in detect_all(folders, machine, now) if detected.roles]
        found.sort(key=lambda product: product.part_of_system)
        product_id = found[0].id if found else SHARED_PRODUCT
        return product_id, _default_flow(folders, product_id)
    product_id, slash, flow_id = target.partition("/")
    product = folders.product(product_id).value
    if str(machine.platform) not in product.platforms:
        platforms = ", ".join(product.platforms)
        raise InputError(message("product-platform", product=product_id, platforms=platforms, this=machine.platform))
    return product_id, flow_id if slash else _default_flow(folders, product_id)


def _default_flow(folders: RuleFolders, product_id: str) -> str:
    product = folders.product(product_id).value
    flows = folders.flow_ids(product_id)
    if product.default_flow is not None:
        return product.default_flow
    if len(flows) == 1:
        return flows[0]
    raise InputError(message("choose-flow", product=product_id, flows=", ".join(flows)))
