"""The picture of a flow shows all that the flow may do, and no text in it can break the picture."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.cli import run_command_line
from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.rules.graph import FORMATS, Edge, Graph, Node, dot, graph_of, mermaid
from diagnose.text import Language

FOLDERS = open_rule_folders(rules_folder(), ())
FLOWS = [f"{product}/{flow}" for product in FOLDERS.product_ids() for flow in FOLDERS.flow_ids(product)]
MERMAID_NODE = re.compile(r'  n\d+(\["[^"]*"\]|\("[^"]*"\)|\(\["[^"]*"\]\))(:::(fail|warn))?')
MERMAID_EDGE = re.compile(r'  n\d+ (-->|-\.->)(\|"[^"|]*"\|)? n\d+')
DOT_TEXT = r'"(?:[^"\\]|\\.)*"'
DOT_LINE = re.compile(rf"  n\d+( -> n\d+)? \[(label|fillcolor|color|style|constraint|={DOT_TEXT}|=[a-z]+| )+\];")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("flow_id", FLOWS)
def test_every_step_cause_and_jump_is_in_it(flow_id: str, language: Language) -> None:
    flow = compile_flow(FOLDERS, *flow_id.split("/"))
    graph = graph_of(flow, language)
    ids = [node.id for node in graph.nodes]
    assert len(ids) == len(set(ids))
    for step in flow.steps:
        assert step.spec.id in ids
        for branch in step.branches:
            assert branch.cause is None or f"{step.spec.id}.{branch.cause.spec.id}" in ids
            assert branch.spec.goto is None or any(
                edge.jump and (edge.start, edge.end) == (step.spec.id, branch.spec.goto) for edge in graph.edges
            )
    assert {end for edge in graph.edges for end in (edge.start, edge.end)} <= set(ids)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3), st.text(max_size=20))
def test_no_text_breaks_the_picture(lines: list[str], label: str) -> None:
    graph = Graph(label, (Node("a", "step", tuple(lines)), Node("end", "fail", ("x",))), (Edge("a", "end", label),))
    shown = mermaid(graph).split("\n")
    assert shown[0] == shown[2] == "---"
    assert shown[3] == "flowchart TD"
    assert [bool(MERMAID_NODE.fullmatch(line)) for line in shown[4:6]] == [True, True]
    assert MERMAID_EDGE.fullmatch(shown[6])
    drawn = dot(graph).split("\n")
    assert drawn[-1] == "}"
    assert all(DOT_LINE.fullmatch(line) for line in drawn[2:-1])


@pytest.mark.parametrize("format_", FORMATS)
def test_the_command_prints_it(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["rules", "graph", "clamav", "--format", format_, "--lang", "ja"]) == 0
    assert "freshclam" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "said"), [("eset", "name one flow: eset/base-update-plan"), ("eset/x", "has no flow 'x'"), ("y", "'y'")]
)
def test_what_is_no_flow_is_refused_in_one_line(target: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["rules", "graph", target, "--lang", "en"]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1
