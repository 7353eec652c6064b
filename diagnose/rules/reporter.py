"""Collects the problems of one rule file, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from diagnose.errors import Problem
from diagnose.expressions import Compiled, ExpressionErrors, Template, Type, compile_expression, compile_template
from diagnose.messages import Message, message
from diagnose.rules.compiled import TextTemplate
from diagnose.text import Text
from diagnose.yaml_file import Document, Path_


@dataclass(frozen=True, slots=True)
class Reporter:
    """Collects problems of one file."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path_, what: Message) -> None:
        self.problems.append(Problem(what, self.document.place(path)))

    def expression(self, path: Path_, source: str, names: Mapping[str, Type], want: Type | None) -> Compiled | None:
        try:
            return compile_expression(source, names, want)
        except ExpressionErrors as errors:
            self.add_expression_errors(path, errors)
            return None

    def template(self, path: Path_, source: str, names: Mapping[str, Type]) -> Template | None:
        try:
            return compile_template(source, names)
        except ExpressionErrors as errors:
            self.add_expression_errors(path, errors)
            return None

    def text(self, path: Path_, text: Text, names: Mapping[str, Type]) -> TextTemplate | None:
        ja = self.template((*path, "ja"), text.ja, names)
        en = self.template((*path, "en"), text.en, names)
        if ja is None or en is None:
            return None
        if ja.names != en.names:
            self.add(path, message("placeholders-differ", names=", ".join(sorted(ja.names ^ en.names))))
        return TextTemplate(ja, en)

    def add_expression_errors(self, path: Path_, errors: ExpressionErrors) -> None:
        for problem in errors.problems:
            self.problems.append(Problem(problem.message, self.document.place_in_text(path, problem.offset)))
