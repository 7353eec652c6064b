"""The app driven as an operator drives it, on a recorded computer; waits end when something is there, not by time."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from textual.pilot import Pilot

from diagnose.text import Language
from diagnose.tui.app import DiagnoseApp, ScreenOptions
from diagnose.tui.glyphs import Glyphs
from diagnose.tui.screens.conclusion import ConclusionScreen
from diagnose.tui.screens.question import QuestionScreen
from diagnose.tui.textual_patches import install
from diagnose.tui.widgets.choices import Choices

SCENARIOS = Path(__file__).parents[1] / "scenarios"
_LOOKS = 1500


class Operator:
    """Somebody at the keyboard."""

    def __init__(self, app: DiagnoseApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, there: Callable[[], object], what: str = "") -> None:
        for _ in range(_LOOKS):
            await self.pilot.pause(0.01)
            if there():
                await self.pilot.pause()
                return
        raise AssertionError(f"never: {what}\n{self.text()}")

    async def until_at(self, *screens: type) -> None:
        await self.until(lambda: isinstance(self.app.screen, screens), " or ".join(one.__name__ for one in screens))

    def text(self) -> str:
        """What the terminal shows, line by line."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def until_closed(self, screen: object) -> None:
        await self.until(lambda: self.app.screen is not screen, "closed")

    async def until_seen(self, text: str) -> None:
        await self.until(lambda: text in self.text(), text)

    def choices(self) -> Choices:
        return self.app.screen.query_one(Choices)

    async def choose(self, id: str) -> None:  # noqa: A002
        """With the arrows and Enter."""
        choices = self.choices()
        choices.focus()
        await self.until(lambda: any(entry.id == id for entry in choices.entries), id)
        for _ in range(60):
            if choices.current is not None and choices.current.id == id:
                break
            await self.press("down")
        await self.press("enter")

    async def start(self, flow: str = "apex-one/agent-upgrade") -> None:
        await self.until(lambda: self.app.screen.query(Choices) and self.choices().entries, "offers")
        await self.choose(f"flow:{flow}")

    async def answer_all(self, answers: dict[str, Any]) -> list[str]:
        """Until the verdict; what is not among the answers is not known. The texts of the questions that came."""
        asked: list[str] = []
        while True:
            await self.until_at(QuestionScreen, ConclusionScreen)
            if isinstance(self.app.screen, ConclusionScreen):
                await self.until(lambda: self.app.screen.query_one(Choices).entries, "remedies")
                return asked
            screen = self.app.screen
            assert self.app.session is not None
            assert self.app.session.question is not None
            name = self.app.session.question.id
            asked.append(name)
            await self.answer(answers.get(name))
            await self.until_closed(screen)

    async def answer(self, value: Any) -> None:
        """The question on the screen: by its digit, or typed."""
        assert self.app.session is not None
        assert self.app.session.question is not None
        question = self.app.session.question.question
        if question.choices:
            names = [None, *question.choices]
            await self.pilot.press(str(names.index(value)))
        else:
            await self.pilot.press(*("" if value is None else str(value)), "enter")

    def wide_mistakes(self) -> list[str]:
        """Characters whose width a console may take for two."""
        return sorted({char for char in self.text() if unicodedata.east_asian_width(char) == "A"})


@asynccontextmanager
async def operator(
    scenario: str,
    language: Language = Language.JA,
    *,
    size: tuple[int, int] = (80, 24),
    glyphs: Glyphs = Glyphs.UNICODE,
) -> AsyncIterator[Operator]:
    install()
    machine = SCENARIOS / scenario / "machine"
    app = DiagnoseApp(ScreenOptions(language=language, machine=machine, glyphs=glyphs))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Operator(app, pilot)


def answers_of(scenario: str) -> dict[str, Any]:
    case = yaml.safe_load((SCENARIOS / scenario / "case.yaml").read_text(encoding="utf-8"))
    return {name: value for name, value in (case.get("answers") or {}).items() if value != "unknown"}


def play(story: Callable[[], Awaitable[None]]) -> None:
    """Tests are plain functions; what happens in them is not."""
    asyncio.run(story())  # type: ignore[arg-type]
