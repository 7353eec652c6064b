"""Lines over an axis: what a calculation would like to be drawn in the report. Numbers only, no drawing."""

from __future__ import annotations

import msgspec

from diagnose.text import Text


class Line(msgspec.Struct, frozen=True, kw_only=True):
    title: Text
    points: tuple[tuple[float, float], ...]
    """x and y in the units that the chart's titles name; x rises."""


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: Text
    x_title: Text
    """What is counted along the axis, with its unit."""
    y_title: Text
    lines: tuple[Line, ...]
    limit: float | None = None
    """A y that should not be passed."""
    limit_title: Text | None = None
