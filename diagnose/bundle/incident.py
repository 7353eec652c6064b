"""The incident form: what a vendor asks besides logs, filled in by the operator or by the answers of the run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from diagnose.errors import InputError, Place, Problem, nearest
from diagnose.messages import Message, did_you_mean, message
from diagnose.rules.model import FormField
from diagnose.run.answers import AnswerError, parse_answer
from diagnose.run.result import DONT_KNOW, AnsweredBy, RunResult
from diagnose.text import Text
from diagnose.yaml_file import load_yaml

SCHEMA: Final = "diagnose.incident/1"


class From(StrEnum):
    """Where a value of the form comes from."""

    FORM = "form"
    RUN = "run"  # a question of the run was the same as the form's
    NOBODY = "nobody"


class IncidentValue(msgspec.Struct, frozen=True, kw_only=True):
    """One field as it stands; `value` is None when nobody filled it in."""

    id: str
    title: Text
    value: str | int | float | None
    value_text: Text | None = None
    """The chosen choice in words; None for free values."""
    given_by: From


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """incident.json; the fields in the vendor's order."""

    schema: Literal["diagnose.incident/1"] = SCHEMA
    run: str
    product: str
    flow: str
    fields: tuple[IncidentValue, ...]

    @property
    def missing(self) -> tuple[IncidentValue, ...]:
        """The fields that nobody filled in."""
        return tuple(field for field in self.fields if field.given_by is From.NOBODY)


def incident_of(form: tuple[FormField, ...], result: RunResult, given: Mapping[str, str | float]) -> Incident:
    """The form of the product with what is known: `given` wins over the run's own form, that over the run's answers."""
    answers = {
        question.id: question.answer
        for question in result.questions
        if question.answered_by is not AnsweredBy.DEFAULT and question.answer not in (None, DONT_KNOW, "***")
    }
    values = tuple(_value(field, {**result.incident, **given}, answers) for field in form)
    return Incident(run=result.run.id, product=result.product.id, flow=result.flow.id, fields=values)


def _value(field: FormField, form: Mapping[str, Any], answers: Mapping[str, Any]) -> IncidentValue:
    for given_by, source in ((From.FORM, form), (From.RUN, answers)):
        value = source.get(field.id)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            value = int(value) if isinstance(value, float) and value.is_integer() else value
            words = field.choices.get(str(value))
            return IncidentValue(id=field.id, title=field.title, value=value, value_text=words, given_by=given_by)
    return IncidentValue(id=field.id, title=field.title, value=None, given_by=From.NOBODY)


def read_form(form: tuple[FormField, ...], file: Path | None, options: Mapping[str, str]) -> dict[str, str | float]:
    """What the operator wrote: a YAML file of `field: value`, and options, which win. Raises InputError."""
    given: dict[str, object] = {}
    places: dict[str, Place] = {}
    if file is not None:
        document = load_yaml(file, as_written=True)
        if not isinstance(document.data, dict):
            raise InputError(message("form-mapping"), document.place(()))
        given.update(document.data)
        places.update({key: document.key_place((key,)) for key in given})
    given.update(options)
    places.update({key: Place(f"--incident {key}") for key in options})
    fields = {field.id: field for field in form}
    values: dict[str, str | float] = {}
    problems: list[Problem] = []
    for key, value in given.items():
        read = _read(fields, key, value)
        if isinstance(read, Message):
            problems.append(Problem(read, places[key]))
        elif read is not None:
            values[key] = read
    if problems:
        raise InputError.from_problems(problems)
    return values


def _read(fields: Mapping[str, FormField], key: str, value: object) -> str | float | Message | None:
    if key not in fields:
        return message("unknown-form-field", did_you_mean(nearest(key, list(fields))), name=key)
    if isinstance(value, dict | list):
        return message("answers-plain", name=key)
    try:
        read = parse_answer(fields[key], "" if value is None else str(value), None)
    except AnswerError as error:
        return message("answer-wrong", name=key, reason=error.reason)
    return read.date().isoformat() if isinstance(read, datetime) else read
