"""Several places that can each show the same state: one that shows it is enough."""

from __future__ import annotations

from collections.abc import Sequence

from checks._places import places
from diagnose.check import Measurement, Saw
from diagnose.machine.values import Absent, Unseen

Look = Saw | Absent | Unseen
"""One place: Saw(text) when it shows the state, Absent when it does not."""


def conclude(looks: Sequence[Look], *, state: str, indicators: str) -> Measurement:
    """The evidence named `state` (bool) and the one named `indicators` (texts of the places that show it).

    False needs at least one place that could be seen; the unseen ones are then named in `where`.
    """
    hits = [look for look in looks if isinstance(look, Saw)]
    unseen = [look for look in looks if isinstance(look, Unseen)]
    if unseen and len(unseen) == len(looks):
        return {state: unseen[0], indicators: unseen[0]}
    clear = [look for look in looks if isinstance(look, Absent)]
    where = places(hit.where for hit in hits) if hits else places((look.where for look in clear), unseen)
    return {state: Saw(bool(hits), where), indicators: Saw(tuple(str(hit.value) for hit in hits), where)}
