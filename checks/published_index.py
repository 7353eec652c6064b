"""What an update server hands out to its clients: is it an index, how new is it, and is it the one in the folder?"""

from __future__ import annotations

from datetime import datetime

from checks._facts import time_fact
from checks._update_index import INDEXES, Published, engine_text, engine_time, published_index, read_index
from checks._update_ver import FORMS, Form
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DURATION, INT, STRING, TIMESTAMP, enum_of
from diagnose.machine.values import Absent, Download, Reason, Unseen
from diagnose.specs import FactName, Spec


class Parameters(Spec, frozen=True):
    """The server's address and, as facts, what the client has; the server's own folder, on the server itself."""

    base: str
    """With facts, such as `http://192.168.1.1:2221`."""
    indexes: tuple[str, ...] = INDEXES
    client_number: FactName | None = None
    client_date: FactName | None = None
    folder: str = ""
    """With facts."""


EVIDENCE = {
    "index_url": STRING,
    "http_status": INT,
    "http_error": STRING,
    "body_start": STRING,
    "published_form": enum_of(FORMS),
    "published_has_engine": BOOL,
    "published_engine": STRING,
    "published_date": TIMESTAMP,
    "published_age_days": INT,
    "published_ahead": INT,
    "published_newer_by": DURATION,
    "same_as_folder": BOOL,
}
_BODY_START = 80


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`published_ahead`: number of the server's engine minus the client's; `published_newer_by`: likewise their days.

    `http_error` is empty when an answer came; it is the probe's word for why none did.
    """
    base = context.fill(parameters.base)
    if isinstance(base, Unseen):
        return dict.fromkeys(EVIDENCE, base)
    found = published_index(context.machine, base.strip(), parameters.indexes)
    url: dict[str, Sighting] = {"index_url": Saw(found.url)}
    if isinstance(found.answer, Unseen):
        return {**dict.fromkeys(EVIDENCE, found.answer), **url}
    where = f"HTTP {found.url}"
    if found.answer.status is None:
        nothing = Unseen(Reason.FAILED, where, found.answer.error)
        return {**dict.fromkeys(EVIDENCE, nothing), **url, "http_error": Saw(found.answer.error, where)}
    return {
        **dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, where)),
        **url,
        "http_status": Saw(found.answer.status, where),
        "http_error": Saw("", where),
        "body_start": Saw(found.answer.start[:_BODY_START].decode("utf-8", "replace"), where),
        **(_published(context, parameters, found, where) if found.answer.status == 200 else {}),
        **_same(context, parameters, found.answer, where),
    }


def _published(context: Context, parameters: Parameters, found: Published, where: str) -> dict[str, Sighting]:
    form = Saw(str(found.index.form), where)
    if found.index.form is not Form.READABLE:
        return {"published_form": form}
    engine, text = found.index.engine, engine_text(found.index)
    sightings: dict[str, Sighting] = {"published_form": form, "published_has_engine": Saw(engine is not None, where)}
    if engine is None or engine.number is None or text is None:
        return sightings
    sightings["published_engine"] = Saw(text, where)
    sightings["published_ahead"] = _ahead(context, parameters.client_number, engine.number, where)
    time = engine_time(found.index, context.now.tzinfo)
    if time:
        sightings["published_date"] = Saw(time, where)
        sightings["published_age_days"] = Saw(max(0, (context.now - time).days), where)
        client = time_fact(context, parameters.client_date, "client_date")
        sightings["published_newer_by"] = _newer_by(client, time, where)
    return sightings


def _newer_by(client: Sighting, published: datetime, where: str) -> Sighting:
    if isinstance(client, Unseen) or not isinstance(client.value, datetime):
        return client
    return Saw(published - client.value, f"{where}; {client.where}")


def _ahead(context: Context, name: str | None, number: int, where: str) -> Sighting:
    client = context.fact(name) if name else Unseen(Reason.NO_SOURCE, "client_number")
    if isinstance(client, Saw) and isinstance(client.value, int):
        return Saw(number - client.value, f"{where}; {client.where}")
    return client if isinstance(client, Unseen) else Unseen(Reason.MALFORMED, client.where)


def _same(context: Context, parameters: Parameters, answer: Download, where: str) -> dict[str, Sighting]:
    """Compared byte by byte with the index in the folder."""
    if not parameters.folder or answer.status != 200:
        return {}
    folder = context.fill(parameters.folder)
    content = folder if isinstance(folder, Unseen) else read_index(context.machine, folder, parameters.indexes)
    if isinstance(content, Unseen):
        return {"same_as_folder": content}
    if isinstance(content, Absent):
        return {"same_as_folder": Unseen(Reason.MISSING, content.where)}
    if not content.whole or answer.size > len(answer.start):
        return {"same_as_folder": Saw(content.size == answer.size, f"{where}; {content.path}")}
    return {"same_as_folder": Saw(content.data == answer.start, f"{where}; {content.path}")}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=30.0)
