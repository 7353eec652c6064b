"""Which of some programs run right now."""

from __future__ import annotations

from diagnose.check import Check, Context, Measurement, Saw
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.values import Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """Names of programs as the system lists them, such as `MpCmdRun.exe`; case is ignored."""

    programs: tuple[str, ...]


EVIDENCE = {"programs_running": list_of(STRING), "any_program_running": BOOL}
_WHERE = "processes"


def measure(context: Context, parameters: Parameters) -> Measurement:
    """Each program once, in the order of the parameter, however many of it run."""
    processes = context.machine.processes()
    if isinstance(processes, Unseen):
        return dict.fromkeys(EVIDENCE, processes)
    names = {process.name.casefold() for process in processes}
    running = tuple(name for name in parameters.programs if name.casefold() in names)
    return {"programs_running": Saw(running, _WHERE), "any_program_running": Saw(bool(running), _WHERE)}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
