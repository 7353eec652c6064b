from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import msgspec
import pytest

from diagnose.errors import InputError, Place
from diagnose.messages import did_you_mean
from diagnose.resources import rules_folder
from diagnose.rules.folders import open_rule_folders
from diagnose.run.clock import SystemClock
from diagnose.run.result import Outcome, Status
from diagnose.run.scenarios import CASE, Case, find_cases, flows_of, run_case
from diagnose.yaml_file import convert, load_yaml

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FOLDERS = find_cases([SCENARIOS])
FLOWS = (
    ("apex-one", "agent-upgrade"),
    ("clamav", "definitions"),
    ("client-server-security", "license"),
    ("defender", "definitions"),
    ("eset", "base-update-plan"),
    ("eset", "client-update"),
    ("eset", "mirror-update"),
    ("kaspersky-cloud", "definitions"),
    ("machine", "health"),
    ("nifty-security24", "upgrade"),
)
UNDECIDED = {Status.UNKNOWN, Status.BLOCKED, Status.ERROR}


FLOW_OF = flows_of(open_rule_folders(rules_folder()))


@cache
def case_of(folder: Path) -> Case:
    return convert(load_yaml(folder / CASE), (), Case)


def cases_of(product: str, flow: str) -> list[Case]:
    return [case for case in map(case_of, FOLDERS) if (case.product, case.flow) == (product, flow)]


def name_of(folder: Path) -> str:
    return folder.relative_to(SCENARIOS).as_posix()


HEAD = "product: machine\nflow: health\nexpect: {outcome: pass}\n"


@pytest.mark.parametrize(
    ("old", "new", "id_", "line", "column", "guess"),
    [
        ("product: machine", "product: mashine", "unknown-product", 1, 10, "machine"),
        ("flow: health", "flow: heelth", "unknown-flow", 2, 7, "health"),
        ("{outcome: pass}", "{outcome: pass, steps: {dsk: pass}}", "unknown-step", 3, 33, "disk"),
    ],
)
def test_a_name_that_a_scenario_misspells_is_told_where_it_stands(
    tmp_path: Path, old: str, new: str, id_: str, line: int, column: int, guess: str
) -> None:
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine/machine.yaml").write_text("platform: linux\n")
    (tmp_path / CASE).write_text(HEAD.replace(old, new))
    with pytest.raises(InputError) as caught:
        run_case(tmp_path, FLOW_OF, SystemClock())
    (problem,) = caught.value.problems
    assert (problem.message.id, problem.place) == (id_, Place(str(tmp_path / CASE), line, column))
    assert problem.message.hint == did_you_mean(guess)


def test_a_folder_of_scenarios_that_we_may_not_list_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(folder: object) -> object:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(InputError) as caught:
        find_cases([tmp_path])
    assert caught.value.problems[0].message.id == "folder-unreadable"
    assert caught.value.problems[0].place == Place(str(tmp_path))


@pytest.mark.parametrize("folder", FOLDERS, ids=map(name_of, FOLDERS))
def test_the_scenario_comes_out_as_expected(folder: Path) -> None:
    outcome = run_case(folder, FLOW_OF, SystemClock())
    assert not outcome.misses, "\n".join(f"{miss.what}: {miss.expected} -> {miss.found}" for miss in outcome.misses)


@pytest.mark.parametrize("folder", FOLDERS, ids=map(name_of, FOLDERS))
def test_the_scenario_says_why_it_is_there_and_expects_everything(folder: Path) -> None:
    case = case_of(folder)
    assert case.note.endswith(".")
    assert case.expect.primary_cause is not msgspec.UNSET
    assert case.expect.causes is not None
    assert case.expect.primary_cause is None or case.expect.primary_cause in case.expect.causes
    assert case.expect.steps


def test_every_cause_that_a_flow_can_name_is_expected_by_a_scenario() -> None:
    named = {
        branch.cause.spec.id
        for product, flow in FLOWS
        for step in FLOW_OF(product, flow).steps
        for branch in step.branches
        if branch.cause is not None
    }
    expected = {cause for case in map(case_of, FOLDERS) for cause in case.expect.causes or ()}
    assert named - expected == set()


@pytest.mark.parametrize(("product", "flow"), FLOWS)
def test_every_step_that_judges_by_the_machine_has_a_scenario_with_its_evidence_missing(
    product: str, flow: str
) -> None:
    by_machine = {
        step.spec.id
        for step in FLOW_OF(product, flow).steps
        for branch in step.branches
        if branch.cause is not None and "evidence." in branch.spec.when
    }
    undecided = {
        step for case in cases_of(product, flow) for step, status in case.expect.steps.items() if status in UNDECIDED
    }
    assert by_machine
    assert by_machine - undecided == set()


@pytest.mark.parametrize(("product", "flow"), FLOWS)
def test_every_flow_has_healthy_computers_without_any_cause(product: str, flow: str) -> None:
    healthy = [case for case in cases_of(product, flow) if case.expect.outcome is Outcome.PASS]
    assert len(healthy) >= 3
    assert len(cases_of(product, flow)) >= 12
    assert all(case.expect.causes == () for case in healthy)


@pytest.mark.parametrize(("product", "flow"), FLOWS)
def test_missing_evidence_is_expected_to_name_no_cause(product: str, flow: str) -> None:
    undecided = [case for case in cases_of(product, flow) if case.expect.outcome is Outcome.UNKNOWN]
    assert undecided
    assert all(case.expect.causes == () and UNDECIDED & {*case.expect.steps.values()} for case in undecided)
