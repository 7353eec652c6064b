"""常時安全セキュリティ24: nearly everything is asked. What, in which order, and how is a screen judged?"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.machine.recorded import RecordedMachine
from diagnose.resources import rules_folder
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.run.answers import take_answers
from diagnose.run.choosing import choose, detect
from diagnose.run.clock import SystemClock
from diagnose.run.events import Event, QuestionAsked
from diagnose.run.result import RunResult, Status
from diagnose.run.runner import RunPlan, run_flow
from diagnose.text import Language

SCENARIOS = Path(__file__).parents[1] / "scenarios" / "nifty-security24"
FOLDERS = open_rule_folders(rules_folder())
NOW = datetime(2026, 11, 21, tzinfo=UTC)
PRODUCT = "nifty-security24"
Given = dict[str, str | float]


@cache
def flow() -> CompiledFlow:
    return compile_flow(FOLDERS, PRODUCT, "upgrade")


@cache
def recorded(scenario: str) -> RecordedMachine:
    return RecordedMachine.open(SCENARIOS / scenario / "machine")


def played(scenario: str, answers: Given) -> RunResult:
    machine = recorded(scenario)
    taken = take_answers(flow(), answers, {}, machine.now().tzinfo)
    plan = RunPlan(id="r", flow=flow(), machine=machine, clock=SystemClock(), language=Language.EN, answers=taken)
    return run_flow(plan, lambda _: None)


def asked(scenario: str, answers: Given) -> list[str]:
    """The questions that somebody at a terminal is put, in their order; one without an answer here is not known."""
    names: list[str] = []

    def reply(event: Event) -> None:
        if isinstance(event, QuestionAsked):
            names.append(event.id)
            event.reply.answer(answers.get(event.id))

    machine = recorded(scenario)
    plan = RunPlan(id="r", flow=flow(), machine=machine, clock=SystemClock(), language=Language.EN, interactive=True)
    run_flow(plan, reply)
    return names


def stage(answers: Given) -> tuple[Status, str | None]:
    (step,) = (step for step in played("unattended", answers).steps if step.id == "stage")
    return step.status, step.cause


@pytest.mark.parametrize(
    ("question", "choices"),
    [
        ("installed_version", "v5_0-5_5 v5_6 v5_7_or_later v7"),
        (
            "current_screen",
            "notice uac downloading setup_tool quarantine_prompt uninstalling exit_running reboot_prompt after_reboot "
            "license_terms installing finished initial_setup connection_test done",
        ),
        ("setup_error", "none connection not_subscribed"),
        ("shows_danger", "yes no"),
    ],
)
def test_the_words_of_the_questions_are_those_that_others_rely_on(question: str, choices: str) -> None:
    assert list(flow().flow.questions[question].choices) == choices.split()


@pytest.mark.parametrize(
    ("scenario", "answers", "expected"),
    [
        # All is done and current: nobody is asked how the download or the first setup went, nor when it was installed.
        (
            "healthy-updated-from-5-7",
            {"installed_version": "v7", "current_screen": "done", "shows_danger": "no"},
            ["installed_version", "current_screen", "shows_danger"],
        ),
        (
            "downloading-for-12-minutes",
            {"installed_version": "v5_6", "current_screen": "downloading", "minutes_on_screen": 12.0},
            ["installed_version", "current_screen", "minutes_on_screen", "download_result"],
        ),
        # A dialog needs no time, and an early screen neither the first setup nor what it shows afterwards.
        (
            "waits-at-license-terms",
            {"installed_version": "v5_7_or_later", "current_screen": "license_terms"},
            ["installed_version", "current_screen"],
        ),
        (
            "standard-user-is-refused",
            {"installed_version": "v5_6", "account_type": "standard", "current_screen": "reboot_prompt"},
            ["installed_version", "account_type", "current_screen"],
        ),
        (
            "danger-ten-minutes-after-the-update",
            {"current_screen": "done", "shows_danger": "yes", "minutes_since_install": 10.0},
            ["installed_version", "current_screen", "local_antivirus_starts", "minutes_since_install"],
        ),
        (
            "installing-for-150-minutes",
            {"installed_version": "v7", "current_screen": "installing", "minutes_on_screen": 150.0},
            ["installed_version", "current_screen", "minutes_on_screen", "restart_tried"],
        ),
    ],
)
def test_only_what_can_change_a_verdict_is_asked(scenario: str, answers: Given, expected: list[str]) -> None:
    assert asked(scenario, answers) == expected


SCREENS = tuple(flow().flow.questions["current_screen"].choices)
WAITING = "warn", "waiting-for-dialog"
MOVING = "warn", "upgrade-still-in-progress"
STALLED = "fail", "upgrade-stalled"
TIMED = {
    "downloading": (30, 60, MOVING),
    "setup_tool": (10, 30, WAITING),
    "uninstalling": (15, 60, WAITING),
    "after_reboot": (10, 30, WAITING),
    "installing": (30, 60, MOVING),
    "connection_test": (5, 15, MOVING),
}
"""Screen to what is usual, the limit, and what is said between the two."""


@pytest.mark.parametrize("screen", TIMED)
def test_a_screen_that_takes_its_time_is_judged_by_it(screen: str) -> None:
    usual, limit, between = TIMED[screen]

    def after(minutes: float) -> tuple[str, str | None]:
        return stage({"installed_version": "v5_7_or_later", "current_screen": screen, "minutes_on_screen": minutes})

    assert [after(0), after(usual)] == [MOVING, MOVING]
    assert [after(usual + 0.5), after(limit)] == [between, between]
    assert [after(limit + 0.5), after(100_000)] == [STALLED, STALLED]


@pytest.mark.parametrize("screen", [name for name in SCREENS if name not in TIMED])
@pytest.mark.parametrize("minutes", [0.0, 600.0])
def test_a_screen_that_wants_an_answer_waits_however_long_it_takes(screen: str, minutes: float) -> None:
    expected = {"done": ("pass", None), "reboot_prompt": ("fail", "reboot-pending")}.get(screen, WAITING)
    assert stage({"installed_version": "v7", "current_screen": screen, "minutes_on_screen": minutes}) == expected


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(sorted(question.choices))
        if question.choices
        else st.sampled_from([0, 1, 59, 60, 61, 100_000])
        for name, question in flow().flow.questions.items()
    },
)


@settings(max_examples=60)
@given(ANSWERS, st.sampled_from(["unattended", "nothing-recorded", "part-left-out-for-want-of-memory"]))
def test_any_answers_come_to_an_end_without_a_fault_of_ours(answers: Given, scenario: str) -> None:
    result = played(scenario, answers)
    assert Status.ERROR not in {step.status for step in result.steps}
    # Without a look at the computer, only what the operator said may be a cause.
    said = set(answers) - {"installed_version", "account_type"}
    assert said or scenario != "nothing-recorded" or result.primary_cause is None


@pytest.mark.parametrize(
    ("scenario", "roles", "chosen"),
    [
        ("healthy-updated-from-5-7", ("client",), PRODUCT),
        ("installing-for-20-minutes", (), "machine"),
        ("part-left-out-beside-another-product", (), "machine"),
        ("nothing-recorded", (), "machine"),
    ],
)
def test_it_is_detected_by_what_windows_lists(scenario: str, roles: tuple[str, ...], chosen: str) -> None:
    machine = recorded(scenario)
    assert tuple(role.id for role in detect(FOLDERS, PRODUCT, machine, NOW).roles) == roles
    assert choose(FOLDERS, None, machine, NOW)[0] == chosen
