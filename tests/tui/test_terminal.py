"""The program in a real terminal, by the keyboard alone: what an operator sees, and what is left when it has ended."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnose.bundle.verify import verify
from diagnose.rules.model import Question
from diagnose.run.opening import open_computer
from diagnose.text import Language
from tests.tui.driving import SCENARIOS, answers_of
from tests.tui.terminal import TMUX, Terminal

pytestmark = pytest.mark.skipif(TMUX is None, reason="needs tmux (./do test installs it as root)")

STOPPED = "apex-one/service-stopped"
MACHINE = SCENARIOS / STOPPED / "machine"
WORDS = {
    "flow": {"ja": "エージェントのアップグレード", "en": "The agent's upgrade does not complete"},
    "question": {"ja": "質問: ", "en": "Question: "},
    "verdict": {"ja": "対処手順（", "en": "What to do ("},
    "form": {"ja": "お問い合わせ用の情報", "en": "Details for the vendor"},
    "not chosen": {"ja": "（未選択）", "en": "(not chosen)"},
    "no number": {"ja": "「many」は数値ではありません", "en": "'many' is not a number"},
    "plan": {"ja": "送付される内容の例", "en": "As it will leave"},
    "made": {"ja": "作成しました", "en": "Written"},
    "quit": {"ja": "診断を実行しています", "en": "A run goes on"},
    "too small": {"ja": "画面を広げてください", "en": "Make the window larger"},
}


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path)
    try:
        yield opened
    finally:
        opened.close()


class Person:
    """Reads what the terminal shows, and answers."""

    def __init__(self, terminal: Terminal, language: Language) -> None:
        self.terminal = terminal
        self.language = language
        self._questions = open_computer(MACHINE, ()).flow("apex-one", "agent-upgrade").flow.questions
        self._known = answers_of(STOPPED)
        self._takes_arrows = False

    def word(self, name: str) -> str:
        return WORDS[name][str(self.language)]

    def sees(self, *names: str) -> str:
        """One of these."""
        return self.terminal.until_seen(*map(self.word, names))

    def begins(self) -> None:
        self.terminal.diagnose("--lang", str(self.language), "--machine", MACHINE)
        self.sees("flow")
        self.terminal.press("Down", "Enter")

    def switches_language(self) -> None:
        self.language = Language.EN if self.language is Language.JA else Language.JA
        self.terminal.press("F2")

    def beginning(self, question: Question) -> str:
        """So much of it as never reaches the end of a line."""
        return question.text.in_language(self.language)[:24]

    def question(self) -> str | None:
        """The name of the one on the terminal; None at the verdict."""

        def read(screen: str) -> list[str]:
            return [name for name, question in self._questions.items() if self.beginning(question) in screen]

        verdict = self.word("verdict")
        screen = self.terminal.until(lambda screen: verdict in screen or read(screen), "a question or the verdict")
        if verdict in screen:
            return None
        [name] = read(screen)
        return name

    def answers(self, name: str) -> None:
        """Typed, or by digit and by arrows in turns; what is not known is said so."""
        question, value = self._questions[name], self._known.get(name)
        if question.choices:
            choices = [*question.choices, None]
            self._takes_arrows = not self._takes_arrows
            place = choices.index(value)
            digit = str((place + 1) % len(choices))
            self.terminal.press(*(["Down"] * place + ["Enter"] if self._takes_arrows else [digit]))
        else:
            self.terminal.type("" if value is None else str(value))
            self.terminal.press("Enter")
        self.terminal.until_gone(self.beginning(question))

    def answers_all(self) -> list[str]:
        asked = []
        while (name := self.question()) is not None:
            self.answers(name)
            asked.append(name)
        return asked

    def moves(self, key: str) -> None:
        """To a field or another one, and looks where the cursor is before going on: what is typed too early is lost."""
        before = self.terminal.flag("cursor_y")
        self.terminal.press(key)
        self.terminal.until(lambda _: self.terminal.flag("cursor_y") != before, "another field")

    def bundles(self) -> Path:
        """From the verdict over the form and the plan to the file."""
        self.moves("F6")
        self.sees("form")
        self.sees("not chosen")
        self.terminal.type("many")
        self.terminal.until_seen("  many")
        self.terminal.press("Tab")
        self.sees("no number")
        self.moves("BTab")
        self.terminal.press(*["BSpace"] * 4)
        self.terminal.until_gone("  many")
        self.terminal.type("12")
        self.terminal.until_seen("  12")
        self.moves("Tab")
        self.terminal.until_gone(self.word("no number"))
        self.terminal.press("F8")
        self.sees("plan")
        self.terminal.press("Down", "Enter")
        self.terminal.until_seen("[ ]")
        self.terminal.press("F8")
        self.sees("made")
        [bundle] = self.terminal.work.glob("*.zip")
        return bundle


def assert_clean(terminal: Terminal) -> None:
    """The shell is there as before: nothing is hidden, no mouse is caught, and what is typed is seen."""
    assert terminal.flag("alternate_on") == "0"
    assert terminal.flag("cursor_flag") == "1"
    assert terminal.flag("mouse_any_flag") == "0"
    terminal.type("echo I am he''re")
    terminal.until_seen("echo I am he''re")
    terminal.press("Enter")
    terminal.until_seen("\nI am here")
    terminal.run("stty", "-a", more="> modes")
    assert terminal.code() == 0
    modes = (terminal.work / "modes").read_text().replace(";", " ").split()
    assert {"echo", "icanon", "isig", "icrnl", "opost"} <= set(modes)


def assert_sound(bundle: Path, language: Language) -> None:
    assert verify(bundle).ok
    with zipfile.ZipFile(bundle) as opened:
        assert b"PC0423" not in b"".join(opened.read(name) for name in opened.namelist())
        assert f"ticket.{language}.txt" in opened.namelist()
        incident = json.loads(opened.read("incident.json"))
    assert next(one["value"] for one in incident["fields"] if one["id"] == "affected_count") == 12


@pytest.mark.parametrize("language", list(Language))
def test_from_the_first_screen_to_the_bundle_by_the_keyboard_alone(terminal: Terminal, language: Language) -> None:
    person = Person(terminal, language)
    person.begins()
    assert len(person.answers_all()) > 3
    person.sees("verdict")
    bundle = person.bundles()
    terminal.press("F10")
    assert terminal.code() == 1
    assert terminal.said() == []
    assert_clean(terminal)
    assert_sound(bundle, language)


def test_ctrl_c_asks_while_a_question_waits_and_leaves_the_second_time(terminal: Terminal) -> None:
    person = Person(terminal, Language.JA)
    person.begins()
    name = person.question()
    terminal.press("C-c")
    person.sees("quit")
    terminal.press("Escape")
    terminal.until_gone(person.word("quit"))
    assert person.question() == name
    terminal.press("C-c")
    person.sees("quit")
    terminal.press("C-c")
    assert terminal.code() == 130
    assert terminal.said() == []
    assert_clean(terminal)


CRASHING = """
import sys
from diagnose.cli import run_command_line
from diagnose.tui.screens.start import StartScreen

def broken(self):
    password = "hunter2-SECRET"
    raise RuntimeError(password)

StartScreen.action_clear = broken
sys.exit(run_command_line(sys.argv[1:]))
"""


def test_a_crash_leaves_a_clean_terminal_one_line_and_no_secret(terminal: Terminal) -> None:
    crashing = terminal.work / "crashing.py"
    crashing.write_text(CRASHING, encoding="utf-8")
    terminal.run(sys.executable, crashing, "--lang", "en", "--machine", MACHINE)
    Person(terminal, Language.EN).sees("flow")
    terminal.press("Escape")
    assert terminal.code() == 70
    [line] = terminal.said()
    assert "RuntimeError" in line
    assert "crashing.py:8" in line
    assert "hunter2" not in terminal.printed()
    assert_clean(terminal)


# What the program imported stands in a file: neither stdout nor the terminal is changed by asking.
ASKED = """
import sys
from pathlib import Path
from diagnose.cli import run_command_line

code = run_command_line(sys.argv[1:])
Path("imported").write_text(" ".join(name for name in ("textual", "rich") if name in sys.modules))
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("words", "more", "variables", "said"),
    [
        (["--machine", str(MACHINE)], "> out", {}, "this is no terminal"),
        (["--machine", str(MACHINE)], "< /dev/null", {}, "this is no terminal"),
        (["--machine", str(MACHINE)], "", {"TERM": "dumb"}, "this is no terminal"),
        (["--machine", "nowhere"], "", {}, "nowhere"),
        (["--machine", str(MACHINE.parent.parent)], "", {}, "machine.yaml"),
        (["--rules", "nowhere"], "", {}, "nowhere"),
    ],
)
def test_where_there_is_no_screen_to_show_one_line_says_so(
    terminal: Terminal, words: list[str], more: str, variables: dict[str, str], said: str
) -> None:
    asked = terminal.work / "asked.py"
    asked.write_text(ASKED, encoding="utf-8")
    changed = [f"{name}={value}" for name, value in variables.items()]
    terminal.run("env", *changed, sys.executable, asked, "--lang", "en", *words, more=more)
    assert terminal.code() == 2
    [line] = terminal.said()
    assert said in line
    assert (terminal.work / "imported").read_text() == ""
    if ">" in more:
        assert (terminal.work / "out").read_bytes() == b""
    assert_clean(terminal)
