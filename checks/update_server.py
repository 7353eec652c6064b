"""Where a product is told to take its updates from: what kind of place that is, and whether it is written well."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from checks._facts import text_fact, word_fact
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, enum_of, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.proxy_settings import without_credentials
from diagnose.machine.values import Platform, Reason, Unseen
from diagnose.patterns import compile_pattern
from diagnose.specs import FactName, SourceKindSpec, Spec


class Parameters(Spec, frozen=True):
    """The address; whether the product chooses by itself (`automatic`) or not (`custom`); the vendor's addresses."""

    url: FactName
    selection: FactName | None = None
    kinds: tuple[SourceKindSpec, ...] = ()


KINDS = ("vendor", "http_mirror", "share", "folder")
PROBLEMS = (
    "none",
    "odd_characters",
    "yen_signs",
    "no_scheme",
    "wrong_scheme",
    "no_host",
    "wrong_port",
    "names_a_file",
    "no_share",
    "forward_slashes",
)
EVIDENCE = {
    "server_url": STRING,
    "server_kind": enum_of(KINDS),
    "server_problem": enum_of(PROBLEMS),
    "server_spellings": list_of(STRING),
    "drive_present": BOOL,
}
_DRIVE = re.compile(r"[A-Za-z]:(?:[\\/\u00a5\uffe5]|$)")
_YEN = frozenset("\u00a5\uffe5")
_SLASHES = frozenset("\\/\u00a5\uffe5")
_ODD = re.compile(r"[\s\x00-\x1f\x7f\u3000\uff01-\uff5e]")
"""Spaces and full-width letters, which look right on the screen."""
_WEB = re.compile(r"https?://", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z]{2,10}:/*")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9.])?|[0-9A-Fa-f:.]+")
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?::[0-9]{1,5})?(?:/.*)?")
_FILE = re.compile(r"/update\.ver$", re.IGNORECASE)


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`server_spellings`: the address as a person might write it down, in lower case.

    `drive_present`: for a folder, whether the computer has its drive at all.
    """
    selection = word_fact(context, parameters.selection, ("automatic", "custom"), "selection")
    url = text_fact(context, parameters.url, "url")
    if isinstance(selection, Saw) and selection.value == "automatic":
        return {
            **_nothing(selection.where),
            "server_url": url if isinstance(url, Unseen) else Saw(without_credentials(str(url.value)), url.where),
            "server_kind": Saw("vendor", selection.where),
            "server_problem": Saw("none", selection.where),
            "server_spellings": Saw((), selection.where),
        }
    if isinstance(url, Unseen):
        return dict.fromkeys(EVIDENCE, url)
    text = str(url.value)
    kind, problem = _judged(text, parameters.kinds)
    shown = without_credentials(text)
    return {
        **_nothing(url.where),
        "server_url": Saw(shown, url.where),
        "server_kind": Saw(kind, url.where) if kind else Unseen(Reason.MALFORMED, url.where, shown[:200]),
        "server_problem": Saw(problem, url.where),
        "server_spellings": Saw(_spellings(shown), url.where),
        **_drive(context.machine, text),
    }


def _nothing(where: str) -> dict[str, Sighting]:
    return dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, where))


def _judged(text: str, kinds: tuple[SourceKindSpec, ...]) -> tuple[str, str]:
    """Kind and problem of an address; the kind is empty when nobody can tell it."""
    if any(spec.kind == "vendor" and compile_pattern(spec.pattern, ignore_case=True).search(text) for spec in kinds):
        return "vendor", "none"
    if _DRIVE.match(text):
        return "folder", "yen_signs" if _YEN & set(text) else "none"
    if text[0] in _SLASHES:
        return "share", _share_problem(text)
    if _ODD.search(text):
        return "", "odd_characters"
    if _WEB.match(text):
        return "http_mirror", _web_problem(text)
    return "", "no_scheme" if _BARE.fullmatch(text) and not _SCHEME.match(text) else "wrong_scheme"


def _share_problem(text: str) -> str:
    if _YEN & set(text):
        return "yen_signs"
    if not text.startswith("\\\\"):
        return "forward_slashes"
    return "none" if len([part for part in text.split("\\") if part]) >= 2 else "no_share"


def _web_problem(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return "no_host"
    if not _HOST.fullmatch(host):
        return "no_host"
    try:
        port = parts.port
    except ValueError:
        return "wrong_port"
    if port == 0 or parts.netloc.endswith(":"):
        return "wrong_port"
    return "names_a_file" if _FILE.search(parts.path) else "none"


def _spellings(text: str) -> tuple[str, ...]:
    lower = text.lower().rstrip("/\\")
    if not _WEB.match(text):
        return tuple(dict.fromkeys((lower, lower + "\\")))
    bare = lower.partition("://")[2]
    host = bare.partition("/")[0].rpartition("@")[2]
    name = host.rpartition(":")[0] or host
    return tuple(dict.fromkeys((lower, lower + "/", bare, bare + "/", host, name)))


def _drive(machine: Machine, text: str) -> dict[str, Sighting]:
    if not _DRIVE.match(text) or machine.platform is not Platform.WINDOWS:
        return {}
    disks = machine.disks()
    if isinstance(disks, Unseen):
        return {"drive_present": disks}
    letter = text[0].upper()
    return {"drive_present": Saw(any(disk.path[:1].upper() == letter for disk in disks), f"{letter}:")}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
