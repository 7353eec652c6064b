"""A line of text to type into, which a Japanese input method can use."""

from __future__ import annotations

import re

from textual.geometry import Offset
from textual.screen import Screen
from textual.widgets import Input


class TextInput(Input):
    """An Input that keeps the terminal's own cursor on the cursor that is drawn.

    Input methods show what is being composed at the terminal's cursor, which Textual hides but moves. Its Input puts it
    one column too far at the end of the text, and leaves it behind when the text scrolls or the layout changes.
    """

    def on_mount(self) -> None:
        self.screen.screen_layout_refresh_signal.subscribe(self, self._follow_layout, immediate=True)

    def validate_value(self, value: str) -> str:
        """Tabs and control characters are drawn otherwise than they are counted; a line of text needs none."""
        return re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", value)

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the cursor is drawn on the screen; `_value` is what is drawn (a password: dots)."""
        x, y, _width, _height = self.content_region
        return Offset(x + self._value[: self.cursor_position].cell_len - self.scroll_offset.x, y)

    def watch_selection(self) -> None:
        self._place_terminal_cursor()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_x(old_value, new_value)
        self._place_terminal_cursor()

    def _place_terminal_cursor(self) -> None:
        """Of the focused input, not of this one: a text may also be set while the user types elsewhere."""
        focused = self.app.focused
        if isinstance(focused, TextInput):
            self.app.cursor_position = focused.cursor_screen_offset

    def _follow_layout(self, _screen: Screen[object]) -> None:
        """The layout has been drawn already; drawing again takes the terminal's cursor along."""
        if self.has_focus and self.app.cursor_position != self.cursor_screen_offset:
            self._place_terminal_cursor()
            self.refresh()
