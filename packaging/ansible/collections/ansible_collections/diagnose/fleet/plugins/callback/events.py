# GNU General Public License v3.0+ (https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a play does, as JSON lines for the program that started it."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: events
type: stdout
short_description: Tells the program that started the play what happens, as JSON lines
description:
  - Writes one JSON document a line to the file descriptor whose number stands in E(DIAGNOSE_FLEET_EVENTS).
  - Nothing is written where the variable is not set. C(diagnose fleet run) sets it.
  - The lines are C(hosts) (all hosts of the play), C(phase) (written by M(diagnose.fleet.run) itself while it works),
    C(ended) (with C(state) brought, failed or unreachable) and C(stats) (at the very end).
requirements: []
"""

DESCRIPTOR = "DIAGNOSE_FLEET_EVENTS"
LARGEST_DETAIL = 400
"""Characters, of up to six bytes; so a line stays below the 4096 bytes that a pipe takes at once, and does not mix with
those that other processes write."""
HOSTS_A_LINE = 8


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Called by Ansible in its main process only."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "diagnose.fleet.events"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = os.environ.get(DESCRIPTOR, "")
        self._descriptor = int(number) if number.isdigit() else None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Raises nothing: whoever listens may have gone."""
        names = [str(name) for name in play.get_variable_manager().get_vars(play=play)["ansible_play_hosts_all"]]
        for first in range(0, len(names), HOSTS_A_LINE):
            self._tell(kind="hosts", hosts=[name[:255] for name in names[first : first + HOSTS_A_LINE]])

    def v2_runner_on_ok(self, result: Any) -> None:
        self._ended("brought", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002 - as it is called
        self._ended("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._ended("unreachable", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002 - as it is called
        self._tell(kind="stats")

    def _ended(self, state: str, result: Any) -> None:
        values = result._result
        self._tell(
            kind="ended",
            host=result._host.get_name(),
            state=state,
            reason=str(values.get("reason", ""))[:40],
            detail=str(values.get("msg", ""))[:LARGEST_DETAIL],
            folder=str(values.get("folder", ""))[:200],
        )

    def _tell(self, **values: Any) -> None:
        if self._descriptor is None:
            return
        try:
            os.write(self._descriptor, json.dumps(values).encode() + b"\n")
        except OSError:
            self._descriptor = None
