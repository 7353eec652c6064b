"""The app of the screens: language, characters, colours, and the session that they show. What they say is in them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.message import Message
from textual.scrollbar import ScrollBar, ScrollBarRender

from diagnose.diagnostics import Exit, exit_code
from diagnose.errors import InputError
from diagnose.rules.compiled import CompiledFlow
from diagnose.run.answers import Answers
from diagnose.run.opening import Computer
from diagnose.text import Language
from diagnose.tui import clipboard
from diagnose.tui.background import Finished, in_background
from diagnose.tui.glyphs import Glyphs, plain
from diagnose.tui.page import Dialog, Page
from diagnose.tui.session import RunBroke, Session, SessionEvent, Told
from diagnose.tui.themes import THEMES
from diagnose.tui.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenOptions:
    language: Language
    machine: Path | None = None
    """A recorded computer instead of this one."""
    rules: tuple[Path, ...] = ()
    glyphs: Glyphs = Glyphs.UNICODE


_Made = TypeVar("_Made")


class SessionMessage(Message):
    """Something that a run told from its own thread."""

    def __init__(self, number: int, event: SessionEvent) -> None:
        super().__init__()
        self.number = number
        self.event = event


class _PlainBar(ScrollBarRender):
    """Without the part blocks, which old Japanese fonts draw two cells wide."""

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8


class DiagnoseApp(App[int]):
    """Returns the exit code."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "key-help", id="help", key_display="F1", priority=True),
        Binding("f2", "language", "key-language", id="language", key_display="F2", priority=True),
        Binding("f3", "commands", "key-commands", id="commands", key_display="F3", priority=True),
        Binding("f10", "ask_quit", "key-quit", id="quit", key_display="F10", priority=True),
        Binding("ctrl+q,ctrl+c", "ask_quit", show=False, priority=True),
    ]

    def __init__(self, options: ScreenOptions) -> None:
        super().__init__()
        self.options = options
        self.language = options.language
        self.glyphs = options.glyphs
        self.session: Session | None = None
        self.computer: Computer | None = None
        self.crash = ""
        # A spinner alone can stall a remote desktop; nothing here moves by itself.
        self.animation_level = "none"

    def on_mount(self) -> None:
        from diagnose.tui.screens.start import StartScreen

        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self._use_glyphs()
        self.push_screen(StartScreen())

    def shown(self, text: str) -> str:
        """As this console can draw it. What was read on the computer may hold what controls a terminal."""
        harmless = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
        return plain(harmless) if self.glyphs is Glyphs.ASCII else harmless

    def begin(self, flow: CompiledFlow, answers: Answers | None = None) -> None:
        """A session of this flow on the computer, and its screen."""
        from diagnose.tui.screens.run import RunScreen

        if self.computer is None:
            return
        self.session = Session(self.computer, flow, self.language, self._post, answers)
        self.push_screen(RunScreen(self.session))
        self.session.start()

    def in_background(
        self,
        work: Callable[[], _Made],
        done: Callable[[_Made], None],
        failed: Callable[[InputError], None] | None = None,
    ) -> None:
        """See `background`; an input error is told on the status line unless `failed` does something else."""
        in_background(self, work, done, failed or self.refuse)

    def on_finished(self, message: Finished[Any]) -> None:
        try:
            message.deliver()
        except NoMatches:
            # The program ends, and the screen that waited for it has lost its widgets already.
            if not (self._exit or self._closing):
                raise

    def refuse(self, error: InputError) -> None:
        problem = error.problems[0]
        sentence = problem.message.in_language(self.language)
        self.tell_text(f"{problem.place}: {sentence}" if problem.place else sentence)

    def _post(self, number: int, event: SessionEvent) -> None:
        self.post_message(SessionMessage(number, event))

    def on_session_message(self, message: SessionMessage) -> None:
        event = message.event
        if self.session is None or not self.session.take(message.number, event):
            return
        for screen in self.screen_stack:
            # One that is not there yet shows everything when it is.
            if isinstance(screen, Page | Dialog) and screen.is_mounted:
                screen.show_event(event)
        if isinstance(event, RunBroke):
            self.tell("run-broke", **_place(event.error))
        elif isinstance(event, Told):
            self.tell_text(event.what.in_language(self.language))

    def tell(self, name: str, **values: object) -> None:
        """A sentence on the status line of the page below."""
        page = self.page
        if page is not None:
            page.status.say(name, **values)

    def tell_text(self, text: str) -> None:
        page = self.page
        if page is not None:
            page.status.update(self.shown(text))

    @property
    def page(self) -> Page | None:
        """The topmost whole screen."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Page)), None)

    def action_language(self) -> None:
        self.language = Language.EN if self.language is Language.JA else Language.JA
        self._relabel()

    def action_glyphs(self) -> None:
        self.glyphs = Glyphs.UNICODE if self.glyphs is Glyphs.ASCII else Glyphs.ASCII
        self._use_glyphs()
        self._relabel()

    def _use_glyphs(self) -> None:
        ScrollBar.renderer = _PlainBar
        self.set_class(self.glyphs is Glyphs.ASCII, "-ascii")

    def action_use_theme(self, name: str) -> None:
        self.theme = name

    def _relabel(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Page | Dialog):
                screen.relabel()

    def action_help(self) -> None:
        from diagnose.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            name = getattr(self.screen, "help_name", "keys")
            self.push_screen(HelpScreen(name))

    def action_commands(self) -> None:
        from diagnose.tui.screens.commands import CommandsScreen

        if not isinstance(self.screen, CommandsScreen):
            self.push_screen(CommandsScreen(), self._command)

    def _command(self, action: str | None) -> None:
        if action is not None:
            self.call_later(self.run_action, action, self.page)

    def action_ask_quit(self) -> None:
        """At once when nothing runs; a second time while asking means yes."""
        from diagnose.tui.screens.quit import QuitScreen

        if self.session is None or not self.session.is_running or isinstance(self.screen, QuitScreen):
            self.leave()
        else:
            self.push_screen(QuitScreen(self.session))

    def leave(self) -> None:
        # Whatever a run still tells has no screen to be shown on.
        session, self.session = self.session, None
        if session is None or session.result is None:
            self.exit(Exit.PASS)
            return
        interrupted = session.is_running or session.result.run.interrupted
        session.stop()
        self.exit(exit_code(session.result.outcome, interrupted=interrupted))

    def copy(self, text: str) -> None:
        clipboard.copy(text)
        self.copy_to_clipboard(text)
        self.tell("copied", text=text)

    def _handle_exception(self, error: Exception) -> None:
        """Textual would print every local variable: names, answers, passwords. We keep one line for the terminal."""
        self._return_code = int(Exit.BUG)
        self.crash = self.crash or say("crashed", self.language, **_place(error))
        if self._exception is None:
            # So that tests see it.
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()


def _place(error: BaseException) -> dict[str, Any]:
    """Kind and place. Not its words: they may quote what was read on the computer."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-3:]))
    return {"kind": type(error).__name__, "place": place}
