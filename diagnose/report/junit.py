"""A run as JUnit XML, for systems that show test results: the flow is a test suite, each step a test case."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from diagnose.report.content import CauseContent, Content, StepContent, report_content
from diagnose.report.formats import value_text
from diagnose.report.words import word
from diagnose.run.result import RunResult, Status, StepResult
from diagnose.text import Language


def render_junit(result: RunResult, language: Language) -> str:
    """fail -> failure, error -> error, warn -> passed with output, pass -> passed, anything else -> skipped."""
    content = report_content(result, language)
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", _suite_attributes(result, content))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(result, content):
        ET.SubElement(properties, "property", name=name, value=value)
    suite_name = value_text(f"{result.product.id}.{result.flow.id}", language)
    for step, shown in zip(result.steps, content.steps, strict=True):
        case = ET.SubElement(suite, "testcase", classname=suite_name, name=f"{shown.id}: {shown.title}")
        case.set("time", _seconds(step.duration_s))
        _add_status(case, shown, content)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite_attributes(result: RunResult, content: Content) -> dict[str, str]:
    counts = {status: _count(result.steps, status) for status in Status}
    skipped = len(result.steps) - sum(counts[one] for one in (Status.PASS, Status.WARN, Status.FAIL, Status.ERROR))
    return {
        "name": value_text(result.flow.title.in_language(content.language), content.language),
        "tests": str(len(result.steps)),
        "failures": str(counts[Status.FAIL]),
        "errors": str(counts[Status.ERROR]),
        "skipped": str(skipped),
        "time": _seconds(result.run.duration_s),
        "timestamp": result.run.started.isoformat(timespec="seconds"),
        "hostname": value_text(result.machine.hostname, content.language),
    }


def _count(steps: tuple[StepResult, ...], status: Status) -> int:
    return sum(step.status is status for step in steps)


def _seconds(seconds: float | None) -> str:
    return f"{seconds or 0:.3f}"


def _properties(result: RunResult, content: Content) -> list[tuple[str, str]]:
    values = (
        ("run", result.run.id),
        ("outcome", result.outcome.value),
        ("verdict", content.verdict),
        ("primary_cause", result.primary_cause or ""),
        ("tool_version", result.run.tool_version),
        ("rules_digest", result.run.rules_digest),
        ("interrupted", str(content.unfinished).lower()),
    )
    return [(name, value_text(value, content.language)) for name, value in values]


def _add_status(case: ET.Element, step: StepContent, content: Content) -> None:
    cause = _cause_of(step, content)
    text = _step_text(step, cause, content.language)
    message = cause.title if cause else step.error or step.because or step.status.word
    match step.status.id:
        case Status.PASS:
            pass
        case Status.WARN:
            ET.SubElement(case, "system-out").text = text
        case Status.FAIL:
            ET.SubElement(case, "failure", message=message, type=step.cause_id or step.status.id).text = text
        case Status.ERROR:
            ET.SubElement(case, "error", message=message, type=step.status.id).text = text
        case _:
            ET.SubElement(case, "skipped", message=f"{step.status.word}: {step.because or step.title}")


def _cause_of(step: StepContent, content: Content) -> CauseContent | None:
    causes = (cause for leader in content.causes for cause in (leader, *leader.explains))
    return next((cause for cause in causes if step.cause_id and cause.id == step.cause_id), None)


def _step_text(step: StepContent, cause: CauseContent | None, language: Language) -> str:
    colon = word("colon", language)
    lines = [step.because, step.error]
    if cause:
        lines.append(cause.title)
        lines += [f"{number}. {line}" for number, line in enumerate(cause.remedy, 1)]
    lines += [f"{row.title}{colon}{row.value}" + (f" [{row.where}]" if row.where else "") for row in step.seen]
    return "\n".join(line for line in lines if line)
