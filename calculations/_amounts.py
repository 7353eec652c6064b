"""Amounts in the words of both languages."""

from __future__ import annotations

from datetime import timedelta

from diagnose.text import Text

_LONGEST = 1e9
"""Minutes; what takes longer than that takes for ever."""


def rounded(amount: float) -> float:
    """As exact as anybody wants to know: one decimal place below a hundred, none above."""
    return round(amount, 1) if abs(amount) < 100 else float(round(amount))


def number(amount: float) -> str:
    """`68.4`, `34,200`."""
    short = rounded(amount)
    return f"{short:,.0f}" if short == int(short) else f"{short:,.1f}"


def span(minutes: float) -> timedelta:
    """Whole minutes from ten on, whole seconds below."""
    bounded = min(minutes, _LONGEST)
    return timedelta(minutes=round(bounded)) if bounded >= 10 else timedelta(seconds=round(bounded * 60))


def minutes_text(minutes: float) -> Text:
    """`46 分`, `4 時間 34 分`, `3.5 日`."""
    if minutes < 120:
        return Text(ja=f"{number(minutes)} 分", en=f"{number(minutes)} min")
    if minutes < 2880:
        hours, rest = divmod(round(minutes), 60)
        return Text(ja=f"{hours} 時間 {rest} 分", en=f"{hours} h {rest} min")
    days = number(min(minutes, _LONGEST) / 1440)
    return Text(ja=f"{days} 日", en=f"{days} days")
