"""Compiles a flow and reports everything that is wrong with it at once, each problem with file, line and column."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from diagnose.calculation import Calculation, UnknownCalculationError, calculation_names, load_calculation
from diagnose.check import Check, UnknownCheckError, check_names, load_check
from diagnose.errors import InputError, Problem, nearest
from diagnose.expressions import (
    BOOL,
    DYN,
    Compiled,
    Type,
)
from diagnose.messages import did_you_mean, message
from diagnose.rules.branch_compiler import BranchCompiler
from diagnose.rules.compiled import (
    CompiledBranch,
    CompiledCause,
    CompiledFlow,
    CompiledStep,
    StepCalculation,
    StepCheck,
    TextTemplate,
)
from diagnose.rules.folders import SHARED_PRODUCT, Loaded, RuleFolders, ShapeError
from diagnose.rules.model import Cause, CauseFile, EvidenceField, FactSpec, Flow, Product, Question, Step
from diagnose.rules.names import secret_names, step_names
from diagnose.rules.parameters import step_parameters
from diagnose.rules.product_check import parameter_problems, product_problems, signature_problems
from diagnose.rules.reporter import Reporter
from diagnose.yaml_file import Document, Path_, convert

_CONSTANT = re.compile(r"\s*(true|1\s*==\s*1)\s*")
_T = TypeVar("_T")
_SIMPLE_NAME = re.compile(r"[A-Za-z_]\w*")


def all_facts(folders: RuleFolders, product: Product) -> dict[str, FactSpec]:
    """The product's facts and those of the computer, which every product may use."""
    shared = {} if product.id == SHARED_PRODUCT else folders.product(SHARED_PRODUCT).value.facts
    return {**shared, **product.facts}


def compile_flow(folders: RuleFolders, product_id: str, flow_id: str) -> CompiledFlow:
    """Load and compile `<product>/<flow>`. Raises InputError with every problem found."""
    product = folders.product(product_id)
    try:
        loaded = folders.flow(product_id, flow_id)
    except ShapeError as error:
        conditions = loose_condition_problems(error.document, all_facts(folders, product.value))
        raise InputError.from_problems([*error.problems, *conditions]) from None
    causes, problems = compile_causes(folders.cause_files(product_id))
    compiler = _FlowCompiler(folders, product, loaded, causes)
    problems += product_problems(product, compiler.facts)
    if (signatures := folders.signatures(product_id)) is not None:
        problems += signature_problems(signatures, compiler.facts)
    steps = compiler.steps()
    problems += compiler.reporter.problems
    if problems:
        raise InputError.from_problems(problems)
    return CompiledFlow(
        product=product.value,
        flow=loaded.value,
        steps=steps,
        facts=compiler.facts,
        fact_types=compiler.fact_types,
        rules_digest=folders.digest(product_id),
    )


def loose_condition_problems(document: Document, facts: Mapping[str, FactSpec]) -> list[Problem]:
    """Problems of the conditions in a flow whose shape is wrong, so that the author sees both at once."""
    reporter = Reporter(document)
    data = document.data if isinstance(document.data, dict) else {}
    questions: dict[str, Question] = {}
    for name in _held(data, "questions", dict):
        with contextlib.suppress(InputError):
            questions[name] = convert(document, ("questions", name), Question)
    for index, step in enumerate(_held(data, "steps", list)):
        evidence = _evidence_of(step)
        if evidence is None:
            continue
        known = step_names(facts, questions, evidence)
        for position, branch in enumerate(_held(step, "decide", list)):
            if isinstance(branch, dict) and isinstance(branch.get("when"), str):
                path = ("steps", index, "decide", position, "when")
                reporter.expression(path, branch["when"], known, BOOL)
    return reporter.problems


def _evidence_of(step: Any) -> dict[str, Type] | None:
    """What the checks and the calculation of a step as written give; None when one of them is not known."""
    names = [_held(step, "check", str)] if _held(step, "check", str) else _held(step, "check", list)
    calculation = _held(step, "calculate", str)
    if not all(name in check_names() for name in names) or calculation not in ("", *calculation_names()):
        return None
    evidence = {field: type_ for name in names for field, type_ in load_check(name).evidence.items()}
    return {**evidence, **(load_calculation(calculation).evidence if calculation else {})}


def _held(data: Any, name: str, type_: type[_T]) -> _T:
    """What a mapping holds under this name; empty when it is no mapping or holds something else."""
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, type_) else type_()


def compile_causes(files: Sequence[Loaded[CauseFile]]) -> tuple[dict[str, CompiledCause | None], list[Problem]]:
    """All causes by id; the first file that has an id wins, so a product can say a generic cause in its own words.

    A cause with a mistake is None: the flows that name it are not wrong as well.
    """
    causes: dict[str, CompiledCause | None] = {}
    problems: list[Problem] = []
    for loaded in files:
        reporter = Reporter(loaded.document)
        seen: set[str] = set()
        for index, cause in enumerate(loaded.value.causes):
            path = ("causes", index)
            if cause.id in seen:
                reporter.add((*path, "id"), message("id-twice", id=cause.id))
            seen.add(cause.id)
            causes.setdefault(cause.id, _compile_cause(reporter, path, cause))
        problems += reporter.problems
    return causes, problems


def _compile_cause(reporter: Reporter, path: Path_, cause: Cause) -> CompiledCause | None:
    names = dict.fromkeys(cause.values, DYN)
    before = len(reporter.problems)
    if not cause.remedy.ja or len(cause.remedy.ja) != len(cause.remedy.en):
        reporter.add((*path, "remedy"), message("remedy-lengths", ja=len(cause.remedy.ja), en=len(cause.remedy.en)))
    because = reporter.text((*path, "because"), cause.because, names)
    remedy = []
    for index, (ja, en) in enumerate(zip(cause.remedy.ja, cause.remedy.en, strict=False)):
        ja_template = reporter.template((*path, "remedy", "ja", index), ja, names)
        en_template = reporter.template((*path, "remedy", "en", index), en, names)
        if ja_template is not None and en_template is not None:
            remedy.append(TextTemplate(ja_template, en_template))
    if because is None or len(reporter.problems) > before:
        return None
    return CompiledCause(cause, because, tuple(remedy))


class _FlowCompiler:
    def __init__(
        self,
        folders: RuleFolders,
        product: Loaded[Product],
        loaded: Loaded[Flow],
        causes: Mapping[str, CompiledCause | None],
    ) -> None:
        self._folders = folders
        self._product = product
        self._flow = loaded.value
        self._causes = causes
        self.reporter = Reporter(loaded.document)
        self.facts = all_facts(folders, product.value)
        names = step_names(self.facts, {}, {})
        self._secret_names = secret_names(self._flow.questions, self.facts)
        self.fact_types = {name[6:]: type_ for name, type_ in names.items() if name.startswith("facts.")}

    def steps(self) -> tuple[CompiledStep, ...]:
        self._check_questions()
        self._check_step_ids()
        compiled = [self._step(index, step) for index, step in enumerate(self._flow.steps)]
        self._check_reachable()
        self._check_explains()
        return tuple(step for step in compiled if step is not None)

    def _step(self, index: int, step: Step) -> CompiledStep | None:
        path: Path_ = ("steps", index)
        for position, fact in enumerate(step.show):
            self._known((*path, "show", position), fact, self.facts, "unknown-fact")
        for position, question in enumerate(step.ask):
            self._known((*path, "ask", position), question, self._flow.questions, "unknown-question")
        checks = self._checks(path, step)
        if checks is None:
            return None
        evidence: dict[str, Type] = {}
        labels: dict[str, EvidenceField] = {}
        for name, check in checks:
            if twice := sorted(evidence.keys() & check.evidence.keys()):
                self.reporter.add((*path, "check"), message("evidence-twice", names=", ".join(twice), check=name))
            evidence.update(check.evidence)
            labels.update(self._labels((*path, "check"), name, check))
        calculation = self._calculation(path, step, evidence)
        if calculation is not None:
            evidence.update(calculation.calculation.evidence)
            labels.update(self._labels((*path, "calculate"), calculation.name, calculation.calculation))
        branches = self._branches(index, step, step_names(self.facts, self._flow.questions, evidence))
        if not step.decide:
            self.reporter.add(path, message("no-branches"))
        step_checks = self._parameters(path, step, checks)
        return CompiledStep(step, step_checks, calculation, evidence, labels, branches)

    def _branches(self, index: int, step: Step, names: Mapping[str, Type]) -> tuple[CompiledBranch, ...]:
        """The step's own, then those that it shares with other flows."""
        targets = [other.id for other in self._flow.steps]
        own = BranchCompiler(self.reporter, self._causes, names, self._secret_names, targets, index)
        found = [own.compile(("steps", index, "decide", i), branch) for i, branch in enumerate(step.decide)]
        if step.otherwise is not None:
            shared = self._folders.branches()
            place: Path_ = ("steps", index, "otherwise")
            self._known(place, step.otherwise, shared, "unknown-branches")
            if step.otherwise in shared:
                loaded = shared[step.otherwise]
                compiler = BranchCompiler(
                    Reporter(loaded.document), self._causes, names, self._secret_names, targets, index
                )
                path = ("branches", step.otherwise)
                for i, branch in enumerate(loaded.value):
                    followed = msgspec.structs.replace(branch, explains=(*branch.explains, *step.explains))
                    found.append(compiler.compile((*path, i), followed))
                self.reporter.problems.extend(compiler.reporter.problems)
        return tuple(branch for branch in found if branch is not None)

    def _checks(self, path: Path_, step: Step) -> list[tuple[str, Check[Any]]] | None:
        found = []
        names = (step.check,) if isinstance(step.check, str) else step.check
        for position, name in enumerate(names):
            where = (*path, "check") if isinstance(step.check, str) else (*path, "check", position)
            try:
                found.append((name, load_check(name)))
            except UnknownCheckError:
                guess = nearest(name, check_names())
                self.reporter.add(where, message("unknown-check", did_you_mean(guess), name=name))
        return found if len(found) == len(names) else None

    def _parameters(self, path: Path_, step: Step, checks: list[tuple[str, Check[Any]]]) -> tuple[StepCheck, ...]:
        signatures = self._folders.signatures(self._product.value.id)
        given, problems = step_parameters(self.reporter.document, path, step, checks, self._product, signatures)
        self.reporter.problems.extend(problems)
        for step_check in given:
            for inner, what in parameter_problems(step_check.parameters, self.facts):
                self.reporter.add((*path, "with", *inner), what)
        return given

    def _calculation(self, path: Path_, step: Step, measured: Mapping[str, Type]) -> StepCalculation | None:
        """It may use what the step's checks measured. One that nobody knows is told, and counts as not there."""
        if step.calculate is None:
            return None
        try:
            calculation = load_calculation(step.calculate)
        except UnknownCalculationError:
            guess = did_you_mean(nearest(step.calculate, calculation_names()))
            self.reporter.add((*path, "calculate"), message("unknown-calculation", guess, name=step.calculate))
            return None
        names = step_names(self.facts, self._flow.questions, measured)
        inputs: dict[str, Compiled] = {}
        for name, source in step.given.items():
            where = (*path, "given", name)
            self._known(where, name, calculation.inputs, "unknown-input")
            if name in calculation.inputs:
                compiled = self.reporter.expression(where, source, names, calculation.inputs[name].type)
                inputs |= {name: compiled} if compiled is not None else {}
        for name, declared in calculation.inputs.items():
            if declared.needed and name not in step.given:
                self.reporter.add((*path, "calculate"), message("input-missing", name=name))
        if twice := sorted(measured.keys() & calculation.evidence.keys()):
            where = (*path, "calculate")
            self.reporter.add(where, message("evidence-twice", names=", ".join(twice), check=step.calculate))
        secrets = frozenset[str]().union(*(one.names for one in inputs.values())) & self._secret_names
        return StepCalculation(step.calculate, calculation, inputs, secrets)

    def _labels(self, path: Path_, name: str, made: Check[Any] | Calculation) -> Mapping[str, EvidenceField]:
        loaded = self._folders.evidence(name)
        fields = loaded.value.evidence if loaded is not None else {}
        if missing := sorted(made.evidence.keys() - fields.keys()):
            self.reporter.add(path, message("evidence-unlabelled", names=", ".join(missing), check=name))
        return fields

    def _check_reachable(self) -> None:
        """A step is reachable when some branch before it falls through or jumps to it. Gotos only go forward."""
        ids = [step.id for step in self._flow.steps]
        reached = {0}
        for index, step in enumerate(self._flow.steps):
            if index not in reached:
                self.reporter.add(("steps", index, "id"), message("step-unreachable", name=step.id))
            # A step that no branch decides goes on with the next one, so only "true" can close the way.
            always = next((i for i, b in enumerate(step.decide) if _CONSTANT.fullmatch(b.when)), None)
            if always is None or not all(b.goto for b in step.decide[: always + 1]):
                reached.add(index + 1)
            reached |= {ids.index(b.goto) for b in step.decide if b.goto in ids}

    def _check_explains(self) -> None:
        shared = self._folders.branches()
        used = [shared[s.otherwise].value for s in self._flow.steps if s.otherwise in shared]
        decided = [*(s.decide for s in self._flow.steps), *used]
        fired = {c for branches in decided for b in branches if isinstance(b.then, dict) for c in b.then.values()}
        for step_index, step in enumerate(self._flow.steps):
            path: Path_ = ("steps", step_index)
            if step.explains and step.otherwise is None:
                self.reporter.add((*path, "explains"), message("explains-alone"))
            lists = [((*path, "explains"), step.explains)]
            lists += [((*path, "decide", i, "explains"), branch.explains) for i, branch in enumerate(step.decide)]
            for where, causes in lists:
                for position, cause in enumerate(causes):
                    self._known((*where, position), cause, fired, "unknown-cause")

    def _check_questions(self) -> None:
        asked = {question for step in self._flow.steps for question in step.ask}
        for name, question in self._flow.questions.items():
            path = ("questions", name)
            if question.type == "secret" and name in {field.id for field in self._product.value.incident}:
                self.reporter.add(path, message("secret-in-form", name=name))
            if name not in asked:
                self.reporter.add(path, message("question-unasked", name=name))
            if (question.type == "choice") != bool(question.choices):
                self.reporter.add(path, message("question-choices", name=name))

    def _check_step_ids(self) -> None:
        seen: set[str] = set()
        for index, step in enumerate(self._flow.steps):
            if step.id in seen:
                self.reporter.add(("steps", index, "id"), message("id-twice", id=step.id))
            seen.add(step.id)

    def _known(self, path: Path_, name: str, known: Iterable[str], what: str) -> None:
        if name not in (names := tuple(known)):
            self.reporter.add(path, message(what, did_you_mean(nearest(name, names)), name=name))
