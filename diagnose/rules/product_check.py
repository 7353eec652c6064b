"""What the types of a product file cannot say: facts exist, patterns compile, conditions fit, nothing is circular."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from diagnose.errors import Problem, nearest
from diagnose.expressions import BOOL, ExpressionErrors, compile_expression
from diagnose.machine.values import System
from diagnose.messages import Message, did_you_mean, message
from diagnose.patterns import PatternError, compile_pattern
from diagnose.rules.folders import Loaded
from diagnose.rules.model import FactSpec, Product, SignatureFile, Source
from diagnose.rules.names import product_names
from diagnose.specs import Spec
from diagnose.yaml_file import Document, Path_

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)\}")
"""`{fact.name}` in a path, host or URL of a product file."""

_KINDS = ("system", "registry", "ini", "log", "command", "file", "security_product", "answer")
_SYSTEM_FIELDS = tuple(System.__dataclass_fields__)


def product_problems(loaded: Loaded[Product], facts: Mapping[str, FactSpec]) -> list[Problem]:
    """Everything that is wrong with a product file beyond its shape. `facts` are its own and the computer's."""
    document, product = loaded.document, loaded.value
    problems = [Problem(what, document.place(path)) for path, what in _spec_problems(product, facts)]
    for name, fact in product.facts.items():
        for index, source in enumerate(fact.sources):
            path: Path_ = ("facts", name, "sources", index)
            problems += [Problem(what, document.place((*path, *inner))) for inner, what in _source_problems(source)]
    problems += _condition_problems(document, product, facts)
    problems += [Problem(message("id-twice", id=name), document.place(path)) for path, name in _ids_twice(product)]
    problems += [Problem(message("fact-cycle", name=n), document.place(("facts", n))) for n in _cycles(product.facts)]
    if product.version is not None and product.version not in facts:
        guess = nearest(product.version, facts)
        what = message("unknown-fact", did_you_mean(guess), name=product.version)
        problems.append(Problem(what, document.place(("version",))))
    return problems


def text_fields(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, str, str]]:
    """Every text inside specs: the way to it, the field's name, the text."""
    if isinstance(value, Spec):
        for name, written in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
            yield from text_fields(getattr(value, name), (*path, written))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from text_fields(item, (*path, key))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from text_fields(item, (*path, index))
    elif isinstance(value, str):
        name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        yield path, name, value


def _ids_twice(product: Product) -> Iterator[tuple[Path_, str]]:
    """Ids that two items of one list share."""
    lists: dict[str, list[str]] = {
        "roles": [role.id for role in product.roles],
        "endpoints": [endpoint.id for endpoint in product.endpoints],
        "certificates": [certificate.id for certificate in product.certificates],
        "logs": [log.id for log in product.logs],
        "incident": [field.id for field in product.incident],
    }
    for name, ids in lists.items():
        for index, item in enumerate(ids):
            if item in ids[:index]:
                yield (name, index, "id"), item


def parameter_problems(value: Spec, facts: Mapping[str, FactSpec]) -> Iterator[tuple[Path_, Message]]:
    """Facts that a check's parameters name, and those in the texts that it fills, which do not exist."""
    for path, _, text in text_fields(value):
        names = PLACEHOLDER.findall(text)
        if len(path) == 1 and path[0] in fact_fields(type(value)):
            names.append(text)
        for name in names:
            if name not in facts:
                yield path, message("unknown-fact", did_you_mean(nearest(name, facts)), name=name)


@cache
def fact_fields(parameters: type[Spec]) -> frozenset[str]:
    """The parameters of a check that name a fact (type FactName)."""
    fields = msgspec.inspect.type_info(parameters)
    assert isinstance(fields, msgspec.inspect.StructType)  # noqa: S101 - every Spec is a struct
    return frozenset(field.encode_name for field in fields.fields if _names_fact(field.type))


def _names_fact(type_: msgspec.inspect.Type) -> bool:
    if isinstance(type_, msgspec.inspect.UnionType):
        return any(_names_fact(part) for part in type_.types)
    return isinstance(type_, msgspec.inspect.Metadata) and type_.extra == {"names": "fact"}


def signature_problems(loaded: Loaded[SignatureFile], facts: Mapping[str, FactSpec]) -> list[Problem]:
    """Patterns that are none and facts that do not exist, in the known failure lines of a product."""
    return [Problem(what, loaded.document.place(path)) for path, what in _spec_problems(loaded.value, facts)]


def _spec_problems(product: Spec, facts: Mapping[str, FactSpec]) -> Iterator[tuple[Path_, Message]]:
    for path, field, text in text_fields(product):
        if field == "pattern" and text and (problem := _pattern_problem(text)):
            yield path, problem
        elif field not in {"when", "format", "match"}:
            for name in PLACEHOLDER.findall(text):
                if name not in facts:
                    yield path, message("unknown-fact", did_you_mean(nearest(name, facts)), name=name)


def _source_problems(source: Source) -> Iterator[tuple[Path_, Message]]:
    if sum(getattr(source, kind) is not None for kind in _KINDS) != 1:
        yield (), message("source-one")
    if source.system is not None and source.system not in _SYSTEM_FIELDS:
        guess = nearest(source.system, _SYSTEM_FIELDS)
        yield ("system",), message("unknown-system-field", did_you_mean(guess), name=source.system)
    if source.match is not None and (problem := _pattern_problem(source.match, groups=1)):
        yield ("match",), problem
    if source.log is not None and (problem := _pattern_problem(source.log.pattern, groups=1)):
        yield ("log", "pattern"), problem
    pattern = source.command.pattern if source.command is not None else None
    if pattern is not None and (problem := _pattern_problem(pattern, groups=1)):
        yield ("command", "pattern"), problem


def _pattern_problem(pattern: str, groups: int | None = None) -> Message | None:
    try:
        compiled = compile_pattern(pattern)
    except PatternError as error:
        return message("bad-pattern", error=str(error))
    if groups is not None and compiled.groups != groups:
        return message("pattern-groups")
    return None


def _condition_problems(document: Document, product: Product, facts: Mapping[str, FactSpec]) -> list[Problem]:
    names = product_names(facts)
    problems = []
    for path, field, text in text_fields(product):
        if field != "when":
            continue
        try:
            compile_expression(text, names, BOOL)
        except ExpressionErrors as errors:
            problems += [Problem(p.message, document.place_in_text(path, p.offset)) for p in errors.problems]
    return problems


def _cycles(facts: Mapping[str, FactSpec]) -> list[str]:
    """Facts whose sources need the fact itself, directly or through others."""
    needs = {
        name: {found for _, _, text in text_fields(fact.sources) for found in PLACEHOLDER.findall(text)}
        for name, fact in facts.items()
    }

    def reaches(start: str) -> bool:
        seen: set[str] = set()
        waiting = list(needs.get(start, ()))
        while waiting:
            name = waiting.pop()
            if name == start:
                return True
            if name not in seen:
                seen.add(name)
                waiting += needs.get(name, ())
        return False

    return [name for name in facts if reaches(name)]
