"""The computer that this program runs on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime

from diagnose.machine.interface import Machine


def open_live_machine(clock: Callable[[], datetime]) -> Machine:
    """This computer; `clock` gives its time as an aware datetime."""
    if sys.platform == "win32":
        from diagnose.machine.windows import WindowsMachine

        return WindowsMachine(clock)

    from diagnose.machine.posix import PosixMachine

    return PosixMachine(clock)
