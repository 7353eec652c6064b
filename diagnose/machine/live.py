"""The computer that this program runs on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime

from diagnose.errors import InputError
from diagnose.machine.interface import Machine
from diagnose.messages import message


def open_live_machine(clock: Callable[[], datetime]) -> Machine:
    """This computer; `clock` gives its time as an aware datetime. Raises InputError where none is built yet."""
    if sys.platform == "win32":
        raise InputError(message("machine-windows-not-yet"))

    from diagnose.machine.posix import PosixMachine

    return PosixMachine(clock)
