"""What the vendor will ask, in its order; known answers are filled in, and every field is kept when it is left."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from diagnose.bundle.incident import Incident, incident_of
from diagnose.rules.model import FormField
from diagnose.run.answers import AnswerError, parse_answer
from diagnose.tui.form_file import load_form, save_form
from diagnose.tui.page import Page, Words, app_of
from diagnose.tui.session import Session
from diagnose.tui.widgets.choice_line import ChoiceLine
from diagnose.tui.widgets.text_input import TextInput
from diagnose.tui.words import say

_EMPTY = ""


class IncidentScreen(Page):
    CSS_PATH = "incident.tcss"
    help_name = "incident"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "bundle", "key-bundle", key_display="F8"),
        Binding("escape,f6", "back", "key-back", key_display="Esc"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._form = session.flow.product.incident
        self._values: dict[str, str | float] = {}

    def content(self) -> ComposeResult:
        yield Words("form-title" if self._form else "form-none", id="title")
        yield Words("form-hint", classes="muted")
        yield VerticalScroll(id="fields", can_focus=False)

    def on_mount(self) -> None:
        folder, form = self.session.folder, self._form
        if folder is not None:
            app_of(self).in_background(lambda: load_form(folder, form), self._fill)
        else:
            self._fill({})

    def _fill(self, draft: dict[str, str | float]) -> None:
        self._values = dict(draft)
        result = self.session.result
        if result is None:
            return
        known = incident_of(self._form, result, draft)
        self.call_later(self._show, known)

    async def _show(self, known: Incident) -> None:
        fields = self.query_one("#fields")
        for field, value in zip(self._form, known.fields, strict=True):
            text = "" if value.value is None else str(value.value)
            await fields.mount(Static(id=f"title-{field.id}", classes="field", markup=False))
            if field.choices:
                await fields.mount(ChoiceLine([_EMPTY, *field.choices], text, id=f"field-{field.id}"))
            else:
                await fields.mount(TextInput(text, id=f"field-{field.id}"))
            await fields.mount(Static(id=f"wrong-{field.id}", classes="wrong error", markup=False))
        self.relabel()
        if self._form:
            self.query_one(f"#field-{self._form[0].id}").focus()

    def relabel(self) -> None:
        super().relabel()
        app = app_of(self)
        for field in self._form:
            for title in self.query(f"#title-{field.id}").results(Static):
                title.update(app.shown(self._title(field)))
            for line in self.query(f"#field-{field.id}").results(ChoiceLine):
                texts = {name: app.shown(text.in_language(app.language)) for name, text in field.choices.items()}
                line.label({_EMPTY: app.shown(say("form-empty", app.language)), **texts})

    def _title(self, field: FormField) -> str:
        language = app_of(self).language
        parts = [field.title.in_language(language)]
        if field.for_the_vendor:
            parts.append(say("form-for-vendor", language))
        if field.help is not None:
            parts.append(f"- {field.help.in_language(language)}")
        return " ".join(parts)

    @on(Input.Blurred)
    def _left(self, message: Input.Blurred) -> None:
        self._take(str(message.input.id), message.value)

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        self._take(str(message.input.id), message.value)
        self.focus_next()

    @on(ChoiceLine.Changed)
    def _turned(self, message: ChoiceLine.Changed) -> None:
        self._take(str(message.line.id), message.value)

    def _take(self, id: str, text: str) -> None:  # noqa: A002
        """Read and keep one field; a value that is none is said beside it and not kept."""
        app, name = app_of(self), id.removeprefix("field-")
        field = next((field for field in self._form if field.id == name), None)
        if field is None:
            return
        wrong = self.query_one(f"#wrong-{name}", Static)
        try:
            value = parse_answer(field, text, None)
        except AnswerError as error:
            wrong.update(app.shown(error.reason.in_language(app.language)))
            wrong.add_class("-told")
            return
        wrong.update("")
        wrong.remove_class("-told")
        before = dict(self._values)
        if value is None:
            self._values.pop(name, None)
        else:
            self._values[name] = value if isinstance(value, str | float) else value.date().isoformat()
        folder, values = self.session.folder, dict(self._values)
        if values != before and folder is not None:
            app.in_background(lambda: save_form(folder, values), lambda path: app.tell("form-saved", path=path))

    def _take_all(self) -> None:
        for field in self.query(TextInput):
            self._take(str(field.id), field.value)

    def action_bundle(self) -> None:
        from diagnose.tui.screens.bundle import BundleScreen

        self._take_all()
        if self.session.folder is not None and not self.session.is_running:
            self.app.push_screen(BundleScreen(self.session))

    def action_back(self) -> None:
        self._take_all()
        self.app.pop_screen()
