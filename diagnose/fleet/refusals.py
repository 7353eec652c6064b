"""Results that do not count and files that are none, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from diagnose.fleet.collected import MOST_LISTED, Collected
from diagnose.fleet.latest import LeftOut
from diagnose.fleet.report import LeftOutResult
from diagnose.fleet.words import WHY
from diagnose.report.formats import one_line, shortened
from diagnose.text import Text


def left_out_results(found: Collected, left_out: Sequence[LeftOut]) -> tuple[LeftOutResult, ...]:
    """Files first; of both kinds the first thousand."""
    files = [
        LeftOutResult(source=one.source, host="", reason=one.reason, detail=one.detail, text=WHY[one.reason])
        for one in found.refused
    ]
    results = [
        LeftOutResult(
            source=shortened(one_line(one.source), 500), host=one.host, reason=one.why, detail="", text=WHY[one.why]
        )
        for one in left_out[:MOST_LISTED]
    ]
    return (*files, *results)


def counted(left_out: Sequence[LeftOutResult]) -> Mapping[str, tuple[Text, int]]:
    """By reason, the most frequent first."""
    counts = Counter(one.reason for one in left_out)
    return {reason: (WHY[reason], count) for reason, count in counts.most_common()}
