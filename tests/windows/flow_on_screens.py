"""Runs on Windows with the Python of the zip: a whole flow on the screens, without a console.

Arguments: the folder of a recorded computer, and answers as JSON. Prints the folder of the run.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from diagnose.text import Language
from diagnose.tui.app import DiagnoseApp, ScreenOptions
from diagnose.tui.screens.conclusion import ConclusionScreen
from diagnose.tui.screens.question import QuestionScreen
from diagnose.tui.textual_patches import install
from diagnose.tui.widgets.choices import Choices


async def main(machine: str, answers: dict[str, object]) -> None:
    install()
    app = DiagnoseApp(ScreenOptions(language=Language.JA, machine=Path(machine)))
    async with app.run_test(size=(80, 24)) as pilot:
        while not app.screen.query(Choices) or not app.screen.query_one(Choices).entries:
            await pilot.pause(0.01)
        app.screen.query_one(Choices).choose("flow:apex-one/agent-upgrade")
        while not isinstance(app.screen, ConclusionScreen):
            await pilot.pause(0.01)
            screen = app.screen
            if isinstance(screen, QuestionScreen) and app.session is not None and app.session.question is not None:
                question = app.session.question
                value = answers.get(question.id)
                if question.question.choices:
                    names: list[object] = [None, *question.question.choices]
                    await pilot.press(str(names.index(value)))
                else:
                    await pilot.press(*("" if value is None else str(value)), "enter")
                while app.screen is screen:
                    await pilot.pause(0.01)
        while not app.screen.query(Choices) or not app.screen.query_one(Choices).entries:
            await pilot.pause(0.01)
        print("結論", "署名" in str(app.screen.query_one("#verdict").render()))
        print(app.session.folder if app.session is not None else None)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
