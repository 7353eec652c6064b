"""Checks every rule file of the given folders: shapes, names, types, texts, reachability."""

from __future__ import annotations

from collections.abc import Iterable

from diagnose.errors import InputError, Problem, nearest
from diagnose.messages import did_you_mean, message
from diagnose.rules.compiler import all_facts, compile_flow
from diagnose.rules.folders import Loaded, RuleFolders
from diagnose.rules.model import Product
from diagnose.rules.product_check import product_problems


def lint(folders: RuleFolders) -> list[Problem]:
    """Every problem of every flow, each once, sorted by place."""
    found: dict[tuple[str, int, int, str], Problem] = {}
    for product_id in folders.product_ids():
        try:
            flow_ids = folders.flow_ids(product_id)
            product = folders.product(product_id)
            _add(found, _default_flow_problems(product, flow_ids))
            if not flow_ids:
                _add(found, product_problems(product, all_facts(folders, product.value)))
        except InputError as error:
            _add(found, error.problems)
            continue
        for flow_id in flow_ids:
            try:
                compile_flow(folders, product_id, flow_id)
            except InputError as error:
                _add(found, error.problems)
    return [found[key] for key in sorted(found)]


def _default_flow_problems(product: Loaded[Product], flow_ids: tuple[str, ...]) -> list[Problem]:
    default = product.value.default_flow
    if default is None or default in flow_ids:
        return []
    guess = did_you_mean(nearest(default, flow_ids))
    what = message("unknown-flow", guess, name=default, product=product.value.id)
    return [Problem(what, product.document.place(("default_flow",)))]


def _add(found: dict[tuple[str, int, int, str], Problem], problems: Iterable[Problem]) -> None:
    for problem in problems:
        place = problem.place
        key = (place.file, place.line, place.column, problem.message.id) if place else ("", 0, 0, problem.message.id)
        found.setdefault((*key[:3], f"{key[3]} {sorted(map(str, problem.message.values.values()))}"), problem)
