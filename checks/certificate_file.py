"""A certificate that the product keeps as a file, and whether it is the one that it should be."""

from __future__ import annotations

from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.der import certificate_der
from diagnose.expressions.types import BOOL, STRING
from diagnose.machine.values import Absent, Reason, Unseen, thumbprint
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """The product's copy, and the copy that it must agree with where this computer has one."""

    file: str
    """Path; with facts."""
    reference: str | None = None
    """Path; with facts."""


EVIDENCE = {"present": BOOL, "agrees": BOOL, "thumbprint": STRING}
_LARGEST = 1024 * 1024


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`agrees` compares the certificates themselves, so PEM and DER copies of one certificate agree."""
    path = context.fill(parameters.file)
    if isinstance(path, Unseen):
        return dict.fromkeys(EVIDENCE, path)
    own = _thumbprint(context, path)
    return {"present": _present(context, path), "agrees": _agrees(context, parameters, own), "thumbprint": own}


def _present(context: Context, path: str) -> Sighting:
    info = context.machine.file_info(path)
    match info:
        case Unseen():
            return info
        case Absent():
            return Saw(False, info.where)
        case _:
            return Saw(not info.is_folder, path)


def _agrees(context: Context, parameters: Parameters, own: Sighting) -> Sighting:
    if parameters.reference is None:
        return Unseen(Reason.NO_SOURCE, "reference")
    path = context.fill(parameters.reference)
    reference = path if isinstance(path, Unseen) else _thumbprint(context, path)
    if isinstance(own, Unseen):
        return own
    if isinstance(reference, Unseen):
        return reference
    return Saw(own.value == reference.value, f"{own.where}; {reference.where}")


def _thumbprint(context: Context, path: str) -> Sighting:
    content = context.machine.read_file(path, _LARGEST)
    if isinstance(content, Unseen):
        return content
    if isinstance(content, Absent):
        return Unseen(Reason.MISSING, content.where)
    der = certificate_der(content.data) if content.whole else None
    return Unseen(Reason.MALFORMED, path) if der is None else Saw(thumbprint(der), path)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
