"""The pictures of the README, made by hand: `python -m tests.tui.pictures docs/images`."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from diagnose.text import Language
from diagnose.tui.screens.question import QuestionScreen
from diagnose.tui.screens.run import RunScreen
from tests.tui.driving import Operator, answers_of, operator
from tests.tui.svg import readable_svg

SCENARIO = "apex-one/signing-root-missing-update-off"
SIZE = (100, 28)


async def draw(folder: Path, language: Language) -> None:
    def keep(someone: Operator, name: str) -> None:
        picture = readable_svg(someone.app.export_screenshot(title="diagnose"))
        (folder / f"screen-{name}-{language}.svg").write_text(picture, encoding="utf-8")

    async with operator(SCENARIO, language, size=SIZE) as someone:
        await someone.start()
        answers = answers_of(SCENARIO)
        while True:
            await someone.until_at(QuestionScreen)
            session, screen = someone.app.session, someone.app.screen
            assert session is not None
            assert session.question is not None
            if session.question.question.choices:
                break
            await someone.answer(answers.get(session.question.id))
            await someone.until_closed(screen)
        keep(someone, "question")
        await someone.answer_all(answers)
        keep(someone, "verdict")
        await someone.press("escape")
        await someone.until_at(RunScreen)
        someone.choices().move_to("signing-certificates")
        await someone.pilot.pause()
        keep(someone, "steps")


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        for language in Language:
            asyncio.run(draw(folder, language))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
