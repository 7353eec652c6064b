"""The names that conditions and texts may use, with their types."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.expressions import types
from diagnose.expressions.types import Type
from diagnose.machine.values import Platform
from diagnose.rules.model import FactSpec, Question

_FACT_TYPES: Mapping[str, Type] = {
    "string": types.STRING,
    "int": types.INT,
    "double": types.DOUBLE,
    "bool": types.BOOL,
    "timestamp": types.TIMESTAMP,
    "version": types.VERSION,
    "list": types.list_of(types.STRING),
}


def fact_names(facts: Mapping[str, FactSpec]) -> dict[str, Type]:
    return {f"facts.{name}": fact_type(spec) for name, spec in facts.items()}


def fact_type(spec: FactSpec) -> Type:
    """The type of a fact; one whose sources all map to words is an enum of these words."""
    words = [value for source in spec.sources if source.map for value in source.map.values()]
    if spec.type == "string" and words and all(source.map or source.answer for source in spec.sources):
        absent = [source.absent for source in spec.sources if source.absent is not None]
        return types.enum_of(tuple(dict.fromkeys(str(word) for word in [*words, *absent])))
    return _FACT_TYPES[spec.type]


def answer_type(question: Question) -> Type:
    match question.type:
        case "choice":
            return types.enum_of(tuple(question.choices))
        case "number":
            return types.DOUBLE
        case "date":
            return types.TIMESTAMP
        case "text" | "secret":
            return types.STRING


def secret_names(questions: Mapping[str, Question], facts: Mapping[str, FactSpec]) -> frozenset[str]:
    """Names that hold a secret: such answers, and the facts that may be one."""
    secret = {name for name, question in questions.items() if question.type == "secret"}
    held = {name for name, fact in facts.items() if any(source.answer in secret for source in fact.sources)}
    return frozenset({f"answers.{name}" for name in secret} | {f"facts.{name}" for name in held})


def product_names(facts: Mapping[str, FactSpec]) -> dict[str, Type]:
    """What a product file's own conditions may use: role conditions and the `when` of its specs."""
    return fact_names(facts) | {"now": types.TIMESTAMP, "machine.platform": types.enum_of(tuple(Platform))}


def step_names(
    facts: Mapping[str, FactSpec], questions: Mapping[str, Question], evidence: Mapping[str, Type]
) -> dict[str, Type]:
    """What the conditions of a step may use."""
    return {
        **product_names(facts),
        **{f"answers.{name}": answer_type(question) for name, question in questions.items()},
        **{f"evidence.{name}": type_ for name, type_ in evidence.items()},
        "run.causes": types.list_of(types.STRING),
        "run.undecided": types.list_of(types.STRING),
    }
