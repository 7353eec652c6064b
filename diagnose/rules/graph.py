"""The picture of a flow, for people who write rules: steps from the top down, the causes beside them, the jumps.

As text for Mermaid, which code hosts and editors draw, and for Graphviz.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from diagnose.rules.compiled import CompiledFlow, CompiledStep
from diagnose.run.result import Status
from diagnose.text import Language, Text

_END = "end"
_CONCLUSION = Text(ja="結論", en="Conclusion")
_LONGEST = 60
"""Characters of a condition beside an arrow."""
_COLOURS: Mapping[str, tuple[str, str]] = {"fail": ("#fde8ea", "#a31621"), "warn": ("#fdf0d5", "#7a4b00")}
"""By severity: inside and border, as in the report."""


@dataclass(frozen=True, slots=True)
class Node:
    """`kind`: `step`, `end`, `fail` or `warn`; the last two are causes."""

    id: str
    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """`jump`: past the steps between; `label` is the condition, as it stands in the rules."""

    start: str
    end: str
    label: str = ""
    jump: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(flow: CompiledFlow, language: Language) -> Graph:
    """Every step with its id and its questions, every cause that it may name, and where it goes on."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for step in flow.steps:
        nodes.append(_step(flow, step, language))
        for cause in _causes(step, language):
            nodes.append(cause)
            edges.append(Edge(step.spec.id, cause.id, cause.kind))
        edges += _jumps(step)
    nodes.append(Node(_END, _END, (_CONCLUSION.in_language(language),)))
    order = [*(step.spec.id for step in flow.steps), _END]
    edges += [Edge(first, second) for first, second in pairwise(order)]
    return Graph(f"{flow.id}: {flow.flow.title.in_language(language)}", tuple(nodes), tuple(edges))


def _step(flow: CompiledFlow, step: CompiledStep, language: Language) -> Node:
    questions = (f"? {flow.question(name).text.in_language(language)}" for name in step.spec.ask)
    return Node(step.spec.id, "step", (step.spec.title.in_language(language), f"[{step.spec.id}]", *questions))


def _causes(step: CompiledStep, language: Language) -> Iterator[Node]:
    """Each once, by its worst severity, in the order in which they are looked for."""
    worst: dict[str, Node] = {}
    for branch in step.branches:
        if branch.cause is None:
            continue
        spec, kind = branch.cause.spec, "fail" if branch.status is Status.FAIL else "warn"
        known = worst.get(spec.id)
        if known is None or known.kind == "warn":
            lines = (spec.title.in_language(language), f"[{spec.id}]")
            worst[spec.id] = Node(f"{step.spec.id}.{spec.id}", kind, lines)
    yield from worst.values()


def _jumps(step: CompiledStep) -> Iterator[Edge]:
    for branch in step.branches:
        if branch.spec.goto is not None:
            condition = " ".join(branch.spec.when.split())
            shown = condition if len(condition) <= _LONGEST else f"{condition[: _LONGEST - 1]}…"
            yield Edge(step.spec.id, branch.spec.goto, shown, jump=True)


def mermaid(graph: Graph) -> str:
    """A Mermaid flowchart."""
    numbers = _numbers(graph)
    lines = ["---", f"title: {_yaml(graph.title)}", "---", "flowchart TD"]
    for node in graph.nodes:
        text = "<br>".join(map(_entities, node.lines))
        left, right = ('("', '")') if node.kind in _COLOURS else ('(["', '"])') if node.kind == _END else ('["', '"]')
        style = f":::{node.kind}" if node.kind in _COLOURS else ""
        lines.append(f"  {numbers[node.id]}{left}{text}{right}{style}")
    for edge in graph.edges:
        arrow = "-.->" if edge.jump else "-->"
        label = f'|"{_entities(edge.label)}"|' if edge.label else ""
        lines.append(f"  {numbers[edge.start]} {arrow}{label} {numbers[edge.end]}")
    lines += [f"  classDef {kind} fill:{inside},stroke:{border}" for kind, (inside, border) in _COLOURS.items()]
    return "\n".join(lines)


def dot(graph: Graph) -> str:
    """A graph for Graphviz' `dot`."""
    numbers = _numbers(graph)
    lines = ["digraph flow {", f"  label={_quoted(graph.title)}; labelloc=t; node [shape=box];"]
    for node in graph.nodes:
        inside, border = _COLOURS.get(node.kind, ("#ffffff", "#1f2933"))
        shape = ' style="rounded,filled"' if node.kind in _COLOURS else " style=filled"
        text = "\\n".join(_quoted(line)[1:-1] for line in node.lines)
        lines.append(f'  {numbers[node.id]} [label="{text}" fillcolor="{inside}" color="{border}"{shape}];')
    for edge in graph.edges:
        style = " style=dashed constraint=false" if edge.jump else ""
        lines.append(f"  {numbers[edge.start]} -> {numbers[edge.end]} [label={_quoted(edge.label)}{style}];")
    return "\n".join([*lines, "}"])


FORMATS: Mapping[str, Callable[[Graph], str]] = {"mermaid": mermaid, "dot": dot}


def _numbers(graph: Graph) -> dict[str, str]:
    """Names that both languages take, whatever an id holds; `end` is a word of Mermaid's."""
    return {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}


def _entities(text: str) -> str:
    """Nothing but letters, digits and blanks as they are: Mermaid reads brackets, quotes and hashes even in quotes."""
    return "".join(char if char.isalnum() or char in " .,:?-_/、。？「」（）・" else f"#{ord(char)};" for char in text)


def _quoted(text: str) -> str:
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _yaml(text: str) -> str:
    return "'" + " ".join(text.split()).replace("'", "''") + "'"
