"""Which of the measures against a large update suit this environment, the best first, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calculations import mirror_load
from calculations._measures import IMPOSSIBLE, MEASURES, Environment, Measure, Reason
from calculations._update_plan import INPUTS, plan
from diagnose.calculation import Calculated, Calculation, Input
from diagnose.expressions.types import BOOL, DOUBLE, DYN, INT
from diagnose.text import Text


@dataclass(frozen=True, slots=True)
class Ranked:
    measure: Measure
    reasons: Sequence[Reason]

    @property
    def possible(self) -> bool:
        return all(reason.weight > IMPOSSIBLE for reason in self.reasons)

    @property
    def weight(self) -> int:
        return sum(reason.weight for reason in self.reasons)


def ranked(where: Environment) -> list[Ranked]:
    """All measures, those that suit best first; of equals the guide's first. Those that cannot be used come last."""
    weighed = [Ranked(measure, tuple(measure.weigh(where))) for measure in MEASURES]
    return sorted(weighed, key=lambda one: (not one.possible, -one.weight if one.possible else 0, one.measure.number))


def _calculate(given: Mapping[str, Any]) -> Calculated:
    mirrors = mirror_load.CALCULATION.calculate(given).evidence
    planned = plan(given)
    where = Environment(
        plan=planned,
        mirror_overloaded=mirrors.get("mirrors_fit") is False and not given["web_server"],
        mirrors_needed=int(str(mirrors["mirrors_needed"])),
        web_server=bool(given["web_server"]),
        managed=given["managed"],
        can_change_network=given["can_change_network"],
        can_change_settings=given["can_change_settings"],
    )
    order = ranked(where)
    lines = [_line(place, one) for place, one in enumerate(order, 1)]
    return Calculated(
        {
            "measures": tuple(one.measure.title for one in order if one.possible),
            "impossible_measures": tuple(one.measure.title for one in order if not one.possible),
            "usable_measures": sum(one.possible for one in order),
            "ranking": Text(ja="\n".join(line.ja for line in lines), en="\n".join(line.en for line in lines)),
        }
    )


def _line(place: int, one: Ranked) -> Text:
    measure = one.measure
    telling = [reason for reason in one.reasons if one.possible or reason.weight == IMPOSSIBLE]
    telling = sorted(telling, key=lambda reason: -reason.weight)
    sign = f"{place}." if one.possible else "×"
    return Text(
        ja=f"{sign} {measure.title.ja}（方法{measure.number}）：{''.join(reason.text.ja for reason in telling)}",
        en=f"{sign} {measure.title.en} (way {measure.number}): {' '.join(reason.text.en for reason in telling)}",
    )


CALCULATION = Calculation(
    inputs={
        **INPUTS,
        "clients_a_mirror": Input(DOUBLE),
        "web_server": Input(BOOL, needed=False),
        "managed": Input(BOOL, needed=False),
        "can_change_network": Input(BOOL, needed=False),
        "can_change_settings": Input(BOOL, needed=False),
    },
    evidence={
        "measures": DYN,
        "impossible_measures": DYN,
        "usable_measures": INT,
        "ranking": DYN,
    },
    calculate=_calculate,
)
