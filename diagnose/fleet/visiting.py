"""The fewest computers to look at, so that every cause, in every group that differs, is seen on one of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import combinations
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)
Group = TypeVar("Group", bound=Hashable)

_MOST_TRIED = 200_000
"""Choices that are tried for the smallest one; beyond, the usual greedy way, which is within a factor of ln n."""


def fewest(groups: Mapping[Group, frozenset[Item]], sizes: Mapping[Group, int]) -> tuple[Group, ...]:
    """Groups that together have every item: as few as can be, of equal ones those with most members first.

    `groups` in an order that does not depend on chance decide between equals.
    """
    order = sorted(groups, key=lambda group: -sizes[group])
    useful = [
        group
        for at, group in enumerate(order)
        if groups[group]
        and not any(
            groups[group] < groups[other] or (groups[group] == groups[other] and number < at)
            for number, other in enumerate(order)
        )
    ]
    everything = frozenset[Item]().union(*groups.values())
    greedy = _greedy(useful, groups, everything)
    tried = 0
    for count in range(1, len(greedy)):
        for chosen in combinations(useful, count):
            tried += 1
            if tried > _MOST_TRIED:
                return greedy
            if len(frozenset[Item]().union(*(groups[group] for group in chosen))) == len(everything):
                return chosen
    return greedy


def _greedy(
    useful: list[Group], groups: Mapping[Group, frozenset[Item]], everything: frozenset[Item]
) -> tuple[Group, ...]:
    chosen: list[Group] = []
    left = everything
    while left:
        best = max(useful, key=lambda group: len(groups[group] & left))
        chosen.append(best)
        left -= groups[best]
    return tuple(chosen)
