"""Small rule folders for tests, and flows whose checks are functions of the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from diagnose.calculation import Calculation, UnknownCalculationError
from diagnose.check import Check, Context, Measurement, NoParameters, Saw, UnknownCheckError
from diagnose.errors import InputError
from diagnose.expressions import BOOL, Type
from diagnose.machine.interface import Machine
from diagnose.machine.values import Platform
from diagnose.rules import compiler
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.folders import RuleFolders
from diagnose.rules.lint import lint
from diagnose.run.clock import SystemClock
from diagnose.run.events import Event
from diagnose.run.result import RunResult
from diagnose.run.runner import RunPlan, run_flow
from diagnose.text import Language
from tests.unit.fake_machine import FakeMachine

PRODUCT = """\
id: demo
name: {ja: 'デモ製品', en: 'Demo product'}
platforms: [windows]
version: agent.version
roles:
  - {id: agent, title: {ja: 'エージェント', en: 'agent'}, when: 'has(facts.agent.version)'}
facts:
  agent.version:
    title: {ja: 'バージョン', en: 'Version'}
    type: version
    sources:
      - registry: {key: 'HKLM\\SOFTWARE\\デモ', value: Version}
        match: '^v?([0-9.]+)'
  agent.scope:
    title: {ja: '更新の範囲', en: 'Update scope'}
    type: string
    sources:
      - registry: {key: 'HKLM\\SOFTWARE\\デモ', value: NoUpgrade}
        map: {'0': allowed, '1': blocked}
  agent.log:
    title: {ja: 'ログの値', en: 'Value in the log'}
    type: string
    sources:
      - log: {files: 'C:\\デモ\\{agent.scope}\\*.log', pattern: 'source=(\\S+)'}
"""

FLOW = """\
id: update
title: {ja: '更新できない', en: 'Does not update'}
source: 'KA-1'
questions:
  answer_a:
    title: {ja: '質問', en: 'Question'}
    text: {ja: 'どちらですか。', en: 'Which one is it?'}
    help: {ja: '画面で確認します。', en: 'Look at the screen.'}
    type: choice
    choices:
      left: {ja: '左', en: 'left'}
      right: {ja: '右', en: 'right'}
steps:
  - id: scope
    title: {ja: '範囲', en: 'Scope'}
    why: {ja: '更新が止まります。', en: 'Updates stop.'}
    check: update_scope
    with: {program_upgrade: agent.scope}
    ask: [answer_a]
    show: [agent.version]
    decide:
      - when: 'evidence.program_upgrade == "blocked"'
        then: {fail: scope-blocked}
        with: {scope: evidence.program_upgrade}
        explains: [disk-full]
      - when: 'answers.answer_a == "left" && evidence.program_upgrade == "allowed"'
        then: pass
        because: {ja: '許可されています。', en: 'It is allowed.'}
  - id: disk
    title: {ja: 'ディスク', en: 'Disk'}
    why: {ja: '空きが必要です。', en: 'Space is needed.'}
    check: disk
    with: {free_mb: 500}
    decide:
      - when: 'evidence.enough == false'
        then: {warn: disk-full}
      - when: 'evidence.enough'
        then: pass
        because: {ja: '{evidence.disk} に空きがあります。', en: '{evidence.disk} has room.'}
"""

CAUSES = """\
causes:
  - id: scope-blocked
    title: {ja: '禁止されています', en: 'It is blocked'}
    values: [scope]
    because: {ja: '範囲は {scope} です。', en: 'The scope is {scope}.'}
    remedy:
      ja: ['設定を変えます。', '{scope} を確認します。']
      en: ['Change the setting.', 'Look at {scope} again.']
    source: 'KA-2'
  - id: disk-full
    title: {ja: '空きがありません', en: 'No room'}
    values: [lowest_free_mb]
    because: {ja: '空きは {lowest_free_mb} MB です。', en: 'There are {lowest_free_mb} MB free.'}
    remedy: {ja: ['空きを作ります。'], en: ['Make room.']}
    source: 'KA-3'
"""

MACHINE = """\
id: machine
name: {ja: 'このコンピューター', en: 'This computer'}
platforms: [windows, linux, macos]
facts:
  os.build:
    title: {ja: 'ビルド', en: 'Build'}
    type: int
    sources: [{system: os_build}]
"""

FILES: Mapping[str, str] = {
    "demo/product.yaml": PRODUCT,
    "demo/update.yaml": FLOW,
    "causes.yaml": CAUSES,
    "machine/product.yaml": MACHINE,
    "evidence/update_scope.yaml": "evidence:\n  program_upgrade: {title: {ja: '許可', en: 'permission'}}\n",
    "evidence/disk.yaml": "evidence:\n"
    + "".join(
        f"  {name}: {{title: {{ja: '項目', en: 'field'}}}}\n"
        for name in ("lowest_free_mb", "disk", "total_mb", "required_free_mb", "enough", "disks")
    ),
}
"""A rule folder without a mistake."""


def write_files(folder: Path, files: Mapping[str, str]) -> RuleFolders:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return RuleFolders((folder,))


def changed(file: str, old: str, new: str) -> dict[str, str]:
    """The small rule folder with one mistake: `old` must stand exactly once in `file`."""
    assert FILES[file].count(old) == 1, (file, old)
    return {**FILES, file: FILES[file].replace(old, new)}


def place_of(files: Mapping[str, str], file: str, part: str) -> tuple[int, int]:
    """Line and column at which `part` stands for the first time."""
    before = files[file][: files[file].index(part)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def lint_lines(folder: Path, files: Mapping[str, str], language: Language = Language.EN) -> list[str]:
    """What lint says of these files: `demo/update.yaml:3:5: sentence`."""
    problems = lint(write_files(folder, files))
    prefix = f"{folder}/"
    return [f"{p.place}: {p.message.in_language(language)}".removeprefix(prefix) for p in problems]


Measure = Callable[[Context], Measurement]


def check_of(evidence: Mapping[str, Type], measure: Measure | Measurement, timeout_s: float = 5.0) -> Check[Any]:
    def measured(context: Context, _: NoParameters) -> Measurement:
        return measure(context) if callable(measure) else measure

    return Check(parameters=NoParameters, evidence=evidence, measure=measured, timeout_s=timeout_s)


def text(words: str) -> dict[str, str]:
    return {"ja": f"日本語 {words}", "en": words}


def branch(when: str, then: str | dict[str, str], **more: object) -> dict[str, object]:
    because = {} if isinstance(then, dict) else {"because": text("seen")}
    return {"when": when, "then": then, **because, **more}


def step(id: str, decide: Iterable[dict[str, object]], check: str | None = None, **more: object) -> dict[str, Any]:  # noqa: A002
    return {
        "id": id,
        "title": text(id),
        "why": text("why"),
        "check": check or id,
        "decide": list(decide),
        **more,
    }


def question(type: str = "choice", choices: Iterable[str] = (), **more: object) -> dict[str, Any]:  # noqa: A002
    given = {"choices": {name: text(name) for name in choices}} if choices else {}
    return {"title": text("t"), "text": text("q"), "help": text("h"), "type": type, **given, **more}


def flow_of(
    folder: Path,
    checks: Mapping[str, Check[Any]],
    steps: Iterable[dict[str, Any]],
    *,
    questions: Mapping[str, object] | None = None,
    facts: Mapping[str, object] | None = None,
    incident: Iterable[Mapping[str, object]] = (),
    causes: Iterable[Mapping[str, object]] = (),
    version: str | None = None,
    labels: Mapping[str, Mapping[str, object]] | None = None,
    calculations: Mapping[str, Calculation] | None = None,
) -> CompiledFlow:
    """A flow whose steps run `checks`; a cause that `causes` does not give has no values.

    `labels`: evidence field to what its words are called.
    """
    listed = list(steps)
    named = {c for s in listed for b in s["decide"] if isinstance(b["then"], dict) for c in b["then"].values()}
    given = {cause["id"]: cause for cause in causes}
    remedy = {"ja": ["直す"], "en": ["mend"]}
    for name in sorted(named - given.keys()):
        given[name] = {"id": name, "title": text(name), "because": text(name), "remedy": remedy, "source": "S"}
    product = {
        "id": "demo",
        "name": text("demo"),
        "platforms": [str(platform) for platform in Platform],
        "facts": dict(facts or {}),
        "incident": list(incident),
        **({"version": version} if version else {}),
    }
    flow = {"id": "f", "title": text("f"), "source": "S", "questions": dict(questions or {}), "steps": listed}
    files = {
        "demo/product.yaml": product,
        "demo/f.yaml": flow,
        "causes.yaml": {"causes": list(given.values())},
        "machine/product.yaml": {"id": "machine", "name": text("m"), "platforms": ["windows"]},
    }
    made: dict[str, Check[Any] | Calculation] = {**checks, **(calculations or {})}
    for name, one in made.items():
        fields = {field: {"title": text(field), "values": (labels or {}).get(field, {})} for field in one.evidence}
        files[f"evidence/{name}.yaml"] = {"evidence": fields}
    folders = write_files(folder, {name: json.dumps(data, ensure_ascii=False) for name, data in files.items()})

    def load(name: str) -> Check[Any]:
        if name not in checks:
            raise UnknownCheckError(name)
        return checks[name]

    def load_calculation(name: str) -> Calculation:
        if calculations is None or name not in calculations:
            raise UnknownCalculationError(name)
        return calculations[name]

    with patch.object(compiler, "load_check", load), patch.object(compiler, "load_calculation", load_calculation):
        try:
            return compiler.compile_flow(folders, "demo", "f")
        except InputError as error:
            said = [f"{p.place}: {p.message.in_language(Language.EN)}" for p in error.problems]
            raise AssertionError("\n".join(said)) from error


def play(flow: CompiledFlow, machine: Machine | None = None, **plan: Any) -> tuple[RunResult, list[Event]]:
    """Run a flow and keep its events; `on` is called with each of them first."""
    events: list[Event] = []
    on: Callable[[Event], None] = plan.pop("on", lambda _: None)

    def emit(event: Event) -> None:
        events.append(event)
        on(event)

    given = {"id": "r", "clock": SystemClock(), "language": Language.EN, **plan}
    return run_flow(RunPlan(flow=flow, machine=machine or FakeMachine(), **given), emit), events


def statuses(result: RunResult) -> dict[str, str]:
    return {step.id: str(step.status) for step in result.steps}


ON: Mapping[str, Type] = {"on": BOOL}
GOOD: Measurement = {"on": Saw(True, "HKLM\\デモ")}
BAD: Measurement = {"on": Saw(False, "HKLM\\デモ")}
PASS_OR_FAIL = (branch("evidence.on", "pass"), branch("!evidence.on", {"fail": "broken"}))


def three_steps(
    folder: Path, a: Measurement = GOOD, b: Measurement = GOOD, c: Measurement = GOOD, **more: Any
) -> CompiledFlow:
    checks = {name: check_of(ON, measured) for name, measured in (("a", a), ("b", b), ("c", c))}
    steps = [step(name, [PASS_OR_FAIL[0], branch("!evidence.on", {"fail": f"cause-{name}"})]) for name in checks]
    return flow_of(folder, checks, steps, **more)
