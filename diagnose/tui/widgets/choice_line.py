"""One line with a value of several, changed with left and right, Space or a click: a list that opens over others would
cut wide characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static


class ChoiceLine(Static, can_focus=True):
    """Shows `< text >`; the first value is usually "not chosen"."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right,space,enter", "turn(1)", show=False),
    ]

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, line: ChoiceLine, value: str) -> None:
            super().__init__()
            self.line = line
            self.value = value

        @property
        def control(self) -> ChoiceLine:
            return self.line

    def __init__(self, values: Sequence[str], value: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", markup=False, id=id)
        self._values = list(values)
        self.value = value if value in values else self._values[0]
        self._texts: dict[str, str] = {}

    def label(self, texts: dict[str, str]) -> None:
        """What each value is called now."""
        self._texts = texts
        self._draw()

    def _draw(self) -> None:
        self.update(f"< {self._texts.get(self.value, self.value)} >")

    def action_turn(self, by: int) -> None:
        place = (self._values.index(self.value) + by) % len(self._values)
        self.value = self._values[place]
        self._draw()
        self.post_message(self.Changed(self, self.value))

    def on_click(self) -> None:
        self.action_turn(1)
