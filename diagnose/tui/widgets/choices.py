"""Lists that are worked with arrows, digits and the mouse: one line an entry, no sign of uncertain width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widgets import ListItem, ListView, Static


@dataclass(frozen=True, slots=True)
class Entry:
    """`id` is what it means; a heading cannot be chosen. `look` names a colour, which never says anything alone."""

    id: str
    text: str
    heading: bool = False
    look: str = ""


class Row(ListItem):
    """One entry; only its own cells are drawn again when its text changes."""

    def __init__(self, entry: Entry) -> None:
        self._line = Static(entry.text, markup=False, classes=entry.look or None)
        super().__init__(self._line, disabled=entry.heading, classes="heading" if entry.heading else None)
        self.entry = entry

    def show(self, entry: Entry) -> None:
        if entry != self.entry:
            self.entry = entry
            self._line.set_classes(entry.look)
            self._line.update(entry.text)


class Choices(ListView):
    """Entries of which one is chosen with Enter, a click, or its digit."""

    BINDINGS: ClassVar[list[BindingType]] = [("space", "select_cursor", "")]

    class Chosen(Message):
        """With Enter, Space, a click or from elsewhere."""

        def __init__(self, choices: Choices, entry: Entry) -> None:
            super().__init__()
            self.choices = choices
            self.entry = entry

        @property
        def control(self) -> Choices:
            return self.choices

    class Looked(Message):
        """The cursor stands on this entry now."""

        def __init__(self, choices: Choices, entry: Entry) -> None:
            super().__init__()
            self.choices = choices
            self.entry = entry

        @property
        def control(self) -> Choices:
            return self.choices

    def __init__(self, entries: Sequence[Entry] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(*(Row(entry) for entry in entries), id=id, initial_index=_first(entries))

    @property
    def entries(self) -> list[Entry]:
        return [row.entry for row in self.query(Row)]

    @property
    def current(self) -> Entry | None:
        child = self.highlighted_child
        return child.entry if isinstance(child, Row) else None

    async def show(self, entries: Sequence[Entry], *, keep: str | None = None) -> None:
        """Other entries; rows that stay in their place are drawn again only where they differ."""
        if not self.is_mounted:
            self.call_after_refresh(self.show, entries, keep=keep)
            return
        rows = list(self.query(Row))
        wanted = keep if keep is not None else (self.current.id if self.current is not None else None)
        if [(row.entry.id, row.entry.heading) for row in rows] == [(one.id, one.heading) for one in entries]:
            for row, entry in zip(rows, entries, strict=True):
                row.show(entry)
        else:
            await self.clear()
            await self.extend(Row(entry) for entry in entries)
            self.index = _first(entries)
        index = next((number for number, one in enumerate(entries) if one.id == wanted and not one.heading), None)
        if index is not None and index != self.index:
            self.index = index

    def put(self, entry: Entry) -> None:
        """One entry has another text."""
        for row in self.query(Row):
            if row.entry.id == entry.id:
                row.show(entry)

    def move_to(self, id: str) -> None:  # noqa: A002
        index = next((number for number, one in enumerate(self.entries) if one.id == id), None)
        if index is not None:
            self.index = index

    def choose(self, id: str) -> None:  # noqa: A002
        entry = next((one for one in self.entries if one.id == id and not one.heading), None)
        if entry is not None:
            self.post_message(self.Chosen(self, entry))

    def on_list_view_selected(self, event: ListView.Selected) -> None:
        event.stop()
        if isinstance(event.item, Row):
            self.post_message(self.Chosen(self, event.item.entry))

    def on_list_view_highlighted(self, event: ListView.Highlighted) -> None:
        event.stop()
        if isinstance(event.item, Row):
            self.post_message(self.Looked(self, event.item.entry))


def _first(entries: Sequence[Entry]) -> int | None:
    return next((number for number, entry in enumerate(entries) if not entry.heading), None)
