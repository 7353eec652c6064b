"""`diagnose rules lint|schema|graph|test`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from diagnose import output
from diagnose.commands.schemas import SCHEMAS
from diagnose.diagnostics import Exit, refuse
from diagnose.errors import InputError
from diagnose.messages import message
from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.rules.graph import FORMATS, graph_of
from diagnose.rules.lint import lint
from diagnose.run.clock import SystemClock
from diagnose.run.scenarios import Outcome, find_cases, flows_of, run_case
from diagnose.text import Language


def lint_rules(language: Language, rules: tuple[Path, ...]) -> Exit:
    """Check every rule file; one line for each problem."""
    folders = open_rule_folders(rules_folder(), rules)
    problems = lint(folders)
    if problems:
        return refuse(InputError.from_problems(problems), language)
    flows = sum(len(folders.flow_ids(product)) for product in folders.product_ids())
    output.write(message("lint-clean", files=folders.file_count(), flows=flows).in_language(language))
    return Exit.PASS


def show_schema(name: str) -> Exit:
    schema = msgspec.json.encode(SCHEMAS[name]())
    output.write_bytes(msgspec.json.format(schema, indent=2) + b"\n")
    return Exit.PASS


def show_graph(target: str, format_: str, language: Language, rules: tuple[Path, ...]) -> Exit:
    """The picture of `product/flow`, or of a product's only flow, as text. Raises InputError."""
    folders = open_rule_folders(rules_folder(), rules)
    product, _, name = target.partition("/")
    known = folders.flow_ids(product)
    if not name and len(known) > 1:
        raise InputError(message("graph-which", flows=", ".join(f"{product}/{flow}" for flow in known)))
    flow = compile_flow(folders, product, name or known[0])
    output.write(FORMATS[format_](graph_of(flow, language)))
    return Exit.PASS


def test_rules(paths: tuple[Path, ...], language: Language, rules: tuple[Path, ...]) -> Exit:
    """Run scenarios: one line each, a difference for a miss, and totals."""
    flow_of = flows_of(open_rule_folders(rules_folder(), rules))
    cases = find_cases(paths)
    clock = SystemClock()
    outcomes = []
    for case in cases:
        found = run_case(case, flow_of, clock)
        outcomes.append(found)
        output.write(_case_line(found, language))
    right = sum(not found.misses for found in outcomes)
    healthy = [found for found in outcomes if found.healthy]
    output.write(
        message(
            "test-totals",
            cases=len(outcomes),
            right=right,
            outcomes=sum(found.outcome_right for found in outcomes),
            causes=sum(found.primary_right for found in outcomes),
            healthy=len(healthy),
            alarms=sum(found.false_alarm for found in healthy),
        ).in_language(language)
    )
    return Exit.PASS if right == len(outcomes) else Exit.FOUND


def _case_line(found: Outcome, language: Language) -> str:
    mark = message("test-right" if not found.misses else "test-wrong").in_language(language)
    lines = [f"{mark} {found.name}"]
    lines += [f"    {miss.what}: {miss.expected} → {miss.found}" for miss in found.misses]
    return "\n".join(lines)
