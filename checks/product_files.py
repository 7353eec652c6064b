"""Whether a product that is registered as installed still has its folder and its programs."""

from __future__ import annotations

from collections.abc import Sequence

from checks._facts import text_fact
from checks._files import join
from checks._places import places
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Reason, Unseen
from diagnose.specs import FactName, Spec


class Parameters(Spec, frozen=True):
    """`folder` names the fact with the installation folder; `files` are names below it."""

    folder: FactName
    files: tuple[str, ...] = ()


EVIDENCE = {"registered": BOOL, "folder": STRING, "folder_exists": BOOL, "missing_files": list_of(STRING)}


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`registered` is false only when every known place was looked at and none names a folder."""
    folder = text_fact(context, parameters.folder, "folder")
    if isinstance(folder, Unseen):
        nowhere = folder.reason is Reason.MISSING
        registered: Sighting = Saw(False, folder.where) if nowhere else folder
        return {**dict.fromkeys(EVIDENCE, folder), "registered": registered}
    path = str(folder.value)
    return {
        "registered": Saw(True, folder.where),
        "folder": folder,
        "folder_exists": _folder_exists(context.machine, path),
        "missing_files": _missing_files(context.machine, path, parameters.files),
    }


def _folder_exists(machine: Machine, path: str) -> Sighting:
    info = machine.file_info(path)
    match info:
        case Unseen():
            return info
        case Absent():
            return Saw(False, info.where)
        case _:
            return Saw(info.is_folder, path)


def _missing_files(machine: Machine, folder: str, names: Sequence[str]) -> Sighting:
    """Names of files that are not there; unknown when not one of them could be looked for."""
    looked = {name: machine.file_info(join(machine, folder, name)) for name in names}
    unseen = [info for info in looked.values() if isinstance(info, Unseen)]
    if unseen and len(unseen) == len(looked):
        return unseen[0]
    return Saw(tuple(name for name, info in looked.items() if isinstance(info, Absent)), places([folder], unseen))


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
