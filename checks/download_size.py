"""Do files of an update's real size come through? One transfer of the largest file that the server's index names.

Gateways with a size limit pass everything until a full set of definitions is due. The transfer costs the network what
one full update of one client costs, so a flow says when it is worth it.
"""

from __future__ import annotations

from collections.abc import Sequence

from checks._update_index import INDEXES, below, published_index
from checks._update_ver import Module, local_name
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import INT, STRING, enum_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Download, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """The server's address, with facts, and under which condition over facts a transfer is worth it."""

    base: str
    indexes: tuple[str, ...] = INDEXES
    when: str | None = None


EVIDENCE = {
    "transfer": enum_of(("complete", "cut", "stalled", "slow", "refused", "replaced", "not_tried")),
    "transfer_url": STRING,
    "transfer_status": INT,
    "transfer_error": STRING,
    "largest_file": STRING,
    "file_size": STRING,
    "transferred": STRING,
}
_MOST = 512 * 1024 * 1024
"""Bytes that are fetched at most: several times the largest base so far."""
_KEEP = 64
_CUT = ("reset", "protocol")


def measure(context: Context, parameters: Parameters) -> Measurement:
    """Sizes are texts such as `65.3 MB`. `slow`: it still came when our own time was over, which proves nothing."""
    wanted = context.applies(parameters.when)
    if isinstance(wanted, Unseen):
        return dict.fromkeys(EVIDENCE, wanted)
    if not wanted:
        return {**dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, "")), "transfer": Saw("not_tried")}
    base = context.fill(parameters.base)
    if isinstance(base, Unseen):
        return dict.fromkeys(EVIDENCE, base)
    return _transfer(context.machine, base.strip(), parameters.indexes)


def _transfer(machine: Machine, base: str, indexes: Sequence[str]) -> Measurement:
    found = published_index(machine, base, indexes)
    if isinstance(found.answer, Unseen):
        return dict.fromkeys(EVIDENCE, found.answer)
    largest = found.index.largest
    if largest is None or largest.size is None:
        return dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, found.url, found.answer.error))
    url = below(_root(found.url, largest), local_name(largest.file))
    # One byte more than announced, so that a longer file shows.
    answer = machine.download(url, min(largest.size + 1, _MOST), _KEEP)
    sizes: dict[str, Sighting] = {
        "transfer_url": Saw(url),
        "largest_file": Saw(local_name(largest.file), found.url),
        "file_size": Saw(_megabytes(largest.size), found.url),
    }
    if isinstance(answer, Unseen):
        return {**dict.fromkeys(EVIDENCE, answer), **sizes}
    return {**sizes, **_came(answer, largest.size, url)}


def _came(answer: Download, size: int, url: str) -> dict[str, Sighting]:
    where = f"HTTP {url}"
    error = Saw(answer.error, where)
    if answer.status is None:
        nothing = Unseen(Reason.FAILED, where, answer.error)
        return {"transfer": nothing, "transfer_status": nothing, "transferred": nothing, "transfer_error": error}
    status = Saw(answer.status, where)
    transferred = Saw(_megabytes(answer.size), where)
    return {
        "transfer": Saw(_outcome(answer, size), where),
        "transfer_status": status,
        "transfer_error": error,
        "transferred": transferred,
    }


def _outcome(answer: Download, size: int) -> str:
    if answer.status != 200:
        return "refused"
    if answer.size >= min(size, _MOST):
        return "complete"
    if answer.error in _CUT:
        return "cut"
    if answer.error:
        return "slow" if answer.error == "timeout" else "stalled"
    return "replaced"


def _root(index_url: str, module: Module) -> str:
    """A path from the server's root starts there, anything else beside the index."""
    if module.file.strip().startswith("/"):
        scheme, _, rest = index_url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"
    return index_url.rpartition("/")[0]


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=90.0)
