"""Compiles the branches of one step: those in its flow, and those that it shares with the steps of other flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnose.errors import nearest
from diagnose.expressions import BOOL, Compiled, Type, compile_expression
from diagnose.messages import did_you_mean, message
from diagnose.rules.compiled import CompiledBranch, CompiledCause
from diagnose.rules.model import Branch
from diagnose.rules.reporter import Reporter
from diagnose.run.result import Status
from diagnose.yaml_file import Path_


@dataclass(frozen=True, slots=True)
class BranchCompiler:
    """What is wrong goes to `reporter`, which is that of the file that the branches stand in."""

    reporter: Reporter
    causes: Mapping[str, CompiledCause | None]
    names: Mapping[str, Type]
    """What conditions and texts of the step may use."""
    secret_names: frozenset[str]
    steps: Sequence[str]
    """All steps of the flow."""
    index: int
    """Which of them this one is."""

    def compile(self, path: Path_, branch: Branch) -> CompiledBranch | None:
        """None when there is a mistake."""
        when = self.reporter.expression((*path, "when"), branch.when, self.names, BOOL)
        status, cause = self._verdict(path, branch)
        if status is Status.PASS and when is not None and not when.names:
            self.reporter.add((*path, "when"), message("pass-without-evidence"))
        # A secret may decide, but no sentence can name it: what is written there goes into the record.
        names = {name: type_ for name, type_ in self.names.items() if name not in self.secret_names}
        values = {
            name: compiled
            for name, source in branch.with_.items()
            if (compiled := self.reporter.expression((*path, "with", name), source, names, None)) is not None
        }
        text_names = {name: value.type for name, value in values.items()}
        because = None
        if branch.because is not None:
            because = self.reporter.text((*path, "because"), branch.because, {**names, **text_names})
        elif isinstance(branch.then, str):
            self.reporter.add(path, message("because-missing"))
        if cause is not None:
            values |= self._default_values(path, cause, branch, names)
        self._check_goto(path, branch)
        if when is None or status is None:
            return None
        return CompiledBranch(branch, when, status, cause, because, values)

    def _verdict(self, path: Path_, branch: Branch) -> tuple[Status | None, CompiledCause | None]:
        if isinstance(branch.then, str):
            return Status(branch.then), None
        if len(branch.then) != 1:
            self.reporter.add((*path, "then"), message("then-one"))
            return None, None
        ((status, cause_id),) = branch.then.items()
        if cause_id not in self.causes:
            guess = nearest(cause_id, self.causes)
            self.reporter.add((*path, "then", status), message("unknown-cause", did_you_mean(guess), name=cause_id))
        return Status(status), self.causes.get(cause_id)

    def _default_values(
        self, path: Path_, cause: CompiledCause, branch: Branch, names: Mapping[str, Type]
    ) -> dict[str, Compiled]:
        """Values that `with` does not give come from the evidence of the same name."""
        found: dict[str, Compiled] = {}
        for value in cause.spec.values:
            if value in branch.with_:
                continue
            if f"evidence.{value}" in names:
                found[value] = compile_expression(f"evidence.{value}", names, None)
            else:
                self.reporter.add(path, message("value-missing", name=value, cause=cause.spec.id))
        return found

    def _check_goto(self, path: Path_, branch: Branch) -> None:
        if branch.goto is None or branch.goto == "end":
            return
        if branch.goto not in self.steps:
            guess = nearest(branch.goto, [*self.steps, "end"])
            self.reporter.add((*path, "goto"), message("unknown-step", did_you_mean(guess), name=branch.goto))
        elif self.steps.index(branch.goto) <= self.index:
            self.reporter.add((*path, "goto"), message("goto-back", name=branch.goto))
