"""What the first screen offers: flows by product, those detected first, and runs that were not finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diagnose.errors import InputError
from diagnose.input_files import folder_entries, is_folder
from diagnose.report.formats import time_text
from diagnose.rules.folders import SHARED_PRODUCT
from diagnose.rules.model import Flow, Product
from diagnose.run.choosing import Detected, detect
from diagnose.run.opening import Computer, state_folder
from diagnose.run.result import RunResult
from diagnose.run.store import RESULT, open_result
from diagnose.text import Language
from diagnose.tui.search import matches
from diagnose.tui.widgets.choices import Entry
from diagnose.tui.words import say

_MOST_RUNS = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """One flow of one product."""

    product: Product
    flow: Flow
    group: str
    """The name of its heading in WORDS."""

    @property
    def id(self) -> str:
        return f"flow:{self.product.id}/{self.flow.id}"

    def fits(self, query: str) -> bool:
        product, flow = self.product, self.flow
        return matches(query, [product.id, product.name, flow.id, flow.title, flow.source, *flow.symptoms])


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A kept run that can go on."""

    folder: Path
    result: RunResult

    @property
    def id(self) -> str:
        return f"run:{self.folder.name}"

    def fits(self, query: str) -> bool:
        result = self.result
        return matches(query, [result.product.name, result.flow.title, result.run.id])


_ORDER = ("start-detected", "start-this-computer", "start-undecided", "start-others")


def offers(computer: Computer) -> tuple[Offer, ...]:
    """Every flow for this kind of computer, detected products first. May take seconds. Raises InputError."""
    found = []
    for product_id in computer.folders.product_ids():
        detected = detect(computer.folders, product_id, computer.recorder, computer.now)
        if str(computer.recorder.platform) not in detected.product.platforms:
            continue
        group = _group(detected)
        found += [
            Offer(detected.product, computer.folders.flow(product_id, flow).value, group)
            for flow in computer.folders.flow_ids(product_id)
        ]
    return tuple(sorted(found, key=_place))


def _place(offer: Offer) -> tuple[int, bool, str, str]:
    product = offer.product
    return _ORDER.index(offer.group), product.part_of_system, product.id, offer.flow.id


def _group(detected: Detected) -> str:
    if detected.product.id == SHARED_PRODUCT:
        return "start-this-computer"
    if detected.roles:
        return "start-detected"
    return "start-undecided" if detected.undecided else "start-others"


def unfinished_runs(hostname: str | None) -> tuple[Unfinished, ...]:
    """The newest kept runs of this computer that were not brought to an end."""
    folder = state_folder()
    if not is_folder(folder):
        return ()
    found: list[Unfinished] = []
    # Their names begin with the time of the run.
    for path in sorted(folder_entries(folder), key=lambda path: path.name, reverse=True):
        if len(found) == _MOST_RUNS:
            break
        if not (path / RESULT).is_file():
            continue
        try:
            result = open_result(path)
        except InputError:
            continue
        open_end = result.run.finished is None or result.run.interrupted
        if open_end and result.machine.hostname == hostname:
            found.append(Unfinished(path, result))
    return tuple(found)


def entries(offered: Sequence[Offer], runs: Sequence[Unfinished], query: str, language: Language) -> list[Entry]:
    """With a heading above each group; what does not fit the query is left out."""
    made: list[Entry] = []

    def add(group: str, lines: list[Entry]) -> None:
        if lines:
            made.append(Entry(f"heading:{group}", say(group, language), heading=True))
            made.extend(lines)

    fitting = [offer for offer in offered if offer.fits(query)]
    for group in _ORDER:
        add(group, [_flow_entry(offer, language) for offer in fitting if offer.group == group])
        if group == _ORDER[0]:
            add("start-resume", [_run_entry(run, language) for run in runs if run.fits(query)])
    return made


def _flow_entry(offer: Offer, language: Language) -> Entry:
    name = offer.product.name.in_language(language)
    title = offer.flow.title.in_language(language)
    return Entry(offer.id, title if offer.group == "start-this-computer" else f"{name}: {title}")


def _run_entry(run: Unfinished, language: Language) -> Entry:
    flow = f"{run.result.product.name.in_language(language)}: {run.result.flow.title.in_language(language)}"
    return Entry(run.id, say("start-run-of", language, when=time_text(run.result.run.started), flow=flow))
