"""The support bundle: which logs leave and how they will look, then the archive with its proof."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from diagnose.bundle.assemble import Made
from diagnose.bundle.ordering import (
    Opened,
    Order,
    Prepared,
    bundle_name,
    keep_map,
    make,
    maps_folder,
    open_run,
    prepare,
    preview,
)
from diagnose.bundle.plan import PlannedSource, SourceState
from diagnose.bundle.preview import PreviewLine
from diagnose.bundle.private_map import KEY_BYTES
from diagnose.bundle.sizes import size_text
from diagnose.errors import InputError
from diagnose.report.formats import time_text
from diagnose.run.clock import SystemClock
from diagnose.text import Language
from diagnose.tui.form_file import load_form
from diagnose.tui.output_folder import output_folder
from diagnose.tui.page import Page, Words, app_of
from diagnose.tui.session import Session
from diagnose.tui.widgets.choices import Choices, Entry
from diagnose.tui.words import say

_PREVIEW_LINES = 12


@dataclass(frozen=True, slots=True)
class _Written:
    made: Made
    target: Path
    map: Path | None


class BundleScreen(Page):
    CSS_PATH = "bundle.tcss"
    help_name = "bundle"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "make", "key-make", key_display="F8"),
        Binding("c", "copy", "key-copy", show=False),
        Binding("escape", "back", "key-back", key_display="Esc"),
    ]

    class Collected(Message):
        """Told while the archive is written; bytes."""

        def __init__(self, done: int, total: int) -> None:
            super().__init__()
            self.done = done
            self.total = total

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._opened: Opened | None = None
        self._prepared: Prepared | None = None
        self._left_out: frozenset[str] = frozenset()
        # One key for the preview and for the archive: what was shown is what leaves.
        self._key = secrets.token_bytes(KEY_BYTES)
        self._stop = threading.Event()
        self._making = False
        self._written: _Written | None = None

    def content(self) -> ComposeResult:
        yield Words("bundle-title", id="title")
        yield Words("bundle-planning", id="total")
        with Horizontal(id="both"):
            yield Choices(id="sources")
            with VerticalScroll(id="pane"):
                yield Words("bundle-preview-none", id="about")
                yield Static("", id="sample", markup=False)

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self._plan()

    def relabel(self) -> None:
        super().relabel()
        self.call_later(self._list)

    def _plan(self) -> None:
        app, folder, key, left_out = app_of(self), self._session.folder, self._key, self._left_out
        if folder is None:
            return
        rules, language, opened = app.options.rules, app.language, self._opened
        form = self._session.flow.product.incident

        def plan() -> Prepared:
            run = opened or open_run(folder, rules)
            target = output_folder() / bundle_name(run.saved.result)
            values = load_form(folder, form)
            order = Order(run=folder, target=target, language=language, key=key, form=values, left_out=left_out)
            return prepare(replace(order, rules=rules), run)

        app.in_background(plan, self._planned)

    def _planned(self, prepared: Prepared) -> None:
        self._prepared, self._opened = prepared, prepared.opened
        if not self._making and self._written is None:
            plan = prepared.plan
            taken, packed = size_text(plan.taken_bytes), size_text(plan.estimated_zip_bytes)
            self.query_one("#total", Words).say("bundle-total", taken=taken, zip=packed)
        self.call_later(self._list)

    async def _list(self) -> None:
        if self._prepared is None:
            return
        app = app_of(self)
        sources = self._prepared.plan.sources
        entries = [Entry(source.id, app.shown(self._line(source, app.language))) for source in sources]
        await self.query_one(Choices).show(entries)

    def _line(self, source: PlannedSource, language: Language) -> str:
        title = source.title.in_language(language)
        if source.state is not SourceState.FOUND:
            return "    " + say("bundle-absent", language, title=title)
        mark = " " if source.id in self._left_out else "x"
        begins, ends = source.period
        days = dict.fromkeys(time_text(time)[:10] for time in (begins, ends) if time)
        period = " - ".join(days)
        size = size_text(sum(file.size or 0 for file in source.files))
        return f"[{mark}] {say('bundle-source', language, title=title, size=size, period=period)}"

    @on(Choices.Chosen)
    def _toggled(self, message: Choices.Chosen) -> None:
        if self._prepared is None or self._making:
            return
        source = self._source(message.entry.id)
        if source is not None and source.state is SourceState.FOUND:
            self._left_out ^= {source.id}
            self._plan()

    @on(Choices.Looked)
    def _looked(self, message: Choices.Looked) -> None:
        source, prepared = self._source(message.entry.id), self._prepared
        about = self.query_one("#about", Words)
        self.query_one("#sample", Static).update("")
        if source is None or prepared is None or not source.files or self._making:
            about.say("bundle-preview-none")
            return
        path, wanted = source.files[0].path, source.id
        about.say("bundle-preview-loading")

        def show(lines: tuple[PreviewLine, ...]) -> None:
            current = self.query_one(Choices).current
            if current is not None and current.id == wanted:
                about.say("bundle-preview", path=Path(path.replace("\\", "/")).name)
                text = "\n".join(line.after for line in lines)
                self.query_one("#sample", Static).update(app_of(self).shown(text))

        def refused(error: InputError) -> None:
            about.say("bundle-preview-none")
            app_of(self).refuse(error)

        app_of(self).in_background(lambda: preview(prepared, path, _PREVIEW_LINES), show, refused)

    def _source(self, id: str) -> PlannedSource | None:  # noqa: A002
        sources = self._prepared.plan.sources if self._prepared is not None else ()
        return next((source for source in sources if source.id == id), None)

    def action_make(self) -> None:
        prepared = self._prepared
        if prepared is None or self._making:
            return
        self._making = True
        self._stop.clear()
        self.query_one("#total", Words).say("bundle-cancel")
        app_of(self).in_background(lambda: self._make(prepared), self._ended, self._refused)

    def _make(self, prepared: Prepared) -> _Written | None:
        """In a thread of its own; None when it was stopped."""

        def progress(done: int, total: int) -> None:
            if self._stop.is_set():
                raise KeyboardInterrupt
            self.post_message(self.Collected(done, total))

        try:
            made = make(prepared, SystemClock(), progress)
        except KeyboardInterrupt:
            return None
        try:
            kept: Path | None = keep_map(made, maps_folder())
        except (InputError, OSError):
            kept = None
        return _Written(made, prepared.order.target, kept)

    def on_bundle_screen_collected(self, message: Collected) -> None:
        if message.done < message.total:
            self.status.say("bundle-working", done=size_text(message.done), total=size_text(message.total))
        else:
            self.status.say("bundle-finishing")

    def _ended(self, written: _Written | None) -> None:
        self._making = False
        if written is None:
            self.status.say("bundle-cancelled")
            self._plan()
            return
        self._written = written
        path = str(written.target)
        app_of(self).copy(path)
        self.query_one("#total", Words).say("bundle-made", path=path, size=size_text(written.made.size))
        self.status.say("bundle-map", path=str(written.map)) if written.map is not None else self.status.say("")

    def _refused(self, error: InputError) -> None:
        self._making = False
        app_of(self).refuse(error)

    def action_copy(self) -> None:
        if self._written is not None:
            app_of(self).copy(str(self._written.target))

    def action_back(self) -> None:
        if self._making:
            self._stop.set()
        else:
            self.app.pop_screen()
