"""Checks every rule file of the given folders: shapes, names, types, texts, reachability."""

from __future__ import annotations

from diagnose.errors import InputError, Problem
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import RuleFolders


def lint(folders: RuleFolders) -> list[Problem]:
    """Every problem of every flow, each once, sorted by place."""
    found: dict[tuple[str, int, int, str], Problem] = {}
    for product_id in folders.product_ids():
        try:
            flow_ids = folders.flow_ids(product_id)
            folders.product(product_id)
        except InputError as error:
            _add(found, error)
            continue
        for flow_id in flow_ids:
            try:
                compile_flow(folders, product_id, flow_id)
            except InputError as error:
                _add(found, error)
    return [found[key] for key in sorted(found)]


def _add(found: dict[tuple[str, int, int, str], Problem], error: InputError) -> None:
    for problem in error.problems:
        place = problem.place
        key = (place.file, place.line, place.column, problem.message.id) if place else ("", 0, 0, problem.message.id)
        found.setdefault((*key[:3], f"{key[3]} {sorted(map(str, problem.message.values.values()))}"), problem)
