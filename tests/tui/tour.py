"""Every screen in every size, seen once in a language and a set of characters; nothing differs between two tours."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from textual._compositor import Compositor
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input

from diagnose.run.answers import Answer, Answers, parse_answer
from diagnose.run.events import StillRunning
from diagnose.run.result import AnsweredBy
from diagnose.text import Language
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.glyphs import Glyphs
from diagnose.tui.screens.answers import AnswersScreen
from diagnose.tui.screens.commands import CommandsScreen
from diagnose.tui.screens.conclusion import ConclusionScreen
from diagnose.tui.screens.detail import DetailScreen
from diagnose.tui.screens.help import HelpScreen
from diagnose.tui.screens.question import QuestionScreen
from diagnose.tui.screens.quit import QuitScreen
from diagnose.tui.screens.run import RunScreen
from diagnose.tui.widgets.choices import Choices
from tests.tui.cells import ambiguous_characters, focus_trouble, lost_texts, seen_lines, strips_of, uneven_lines
from tests.tui.driving import Operator, answers_of, operator

USUAL = (80, 24)
SIZES = (USUAL, (120, 36), (60, 16))
TOO_SMALL = ((59, 24), (80, 15), (30, 8))
SCENES = (
    "start", "start-search", "start-search-nothing", "help-start", "too-small",
    "question-typed", "run-question-waits", "run-slow", "quit", "question-choices",
    "conclusion-failing", "help-conclusion", "run-ended", "help-run", "commands", "answers", "detail",
    "incident", "help-incident", "bundle-plan", "help-bundle", "bundle-written",
    "conclusion-healthy", "conclusion-undecided",
)  # fmt: skip
FAILING, HEALTHY, UNDECIDED = "apex-one/service-stopped", "apex-one/healthy-windows-10", "apex-one/services-denied"
FLOW = "agent-upgrade"
# Asked on the screens; everything else is answered beforehand.
ASKED = ("target_build", "license_status")


class Sight(msgspec.Struct, frozen=True):
    """One screen at one size."""

    scene: str
    width: int
    height: int
    lines: list[str]
    lost: list[str]
    uneven: list[str]
    ambiguous: list[str]
    focus: str


class Tour(msgspec.Struct, frozen=True):
    """What was seen on the way, and why it broke off."""

    sights: list[Sight]
    failure: str = ""


class _StandingClock:
    def wall(self) -> datetime:
        return datetime(2026, 11, 20, 9, 0, tzinfo=timezone(timedelta(hours=9)))

    def monotonic(self) -> float:
        return 0.0


@contextmanager
def _same_world_every_time() -> Iterator[None]:
    """Time stands still, chance is none, and folders are shown as somebody's who works here."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        state, home = Path(folder) / "state", Path(folder) / "home"
        home.mkdir()
        patch.setenv("XDG_STATE_HOME", str(state))
        patch.setenv("SYSTEMROOT", "")
        patch.chdir(home)
        patch.setattr("diagnose.run.opening.SystemClock", _StandingClock)
        patch.setattr("diagnose.run.opening.secrets", SimpleNamespace(token_hex=lambda count: "5e" * count))
        patch.setattr("diagnose.tui.screens.bundle.SystemClock", _StandingClock)
        patch.setattr("diagnose.tui.screens.bundle.secrets", SimpleNamespace(token_bytes=bytes))
        # Pilot waits for an idle processor after every key; here every step waits for what it brings about.
        patch.setattr("textual.pilot.wait_for_idle", asyncio.sleep)
        patch.setattr("textual.app.wait_for_idle", asyncio.sleep)
        # There is no terminal; `test_terminal.py` has one, and looks at what is sent to it.
        patch.setattr(Compositor, "render_update", lambda compositor, **_: compositor._dirty_regions.clear())
        original = DiagnoseApp.shown

        def shown(app: DiagnoseApp, text: str) -> str:
            named = text.replace(str(state), "/home/taro/.local/state").replace(str(home), "/home/taro")
            # Packed sizes differ between builds of zlib.
            return original(app, re.sub(r"(\.zip ?[(（])[0-9.]+ KB", r"\g<1>12.3 KB", named))

        patch.setattr(DiagnoseApp, "shown", shown)
        yield


class _Walk:
    def __init__(self, language: Language, glyphs: Glyphs) -> None:
        self.language = language
        self.glyphs = glyphs
        self.sights: list[Sight] = []
        self.at: Operator

    async def go(self) -> None:
        async with operator(FAILING, self.language, glyphs=self.glyphs) as self.at:
            await self._start()
            await self._run()
            await self._after_the_end()
            await self._to_the_vendor()
        for scenario, scene in ((HEALTHY, "conclusion-healthy"), (UNDECIDED, "conclusion-undecided")):
            async with operator(scenario, self.language, glyphs=self.glyphs) as self.at:
                await self._offered()
                self._begin(scenario, ())
                await self.at.until_at(ConclusionScreen)
                await self._look(scene)

    async def _look(self, scene: str, sizes: tuple[tuple[int, int], ...] = SIZES) -> None:
        """From every size, and back in the usual one."""
        screen = self.at.app.screen
        for width, height in sizes:
            await self._resize(width, height)
            assert self.at.app.screen is screen
            self.sights.append(
                Sight(
                    scene,
                    width,
                    height,
                    seen_lines(screen),
                    lost_texts(screen),
                    uneven_lines(screen),
                    ambiguous_characters(screen),
                    focus_trouble(screen),
                )
            )
        await self._resize(*USUAL)

    async def _resize(self, width: int, height: int) -> None:
        """Until all is drawn in this size, also the page below a dialog, and stays as it is."""
        app, size = self.at.app, Size(width, height)
        if app.size != size:
            await self.at.pilot.resize_terminal(width, height)

        def is_settled(screen: Screen[object]) -> bool:
            at_rest = not (screen._layout_required or screen._repaint_required or screen._dirty_widgets)
            return at_rest and screen.size == screen._compositor.size == size

        before, same = list[Strip](), 0
        for _ in range(1000):
            await self.at.pilot.pause(0.005)
            now = strips_of(app.screen)
            below = app.page
            is_drawn = is_settled(app.screen) and below is not None and below._compositor.size == size
            same = same + 1 if now == before and is_drawn else 0
            before = now
            if same == 2:
                return
        raise AssertionError(f"never at rest in {width}x{height}\n{self.at.text()}")

    async def _offered(self) -> None:
        await self.at.until(lambda: self.at.app.screen.query(Choices) and self.at.choices().entries, "offers")

    async def _start(self) -> None:
        await self._offered()
        await self._look("start")
        search = self.at.app.screen.query_one("#search", Input)
        search.value = "ビルド" if self.language is Language.JA else "build"
        await self.at.until(lambda: len(self.at.choices().entries) == 2, "found")
        search.cursor_position = len(search.value)
        await self._look("start-search")
        search.value = "xyzzy"
        await self.at.until(lambda: not self.at.choices().entries, "nothing found")
        await self._look("start-search-nothing")
        await self._dialog("f1", HelpScreen, "help-start")
        await self._look("too-small", TOO_SMALL)

    async def _dialog(self, key: str, screen: type, scene: str) -> None:
        await self.at.pilot.press(key)
        await self.at.until_at(screen)
        await self._look(scene)
        shown = self.at.app.screen
        await self.at.pilot.press("escape")
        await self.at.until_closed(shown)

    def _begin(self, scenario: str, asked: tuple[str, ...]) -> None:
        computer = self.at.app.computer
        assert computer is not None
        flow = computer.flow("apex-one", FLOW)
        given = {
            name: Answer(parse_answer(flow.question(name), str(value), computer.now.tzinfo), AnsweredBy.OPERATOR)
            for name, value in answers_of(scenario).items()
            if name not in asked
        }
        self.at.app.begin(flow, Answers(given))

    async def _run(self) -> None:
        self._begin(FAILING, ASKED)
        await self.at.until_at(QuestionScreen)
        self._show_the_pane_as_it_is()
        await self.at.pilot.press(*"old", "enter")
        await self.at.until(lambda: str(self.at.app.screen.query_one("#wrong").render()), "refused")
        await self._look("question-typed")
        await self.at.pilot.press("escape")
        await self.at.until_at(RunScreen)
        await self._look("run-question-waits")
        await self._slow()
        await self.at.pilot.press("f10")
        await self.at.until_at(QuitScreen)
        await self._look("quit")
        await self.at.pilot.press("escape")
        await self.at.until_at(RunScreen)
        await self.at.pilot.press("enter")
        await self.at.until_at(QuestionScreen)
        typed = self.at.app.screen
        await self.at.pilot.press(*"14039", "enter")
        await self.at.until_closed(typed)
        await self.at.until_at(QuestionScreen)
        self._show_the_pane_as_it_is()
        await self._look("question-choices")
        await self.at.pilot.press("1")
        await self.at.until_at(ConclusionScreen)

    def _show_the_pane_as_it_is(self) -> None:
        """It says now and then what was before the question."""
        page = self.at.app.page
        assert page is not None
        page.relabel()

    async def _slow(self) -> None:
        """As if a check took its time; nothing else than the status line tells."""
        session, screen = self.at.app.session, self.at.app.screen
        assert session is not None
        assert session.running is not None
        assert isinstance(screen, RunScreen)
        step = session.running
        session.waited_s, session.left_s = 12, 108
        screen.show_event(StillRunning(step.step, step.title, ("services",), 12, 108))
        await self._look("run-slow")
        screen.status.say("run-question")

    async def _after_the_end(self) -> None:
        await self.at.until(lambda: self.at.choices().entries, "remedies")
        await self.at.pilot.press("enter")
        await self.at.until_seen("[x]")
        await self._look("conclusion-failing")
        await self._dialog("f1", HelpScreen, "help-conclusion")
        await self.at.pilot.press("escape")
        await self.at.until_at(RunScreen)
        self.at.choices().move_to("connectivity")
        await self._look("run-ended")
        await self._dialog("f1", HelpScreen, "help-run")
        await self._dialog("f3", CommandsScreen, "commands")
        await self._dialog("a", AnswersScreen, "answers")
        await self._dialog("enter", DetailScreen, "detail")

    async def _to_the_vendor(self) -> None:
        await self.at.pilot.press("f6")
        await self.at.until(lambda: self.at.app.screen.query("#field-affected_count"), "form")
        await self.at.until(lambda: self.at.app.focused is not None, "focus")
        await self.at.pilot.press(*"many", "tab")
        await self.at.until(lambda: self.at.app.screen.query(".wrong.-told"), "refused")
        await self._look("incident")
        await self._dialog("f1", HelpScreen, "help-incident")
        await self.at.pilot.press("shift+tab")
        field = self.at.app.screen.query_one("#field-affected_count", Input)
        await self.at.until(lambda: field.has_focus, "the first field")
        # The text is selected; keys that come at once are not always taken in their order.
        await self.at.pilot.press(*"12")
        await self.at.until(lambda: field.value == "12", "typed")
        await self.at.pilot.press("tab")
        await self.at.until_seen("Saved:" if self.language is Language.EN else "保存しました:")
        await self.at.pilot.press("f8")
        await self.at.until(lambda: "[x]" in self.at.text(), "plan")
        await self.at.until(lambda: str(self.at.app.screen.query_one("#sample").render()), "sample")
        await self._look("bundle-plan")
        await self._dialog("f1", HelpScreen, "help-bundle")
        await self.at.pilot.press("f8")
        await self.at.until_seen(".zip (" if self.language is Language.EN else ".zip（")
        await self._look("bundle-written")


TOURS = tuple((language, glyphs) for language in Language for glyphs in (Glyphs.UNICODE, Glyphs.ASCII))


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """One for all processes of this run of pytest."""
    own = factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


def sights(language: Language, glyphs: Glyphs, shared: Path) -> list[Sight]:
    """What a tour has seen. Each is made once for all processes; who waits for one makes another meanwhile."""
    wanted = _file(shared, language, glyphs)
    others = [tour for tour in TOURS if tour != (language, glyphs)]
    while not wanted.exists():
        if not any(_make(shared, *tour) for tour in [(language, glyphs), *others]):
            time.sleep(0.1)
    tour = msgspec.json.decode(wanted.read_bytes(), type=Tour)
    assert not tour.failure, tour.failure
    return tour.sights


def _file(shared: Path, language: Language, glyphs: Glyphs) -> Path:
    return shared / f"tour-{language}-{glyphs}.json"


def _make(shared: Path, language: Language, glyphs: Glyphs) -> bool:
    """Whether it was this process that made the tour, now."""
    path = _file(shared, language, glyphs)
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if path.exists():
            return False
        walk = _Walk(language, glyphs)
        try:
            with _same_world_every_time():
                asyncio.run(walk.go())
            tour = Tour(walk.sights)
        except Exception:
            tour = Tour(walk.sights, traceback.format_exc())
        written = path.with_suffix(".new")
        written.write_bytes(msgspec.json.encode(tour))
        written.replace(path)
        return True
