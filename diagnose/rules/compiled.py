"""A flow that is ready to run: conditions compiled, checks found, texts prepared. Made by `diagnose.rules.compiler`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnose.calculation import Calculation
from diagnose.check import Check
from diagnose.expressions import Compiled, Template, Type
from diagnose.rules.model import Branch, Cause, EvidenceField, FactSpec, Flow, Product, Question, Step
from diagnose.run.result import Status
from diagnose.specs import Spec
from diagnose.text import Text


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A sentence with placeholders, in both languages."""

    ja: Template
    en: Template


@dataclass(frozen=True, slots=True)
class CompiledCause:
    spec: Cause
    because: TextTemplate
    remedy: tuple[TextTemplate, ...]


@dataclass(frozen=True, slots=True)
class CompiledBranch:
    spec: Branch
    when: Compiled
    status: Status
    cause: CompiledCause | None
    because: TextTemplate | None
    values: Mapping[str, Compiled]
    """What fills the placeholders: name to expression."""


@dataclass(frozen=True, slots=True)
class StepCheck:
    """One check of a step with the parameters that the flow gives it."""

    name: str
    check: Check[Any]
    parameters: Spec


@dataclass(frozen=True, slots=True)
class StepCalculation:
    """The calculation of a step with the expressions that the flow gives it."""

    name: str
    calculation: Calculation
    inputs: Mapping[str, Compiled]
    secrets: frozenset[str]
    """Those names among the inputs that hold a secret: `answers.activation_code`."""

    @property
    def names(self) -> frozenset[str]:
        """All that its inputs name."""
        return frozenset[str]().union(*(expression.names for expression in self.inputs.values()))


@dataclass(frozen=True, slots=True)
class CompiledStep:
    spec: Step
    checks: tuple[StepCheck, ...]
    calculation: StepCalculation | None
    evidence: Mapping[str, Type]
    """All evidence fields of the step's checks and its calculation."""
    labels: Mapping[str, EvidenceField]
    branches: tuple[CompiledBranch, ...]


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    product: Product
    flow: Flow
    steps: tuple[CompiledStep, ...]
    facts: Mapping[str, FactSpec]
    """The product's facts and those of the computer."""
    fact_types: Mapping[str, Type]
    rules_digest: str

    def question(self, id: str) -> Question:  # noqa: A002
        return self.flow.questions[id]

    @property
    def id(self) -> str:
        return f"{self.product.id}/{self.flow.id}"


def plain_text(text: str) -> Text:
    """A text that is the same in both languages, such as a file name."""
    return Text(ja=text, en=text)
