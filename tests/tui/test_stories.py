"""What an operator does from the first screen to the verdict, in both languages, with changes of mind on the way."""

from __future__ import annotations

import json
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from textual.widgets._footer import FooterKey

from diagnose.bundle.ordering import make
from diagnose.bundle.verify import verify
from diagnose.cli import run_command_line
from diagnose.machine.recorded import RecordedMachine
from diagnose.messages import catalogue
from diagnose.run.store import open_result
from diagnose.text import Language
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.glyphs import Glyphs
from diagnose.tui.screens.answers import AnswersScreen
from diagnose.tui.screens.conclusion import ConclusionScreen
from diagnose.tui.screens.question import QuestionScreen
from diagnose.tui.screens.quit import QuitScreen
from diagnose.tui.screens.run import RunScreen
from diagnose.tui.screens.start import StartScreen
from diagnose.tui.widgets.choices import Row
from tests.tui.driving import SCENARIOS, Operator, answers_of, operator, play

STOPPED = "apex-one/service-stopped"


@pytest.mark.parametrize(
    ("language", "verdict"), [(Language.JA, "問題が見つかりました"), (Language.EN, "Problem found")]
)
@pytest.mark.parametrize("glyphs", [Glyphs.UNICODE, Glyphs.ASCII])
def test_from_the_first_screen_to_the_verdict_with_the_keyboard(
    language: Language, verdict: str, glyphs: Glyphs
) -> None:
    async def story() -> None:
        async with operator(STOPPED, language, glyphs=glyphs) as someone:
            await someone.start()
            await someone.answer_all(answers_of(STOPPED))
            assert verdict in someone.text()
            result = someone.app.session.result if someone.app.session is not None else None
            assert result is not None
            assert result.primary_cause == "service-not-running"
            if glyphs is Glyphs.ASCII:
                assert someone.wide_mistakes() == []

    play(story)


def verdicts(result: dict[str, Any]) -> dict[str, Any]:
    """Without what differs between two runs: who and when."""
    run = {"id", "started", "finished", "duration_s"}
    steps = [{name: value for name, value in step.items() if name not in run} for step in result["steps"]]
    questions = [{**question, "answered_by": None} for question in result["questions"]]
    shared = {name: value for name, value in result["run"].items() if name not in run}
    return {**result, "run": shared, "steps": steps, "questions": questions}


@pytest.mark.parametrize(
    "scenario", [STOPPED, "apex-one/signing-root-missing-update-off", "apex-one/healthy-windows-10"]
)
def test_a_headless_run_with_the_same_answers_has_the_same_result(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder: list[Path] = []
    given: dict[str, Any] = {}

    async def story() -> None:
        async with operator(scenario) as someone:
            await someone.start()
            await someone.answer_all(answers_of(scenario))
            session = someone.app.session
            assert session is not None
            assert session.folder is not None
            folder.append(session.folder)
            assert session.result is not None
            given.update({one.id: one.answer for one in session.result.questions if one.answered_by == "operator"})

    play(story)
    answers = [f"--answer={name}={value}" for name, value in given.items()]
    machine = str(SCENARIOS / scenario / "machine")
    words = ["run", "apex-one", "--machine", machine, "--no-input", "--lang", "ja", "--format", "json", *answers]
    run_command_line([*words, "--output", str(tmp_path / "headless")])
    capsys.readouterr()
    ours, theirs = (json.loads((one / "result.json").read_bytes()) for one in (folder[0], tmp_path / "headless"))
    assert verdicts(ours) == verdicts(theirs)
    assert (folder[0] / "report.html").exists()


def test_the_language_is_switched_and_the_window_resized_in_the_middle() -> None:
    async def story() -> None:
        async with operator(STOPPED) as someone:
            await someone.start()
            await someone.until_at(QuestionScreen)
            assert "わからない" in someone.text()
            await someone.press("f2")
            await someone.until_seen("don't know")
            for size in ((60, 16), (200, 60), (59, 15), (80, 24)):
                await someone.pilot.resize_terminal(*size)
                await someone.pilot.pause()
            await someone.answer_all(answers_of(STOPPED))
            assert "What to do" in someone.text()
            await someone.pilot.resize_terminal(59, 20)
            await someone.until_seen("Make the window larger")
            await someone.pilot.resize_terminal(120, 40)
            await someone.until_seen("What to do")
            await someone.press("f2")
            await someone.until_seen("対処手順")
            await someone.press("escape")
            await someone.until_at(RunScreen)
            assert "常駐アイコン" not in someone.text() or "問題" in someone.text()
            assert "結論" in someone.text()

    play(story)


def test_a_changed_answer_is_judged_again_on_the_same_evidence() -> None:
    async def story() -> None:
        async with operator("apex-one/healthy-windows-10") as someone:
            await someone.start()
            await someone.answer_all(answers_of("apex-one/healthy-windows-10"))
            session = someone.app.session
            assert session is not None
            assert session.result is not None
            before = session.result
            asked = [one.id for one in before.questions if one.answered_by == "operator"]
            assert "license_status" in asked
            await someone.press("a")
            await someone.until_at(AnswersScreen)
            await someone.choose("license_status")
            await someone.until_at(QuestionScreen)
            names = [None, *session.flow.question("license_status").choices]
            await someone.press(str(names.index("expired")))
            await someone.until(lambda: session.result is not before and not session.is_running, "judged again")
            await someone.until_at(ConclusionScreen)
            after = session.result
            assert after.run.id == before.run.id
            assert [step.started for step in after.steps if step.started] == [
                step.started for step in before.steps if step.started
            ]
            assert before.outcome == "pass"
            assert after.primary_cause == "license-expired"
            assert session.stale == frozenset()
            assert session.folder is not None
            assert open_result(session.folder) == after

    play(story)


def test_on_the_way_one_may_look_at_steps_help_and_commands() -> None:
    async def story() -> None:
        async with operator(STOPPED, Language.EN) as someone:
            await someone.press("f1")
            await someone.until_seen("Choose a run")
            await someone.press("escape")
            await someone.start()
            await someone.until_at(QuestionScreen)
            await someone.press("escape")
            await someone.until_at(RunScreen)
            await someone.until_seen("A question is waiting")
            await someone.press("enter")
            await someone.until_at(QuestionScreen)
            await someone.answer_all(answers_of(STOPPED))
            await someone.press("escape")
            await someone.until_at(RunScreen)
            await someone.choose("services") if "services" in {
                entry.id for entry in someone.choices().entries
            } else await someone.press("up", "enter")
            await someone.until_seen("-- ")
            await someone.press("escape", "f3")
            await someone.pilot.press(*"さいかくにん")
            await someone.pilot.press("escape", "f3", *"re-check")
            await someone.until_seen("Check again after the remedy")
            await someone.press("enter")
            session = someone.app.session
            assert session is not None
            await someone.until(lambda: session.earlier is not None and not session.is_running, "checked again")
            await someone.until_at(ConclusionScreen)
            await someone.until_seen("No verdict has changed")

    play(story)


def test_leaving_while_a_run_goes_on_asks_first_and_the_run_can_be_continued(own_state_folder: Path) -> None:
    async def story() -> None:
        async with operator(STOPPED) as someone:
            await someone.start()
            await someone.until_at(QuestionScreen)
            await someone.answer(14039)
            await someone.press("f10")
            await someone.until_at(QuitScreen)
            await someone.choose("quit-save")
            await someone.until(lambda: someone.app._exit, "left")
        assert someone.app.return_value == 130
        async with operator(STOPPED) as someone:
            await someone.until_seen("終わっていない診断を続ける")
            [run] = [entry for entry in someone.choices().entries if entry.id.startswith("run:")]
            await someone.choose(run.id)
            asked = await someone.answer_all(answers_of(STOPPED))
            assert "target_build" not in asked
            result = someone.app.session.result if someone.app.session is not None else None
            assert result is not None
            assert result.primary_cause == "service-not-running"

    play(story)
    assert len(list(own_state_folder.iterdir())) == 2


def test_a_run_is_stopped_at_once_and_what_there_is_stays_on_the_screen() -> None:
    async def story() -> None:
        async with operator(STOPPED) as someone:
            await someone.start()
            await someone.until_at(QuestionScreen)
            await someone.answer(14039)
            await someone.until_at(QuestionScreen)
            await someone.press("f10")
            await someone.until_at(QuitScreen)
            await someone.choose("quit-stop")
            await someone.until_at(RunScreen)
            await someone.until_seen("診断は途中で終わりました")
            session = someone.app.session
            assert session is not None
            assert session.result is not None
            assert session.result.run.interrupted
            await someone.press("f9")
            await someone.until_at(ConclusionScreen)
            await someone.until_seen("診断は途中で終")

    play(story)


def test_a_discarded_run_leaves_nothing(own_state_folder: Path) -> None:
    async def story() -> None:
        async with operator(STOPPED) as someone:
            await someone.start()
            await someone.until_at(QuestionScreen)
            await someone.press("ctrl+c")
            await someone.until_at(QuitScreen)
            await someone.choose("quit-discard")
            await someone.until(lambda: someone.app._exit, "left")

    play(story)
    assert list(own_state_folder.iterdir()) == []


def flows_of(someone: Operator) -> list[str]:
    return [one.id for one in someone.choices().entries if not one.heading]


@pytest.mark.parametrize("words", ["アップグレード", "upgrade", "ＡＰＥＸ", "build old", "ビルド"])
def test_a_flow_is_found_by_words_of_either_language(words: str) -> None:
    async def story() -> None:
        async with operator(STOPPED, Language.EN) as someone:
            await someone.until(lambda: len(someone.choices().entries) > 2, "offers")
            await someone.pilot.press(*words.replace(" ", "␣"))
            search = someone.app.screen.query_one("#search")
            search.value = words  # type: ignore[attr-defined]
            # Another product's upgrade may be found as well, below the one of a product that is here.
            await someone.until(lambda: flows_of(someone)[:1] == ["flow:apex-one/agent-upgrade"], "found")
            assert len(flows_of(someone)) < 3
            await someone.press("escape")
            assert isinstance(someone.app.screen, StartScreen)

    play(story)


def test_with_the_mouse_alone_to_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def click(someone: Operator, id: str) -> None:  # noqa: A002
        row = next(row for row in someone.app.screen.query(Row) if row.entry.id == id)
        row.scroll_visible(animate=False)
        await someone.pilot.pause()
        await someone.pilot.click(row)

    async def click_footer(someone: Operator, action: str) -> None:
        key = next(key for key in someone.app.screen.query(FooterKey) if key.action == action)
        await someone.pilot.click(key)

    async def story() -> None:
        async with operator(STOPPED, size=(100, 30)) as someone:
            await someone.until(lambda: len(someone.choices().entries) > 2, "offers")
            await click(someone, "flow:apex-one/agent-upgrade")
            while True:
                await someone.until_at(QuestionScreen, ConclusionScreen)
                if isinstance(someone.app.screen, ConclusionScreen):
                    break
                screen = someone.app.screen
                await someone.until(lambda: someone.app.screen.query(Row), "answers")
                await click(someone, "")
                await someone.until_closed(screen)
            await someone.until(lambda: someone.choices().entries, "remedies")
            await click(someone, "do:bundle")
            await someone.until(lambda: "[x]" in someone.text(), "plan")
            await click_footer(someone, "make")
            await someone.until(lambda: list(tmp_path.glob("*.zip")), "written")
            await click_footer(someone, "back")
            await someone.until_at(ConclusionScreen)
            await click(someone, "do:back")
            await someone.until_at(RunScreen)

    play(story)
    [bundle] = tmp_path.glob("*.zip")
    assert verify(bundle).ok


@pytest.mark.parametrize("language", list(Language))
def test_from_the_verdict_over_the_form_to_the_bundle(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def story() -> None:
        async with operator(STOPPED, language, glyphs=Glyphs.ASCII) as someone:
            await someone.start()
            await someone.answer_all(answers_of(STOPPED))
            await someone.press("f6")
            await someone.until(lambda: someone.app.screen.query("#field-affected_count"), "form")
            await someone.until(lambda: someone.app.focused is not None, "focus")
            await someone.press(*"many", "tab")
            await someone.until(lambda: someone.app.screen.query(".wrong.-told"), "told")
            await someone.press("shift+tab", *["backspace"] * 4, *"12", "tab")
            await someone.until(lambda: not someone.app.screen.query(".wrong.-told"), "accepted")
            assert someone.wide_mistakes() == []
            await someone.press("f8")
            await someone.until(lambda: "[x]" in someone.text(), "plan")
            await someone.until(lambda: "#sample" and str(someone.app.screen.query_one("#sample").render()), "sample")
            assert "PC0423" not in str(someone.app.screen.query_one("#sample").render())
            first = someone.choices().entries[0].id
            await someone.press("enter")
            await someone.until_seen("[ ]")
            await someone.press("f8")
            await someone.until(lambda: list(tmp_path.glob("*.zip")), "written")
            await someone.until_seen(".zip (" if language is Language.EN else ".zip（")
            assert someone.wide_mistakes() == []
            assert first
            await someone.press("escape", "escape")
            await someone.until_at(ConclusionScreen)

    play(story)
    [bundle] = tmp_path.glob("*.zip")
    assert verify(bundle).ok
    with zipfile.ZipFile(bundle) as opened:
        ticket = opened.read(f"ticket.{language}.txt").decode()
        incident = json.loads(opened.read("incident.json"))
        assert b"PC0423" not in b"".join(opened.read(name) for name in opened.namelist())
    assert "12" in ticket
    assert next(one["value"] for one in incident["fields"] if one["id"] == "affected_count") == 12


def test_a_bundle_is_stopped_while_it_is_made_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    collecting, go_on = threading.Event(), threading.Event()

    def waiting(prepared: Any, clock: Any, progress: Any) -> Any:
        def told(done: int, total: int) -> None:
            collecting.set()
            go_on.wait(10)
            progress(done, total)

        return make(prepared, clock, told)

    monkeypatch.setattr("diagnose.tui.screens.bundle.make", waiting)

    async def story() -> None:
        async with operator(STOPPED) as someone:
            await someone.start()
            await someone.answer_all(answers_of(STOPPED))
            await someone.press("f8")
            await someone.until(lambda: "[x]" in someone.text(), "plan")
            await someone.press("f8")
            await someone.until(collecting.is_set, "collecting")
            await someone.press("escape")
            go_on.set()
            await someone.until_seen("収集を中止しました")

    play(story)
    assert list(tmp_path.glob("*.zip*")) == []


def test_a_check_that_hangs_is_left_out_at_once_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()

    def hang(self: RecordedMachine) -> Any:
        never.wait(60)
        return ()

    monkeypatch.setattr(RecordedMachine, "services", hang)

    async def story() -> None:
        async with operator(STOPPED) as someone:
            await someone.start()
            session = someone.app.session
            assert session is not None
            answers = answers_of(STOPPED)

            def stuck() -> bool:
                running, result = session.running, session.result
                judged = {one.id for one in result.steps if one.started} if result is not None else set()
                return running is not None and running.step not in judged and session.waited_s > 0

            left_out: list[str] = []
            while not isinstance(someone.app.screen, ConclusionScreen):
                await someone.until(
                    lambda: isinstance(someone.app.screen, QuestionScreen | ConclusionScreen) or stuck(), "something"
                )
                if isinstance(someone.app.screen, QuestionScreen):
                    screen = someone.app.screen
                    assert session.question is not None
                    await someone.answer(answers.get(session.question.id))
                    await someone.until_closed(screen)
                elif stuck():
                    assert session.running is not None
                    left_out.append(session.running.step)
                    await someone.press("f4")
                    await someone.until(lambda: not stuck(), "gone on")
            assert left_out
            assert session.result is not None
            skipped = {one.id for one in session.result.steps if one.skipped_because == by_operator}
            assert skipped == set(left_out)
            assert not session.result.run.interrupted

    by_operator = catalogue()["skipped-by-operator"]
    try:
        play(story)
    finally:
        never.set()


def test_what_was_read_cannot_draw_on_the_terminal() -> None:
    async def story() -> None:
        async with operator(STOPPED) as someone:
            shown = someone.app.shown("営業\x1b[2J\x07\u202e\r…")
            assert shown == "営業 [2J   …"

    play(story)


def test_a_bug_in_a_screen_ends_with_one_line_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(self: StartScreen) -> None:
        password = "hunter2-SECRET"
        raise RuntimeError(password)

    monkeypatch.setattr(StartScreen, "action_clear", broken)

    async def story() -> None:
        async with operator(STOPPED) as someone:
            crashed.append(someone.app)
            await someone.pilot.press("escape")

    crashed: list[DiagnoseApp] = []
    with pytest.raises(RuntimeError, match="hunter2"):
        play(story)
    [app] = crashed
    assert app.return_code == 70
    assert "RuntimeError" in app.crash
    assert "test_stories.py" in app.crash
    assert "hunter2" not in app.crash
    assert "hunter2" not in "".join(capsys.readouterr())
