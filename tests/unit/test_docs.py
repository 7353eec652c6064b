"""The pages in docs/ say what the program does: examples work, commands parse, tables are complete."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import msgspec
import pytest

from diagnose.calculation import Calculation, calculation_names, load_calculation
from diagnose.check import Check, check_names, load_check
from diagnose.cli import _commands
from diagnose.commands.schema_names import SCHEMA_NAMES
from diagnose.expressions import Type
from diagnose.expressions.functions import EVERY_NAME
from diagnose.machine.recorded_lines import LinesPart
from diagnose.machine.recording_format import CommandPart, EventLogPart, MachinePart, NetworkPart, RecordingPart
from diagnose.machine.values import Reason, System
from diagnose.resources import rules_folder
from diagnose.rules.folders import open_rule_folders
from diagnose.rules.lint import lint
from diagnose.rules.model import Branch, Cause, FactSpec, Flow, Product, Question, Source, Step
from diagnose.run.clock import SystemClock
from diagnose.run.scenarios import find_cases, flows_of, run_case
from diagnose.specs import EndpointSpec, SignatureSpec
from diagnose.text import Language
from diagnose.yaml_file import parse_yaml
from tests.unit.fake_context import FakeContext

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = Path(__file__).parent / "data" / "example-rules"
PAGES = sorted((ROOT / "docs").glob("*.md"))

_BLOCK = re.compile(
    r"(?:^`my-rules/(?P<file>[^`]+)`:\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_NAME = re.compile(r"`(\w+)`")


def blocks(page: str, language: str) -> list[re.Match[str]]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [block for block in _BLOCK.finditer(text) if block["language"] == language]


def commands() -> Iterator[tuple[str, str]]:
    for page in [ROOT / "README.md", *PAGES]:
        for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
            if block["language"] == "sh":
                lines = block["text"].replace("\\\n", " ").splitlines()
                yield from ((page.name, line.strip()) for line in lines if line.startswith("diagnose "))


def parse_command(line: str) -> None:
    """Raises click.UsageError for an unknown option, AssertionError for an unknown command. Runs nothing."""
    words = takewhile(lambda word: word not in {">", "2>", "|", "&&"}, shlex.split(line, comments=True))
    name, *arguments = words
    command: click.Command = _commands(Language.EN)
    while isinstance(command, click.Group):
        name, *arguments = arguments
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"no command '{name}'"
        command = found
    command.make_context(name, arguments)


def test_there_are_commands_to_check() -> None:
    pages = {page for page, _ in commands()}
    assert {"README.md", "writing-rules.md", "recordings.md", "checks.md"} <= pages


@pytest.mark.parametrize(("page", "line"), sorted(set(commands())))
def test_every_command_on_a_page_parses(page: str, line: str) -> None:
    parse_command(line)


@pytest.mark.parametrize(
    "line", ["diagnose run --nope", "diagnose rules graph", "diagnose rules schema nope", "diagnose replay"]
)
def test_a_wrong_command_would_be_noticed(line: str) -> None:
    with pytest.raises((click.UsageError, AssertionError)):
        parse_command(line)


def test_the_example_on_the_page_is_the_example_in_the_tests() -> None:
    shown = {block["file"]: block["text"] for block in blocks("writing-rules.md", "yaml") if block["file"]}
    rules = {str(path.relative_to(EXAMPLE).as_posix()) for path in EXAMPLE.glob("example-agent/*.yaml")}
    assert rules < shown.keys()
    assert shown == {name: (EXAMPLE / name).read_text(encoding="utf-8") for name in shown}


def test_the_linter_finds_nothing_in_the_example() -> None:
    folders = open_rule_folders(rules_folder(), (EXAMPLE,))
    assert lint(folders) == []
    assert folders.flow_ids("example-agent") == ("updates-stop",)


def test_the_example_fires_is_silent_and_stays_undecided() -> None:
    folders = open_rule_folders(rules_folder(), (EXAMPLE,))
    outcomes = {case.name: run_case(case, flows_of(folders), SystemClock()).misses for case in find_cases([EXAMPLE])}
    assert outcomes == {"healthy": (), "nothing-seen": (), "update-blocked": ()}


def test_the_fact_that_is_shown_alone_is_a_fact() -> None:
    (block,) = (block for block in blocks("writing-rules.md", "yaml") if not block["file"])
    data = parse_yaml(block["text"].encode(), "page").data
    assert msgspec.convert(data["facts"], dict[str, FactSpec]).keys() == {"agent.mode"}


def test_every_word_of_the_rule_language_is_explained() -> None:
    page = (ROOT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
    structs = (Flow, Step, Branch, Cause, Question, Product, FactSpec, Source, SignatureSpec, EndpointSpec)
    fields = {field for struct in structs for field in struct.__struct_encode_fields__}
    words = {*fields, *EVERY_NAME, *SCHEMA_NAMES, *System.__dataclass_fields__}
    assert {word for word in words if not re.search(rf"\b{re.escape(word)}\b", page)} == set()


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without the head."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").split(f"# {heading}\n", 1)[1]
    table = takewhile(lambda line: line.startswith("|"), text[text.index("\n|") + 1 :].splitlines())
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table][2:]


def kind(declared: Type) -> str:
    return "enum" if declared.values else "texts" if str(declared) == "dyn" else str(declared)


def parameters(check: Check[Any]) -> str:
    described = msgspec.inspect.type_info(check.parameters)
    assert isinstance(described, msgspec.inspect.StructType)
    required = ", ".join(f"`{field.encode_name}`" for field in described.fields if field.required)
    optional = ", ".join(f"`{field.encode_name}`" for field in described.fields if not field.required)
    return "; ".join(part for part in (required, optional and f"optional: {optional}") if part) or "none"


def test_the_table_of_checks_names_every_check_with_parameters_evidence_and_deadline() -> None:
    expected = {}
    for name in check_names():
        check = load_check(name)
        evidence = ", ".join(f"`{field}` {kind(declared)}" for field, declared in check.evidence.items())
        expected[f"`{name}`"] = [parameters(check), evidence, f"{check.timeout_s:g} s"]
    assert {name: rest for name, _, *rest in rows("checks.md", "The shipped checks")} == expected


def inputs(calculation: Calculation) -> str:
    needed = ", ".join(f"`{name}` {kind(one.type)}" for name, one in calculation.inputs.items() if one.needed)
    optional = ", ".join(f"`{name}` {kind(one.type)}" for name, one in calculation.inputs.items() if not one.needed)
    return "; ".join(part for part in (needed, optional and f"optional: {optional}") if part)


def test_the_table_of_calculations_names_each_with_inputs_and_evidence() -> None:
    expected = {}
    for name in calculation_names():
        calculation = load_calculation(name)
        evidence = ", ".join(f"`{field}` {kind(declared)}" for field, declared in calculation.evidence.items())
        expected[f"`{name}`"] = [inputs(calculation), evidence]
    assert {name: rest for name, _, *rest in rows("checks.md", "The shipped calculations")} == expected


def test_the_table_of_enums_names_every_word() -> None:
    made: dict[str, Check[Any] | Calculation] = {name: load_check(name) for name in check_names()}
    made |= {name: load_calculation(name) for name in calculation_names()}
    fields = ((name, field, type_) for name, one in made.items() for field, type_ in one.evidence.items())
    expected = {f"`{name}.{field}`": list(type_.values) for name, field, type_ in fields if type_.values}
    assert {name: _NAME.findall(words) for name, words in rows("checks.md", "Words of the enums")} == expected


def test_every_reason_for_not_seeing_is_listed() -> None:
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert {reason for reason in Reason if f"`{reason}`" not in page} == set()


def test_the_check_on_the_page_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = blocks("checks.md", "python")
    module = ModuleType("check_on_the_page")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(block["text"], "checks.md", "exec"), module.__dict__)
    now = datetime(2026, 11, 21, 9, tzinfo=UTC)
    context = FakeContext(facts={"os.boot_time": now - timedelta(hours=3), "os.名前": "昨日"}, now=now)

    def measured(fact: str) -> Any:
        return module.CHECK.measure(context, module.Parameters(started=fact))["uptime"]

    assert measured("os.boot_time").value == timedelta(hours=3)
    assert measured("os.名前").reason is Reason.MALFORMED
    assert measured("os.unknown").reason is Reason.MISSING


def test_the_recording_on_the_page_has_the_right_shape() -> None:
    machine, programs, events, network, lines = (
        parse_yaml(block["text"].encode(), "page").data for block in blocks("recordings.md", "yaml")
    )
    assert msgspec.convert(machine, MachinePart).hostname == "PC-0423"
    assert [part.missing for part in msgspec.convert(programs, tuple[CommandPart, ...])] == [False, True]
    assert [part.missing for part in msgspec.convert(events, tuple[EventLogPart, ...])] == [False, True]
    assert len(msgspec.convert(network, NetworkPart).dns) == 2
    assert [len(part.lines) for part in msgspec.convert(lines, tuple[LinesPart, ...])] == [1]


def test_every_field_of_a_recording_is_explained() -> None:
    page = (ROOT / "docs" / "recordings.md").read_text(encoding="utf-8")
    fields = set(
        _fields(
            msgspec.inspect.multi_type_info(
                [MachinePart, RecordingPart, CommandPart, EventLogPart, LinesPart, NetworkPart]
            )
        )
    )
    assert len(fields) > 60
    assert {field for field in fields if not re.search(rf"\b{field}\b", page)} == set()


def _fields(value: Any) -> Iterator[str]:
    """The names of all fields of all records inside a described type."""
    if isinstance(value, msgspec.inspect.StructType):
        for field in value.fields:
            yield field.encode_name
            yield from _fields(field.type)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _fields(item)
    else:
        for name in ("item_type", "value_type", "types"):
            yield from _fields(getattr(value, name, ()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).is_file(), target
