"""The operator's answers: read from text by the question's type, kept with who gave them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from pathlib import Path
from typing import Any

from diagnose.check import Value
from diagnose.errors import InputError, Place, Problem, nearest
from diagnose.messages import Message, did_you_mean, message
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.model import FormField, Question
from diagnose.run.result import DONT_KNOW, AnsweredBy
from diagnose.yaml_file import load_yaml

AnswerValue = str | float | datetime
TEXT_LIMIT = 2_000

# As consoles show dates: 2026-11-21, 2026/1/5, 2026年1月5日, 20261121.
_DATE = re.compile(r"([0-9]{4})(?:[-/年]([0-9]{1,2})[-/月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))")
_LARGEST = 10**300


@dataclass(frozen=True, slots=True)
class Answer:
    value: AnswerValue | None
    """None means "don't know"."""
    by: AnsweredBy


@dataclass(slots=True)
class Answers:
    """Answers by question id, and the incident form's fields."""

    given: dict[str, Answer] = field(default_factory=dict)
    incident: dict[str, str | float] = field(default_factory=dict)
    worked_out: dict[str, dict[str, Value]] = field(default_factory=dict)
    """By step, what an earlier run worked out of a secret answer, which nobody keeps."""


class AnswerError(ValueError):
    """A text that is no answer to its question."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason.id)
        self.reason = reason


def parse_answer(question: Question | FormField, text: str, zone: tzinfo | None) -> AnswerValue | None:
    """The typed answer; None for "unknown". Raises AnswerError. A date means the end of that day in `zone`."""
    word = text.strip()
    if not word or word == DONT_KNOW:
        return None
    match question.type:
        case "choice":
            if word not in question.choices:
                guess = did_you_mean(nearest(word, [*question.choices, DONT_KNOW]))
                choices = ", ".join([*question.choices, DONT_KNOW])
                raise AnswerError(message("answer-choice", guess, value=word, choices=choices))
            return word
        case "number":
            return _number(question, word)
        case "date":
            return _end_of_day(word, zone)
        case "text" | "secret":
            if len(word) > TEXT_LIMIT:
                raise AnswerError(message("answer-too-long", limit=TEXT_LIMIT))
            return word


def _number(question: Question | FormField, word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        raise AnswerError(message("answer-number", value=word)) from None
    low = question.minimum if isinstance(question, Question) else None
    high = question.maximum if isinstance(question, Question) else None
    outside = (low is not None and number < low) or (high is not None and number > high)
    if not math.isfinite(number) or outside:
        raise AnswerError(message("answer-range", value=word, low=_bound(low), high=_bound(high)))
    return number


def _bound(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"


def _end_of_day(word: str, zone: tzinfo | None) -> datetime:
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", word))
    try:
        day = date(*(int(part) for part in found.groups() if part)) if found is not None else None
    except ValueError:
        day = None
    if day is None:
        raise AnswerError(message("answer-date", value=word))
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone)


def collect_answers(flow: CompiledFlow, file: Path | None, options: Mapping[str, str], zone: tzinfo | None) -> Answers:
    """Answers from `--answers FILE` and `--answer KEY=VALUE`; an option wins over the file. Raises InputError."""
    given: dict[str, Any] = {}
    places: dict[str, Place] = {}
    if file is not None:
        document = load_yaml(file, as_written=True)
        if not isinstance(document.data, dict):
            raise InputError(message("answers-mapping"), document.place(()))
        given.update(document.data)
        places.update({key: document.key_place((key,)) for key in given})
    given.update(options)
    places.update({key: Place(f"--answer {key}") for key in options})
    return take_answers(flow, given, places, zone)


def take_answers(
    flow: CompiledFlow, given: Mapping[str, Any], places: Mapping[str, Place], zone: tzinfo | None
) -> Answers:
    """Answers by question or incident field, as written in YAML or on the command line. Raises InputError."""
    answers = Answers()
    problems: list[Problem] = []
    for key, value in given.items():
        if isinstance(value, dict | list):
            problem: Message | None = message("answers-plain", name=key)
        else:
            problem = _take(flow, answers, key, _written(value), zone)
        if problem is not None:
            problems.append(Problem(problem, places[key]))
    if problems:
        raise InputError.from_problems(problems)
    return answers


def _written(value: Any) -> str:
    """A YAML scalar as the operator wrote it."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
        return hex(value)  # Python writes no decimal text of thousands of digits
    return str(value).lower() if isinstance(value, bool) else str(value)


def _take(flow: CompiledFlow, answers: Answers, key: str, text: str, zone: tzinfo | None) -> Message | None:
    fields = {form.id: form for form in flow.product.incident}
    question = flow.flow.questions.get(key)
    if question is None and key not in fields:
        guess = nearest(key, [*flow.flow.questions, *fields])
        return message("unknown-question", did_you_mean(guess), name=key)
    try:
        if question is not None:
            answers.given[key] = Answer(parse_answer(question, text, zone), AnsweredBy.FILE)
        if key in fields:
            value = parse_answer(fields[key], text, zone)
            if value is not None:
                answers.incident[key] = value.date().isoformat() if isinstance(value, datetime) else value
    except AnswerError as error:
        return message("answer-wrong", name=key, reason=error.reason)
    return None
