"""The plan of a bundle for people to read (`diagnose bundle --list`), and the time they give for the incident."""

from __future__ import annotations

from datetime import datetime, timedelta

from diagnose.bundle.log_pieces import Window
from diagnose.bundle.plan import CollectionPlan, PlannedSource, SourceState, Take
from diagnose.bundle.sizes import size_text
from diagnose.errors import InputError
from diagnose.messages import message
from diagnose.report.formats import time_text
from diagnose.text import Language

_STATES = {
    SourceState.ABSENT: "plan-absent",
    SourceState.UNSEEN: "plan-unseen",
    SourceState.NOT_APPLICABLE: "plan-not-applicable",
}
_TAKES = {
    Take.WHOLE: "plan-take-whole",
    Take.PARTS: "plan-take-parts",
    Take.NOTHING: "plan-take-nothing",
    Take.NO_ROOM: "plan-take-no-room",
    Take.LEFT_OUT: "plan-take-left-out",
}
_NEAR = timedelta(hours=1)
_DAY = timedelta(days=1, microseconds=-1)


def incident_window(text: str, now: datetime) -> Window:
    """An hour to either side of `2026-11-20 08:30`, or the whole of `2026-11-20`; a time without a zone is in that of
    `now`, which is the computer's. Raises InputError.
    """
    written = text.strip()
    try:
        moment = datetime.fromisoformat(written)
        moment = moment.replace(tzinfo=now.tzinfo) if moment.tzinfo is None else moment
        if len(written) <= len("2026-11-20"):
            return Window(moment, moment + _DAY)
        return Window(moment - _NEAR, moment + _NEAR)
    except (ValueError, OverflowError):
        raise InputError(message("around-form", text=text)) from None


def plan_lines(plan: CollectionPlan, language: Language) -> list[str]:
    lines = [line for source in plan.sources for line in _source_lines(source, language)]
    total = message("plan-total", taken=size_text(plan.taken_bytes), found=size_text(plan.found_bytes))
    fits = message("plan-fits" if plan.fits else "plan-does-not-fit", zip=size_text(plan.estimated_zip_bytes))
    return [*lines, "", total.in_language(language), fits.in_language(language)]


def _source_lines(source: PlannedSource, language: Language) -> list[str]:
    title = source.title.in_language(language)
    if source.state is not SourceState.FOUND:
        word = message(_STATES[source.state]).in_language(language)
        return [f"- {title}: {word}  {source.pattern}"]
    begins, ends = source.period
    period = " – ".join(time_text(time) for time in (begins, ends) if time)
    taken = size_text(sum(file.taken for file in source.files))
    lines = [f"+ {title}: {taken}  {period}".rstrip()]
    lines += [
        f"    {file.path}  {size_text(file.size or 0)}  {_take_word(file.take, language)}".rstrip()
        for file in source.files
    ]
    if source.older:
        lines.append("    " + message("plan-older", count=source.older).in_language(language))
    return lines


def _take_word(take: Take, language: Language) -> str:
    return message(_TAKES[take]).in_language(language)
