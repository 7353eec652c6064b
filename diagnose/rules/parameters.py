"""What a flow says under `with:` becomes the typed parameters of the step's checks.

A value `product.<list>` stands for that part of the product file; `product.signatures` and
`product.event_signatures` stand for the lists of its signatures.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from diagnose.check import Check
from diagnose.errors import InputError, Problem, nearest
from diagnose.messages import did_you_mean, message
from diagnose.rules.compiled import StepCheck
from diagnose.rules.folders import Loaded
from diagnose.rules.model import Product, SignatureFile, Step
from diagnose.specs import Spec
from diagnose.yaml_file import Document, Path_, convert

_PRODUCT = "product."


def step_parameters(  # noqa: PLR0917
    document: Document,
    path: Path_,
    step: Step,
    checks: Sequence[tuple[str, Check[Any]]],
    product: Loaded[Product],
    signatures: Loaded[SignatureFile] | None,
) -> tuple[tuple[StepCheck, ...], list[Problem]]:
    """The checks of a step, each with the parameters that it declares. A name that no check declares is a problem."""
    problems: list[Problem] = []
    declared = {name: _fields(check.parameters) for name, check in checks}
    known = sorted({field for fields in declared.values() for field in fields})
    given: dict[str, Any] = {}
    for name, value in step.with_.items():
        place = document.key_place((*path, "with", name))
        if name not in known:
            problems.append(Problem(message("unknown-parameter", did_you_mean(nearest(name, known)), name=name), place))
            continue
        try:
            given[name] = _from_product(value, product, signatures)
        except KeyError as missing:
            problems.append(_unknown_part(str(missing.args[0]), document.place((*path, "with", name))))
    step_checks = []
    for name, check in checks:
        own = {key: value for key, value in given.items() if key in declared[name]}
        try:
            parameters = convert(document, (*path, "with"), check.parameters, own)
        except InputError as error:
            problems += error.problems
            continue
        step_checks.append(StepCheck(name, check, parameters))
    return tuple(step_checks), problems


def _from_product(value: Any, product: Loaded[Product], signatures: Loaded[SignatureFile] | None) -> Any:
    if not isinstance(value, str) or not value.startswith(_PRODUCT):
        return value
    part = value.removeprefix(_PRODUCT)
    if part in _fields(SignatureFile):
        return signatures.document.data.get(part, []) if signatures is not None else []
    if part not in _fields(Product):
        raise KeyError(part)
    data = product.document.data
    return data[part] if part in data else msgspec.to_builtins(getattr(product.value, part))


def _unknown_part(part: str, place: Any) -> Problem:
    guess = nearest(part, _fields(Product))
    return Problem(message("unknown-product-part", did_you_mean(guess), name=part), place)


def _fields(struct: type[Spec]) -> tuple[str, ...]:
    return struct.__struct_encode_fields__
