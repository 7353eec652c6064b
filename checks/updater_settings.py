"""What the updater's own settings file says: servers, proxy, how often, where the databases go."""

from __future__ import annotations

from checks._option_file import Options, number, read_options
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, INT, STRING, list_of
from diagnose.machine.values import Absent, Reason, Unseen
from diagnose.patterns import compile_pattern
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """Settings files of updater and scanner, each the first that is there; `old_servers` is an RE2 pattern."""

    files: tuple[str, ...]
    scanner_files: tuple[str, ...] = ()
    old_servers: str = ""
    default_folder: str = ""
    default_checks: int = 12


EVIDENCE = {
    "settings_found": BOOL,
    "settings_file": STRING,
    "example_left": BOOL,
    "wrong_lines": list_of(STRING),
    "servers": list_of(STRING),
    "old_servers": list_of(STRING),
    "private_servers": list_of(STRING),
    "checks_per_day": INT,
    "updater_proxy": STRING,
    "updater_folder": STRING,
    "scanner_folder": STRING,
    "folders_agree": BOOL,
    "update_log": STRING,
}
_OF_SCANNER = ("scanner_folder", "folders_agree")


def measure(context: Context, parameters: Parameters) -> Measurement:
    """Names and passwords for proxies never leave the file; whether folders agree needs the scanner's settings too."""
    options = read_options(context.machine, parameters.files)
    if isinstance(options, Unseen):
        return dict.fromkeys(EVIDENCE, options)
    if isinstance(options, Absent):
        nothing: dict[str, Sighting] = dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, options.where))
        return {**nothing, "settings_found": Saw(False, ", ".join(parameters.files))}
    where = options.where
    servers = tuple(_without_user(server) for server in options.all("DatabaseMirror"))
    checks = number(options.first("Checks", str(parameters.default_checks)))
    return {
        "settings_found": Saw(True, where),
        "settings_file": Saw(where, where),
        "example_left": Saw(options.example_left, where),
        "wrong_lines": Saw(options.wrong_lines, where),
        "servers": Saw(servers, where),
        "old_servers": Saw(_matching(servers, parameters.old_servers), where),
        "private_servers": Saw(tuple(map(_without_user, options.all("PrivateMirror"))), where),
        "checks_per_day": Unseen(Reason.MALFORMED, where) if checks is None else Saw(checks, where),
        "updater_proxy": Saw(_proxy(options), where),
        "updater_folder": Saw(_folder(options, parameters), where),
        "update_log": Saw(options.first("UpdateLogFile"), where),
        **_scanner(context, parameters, _folder(options, parameters)),
    }


def _scanner(context: Context, parameters: Parameters, folder: str) -> Measurement:
    options = read_options(context.machine, parameters.scanner_files)
    if isinstance(options, Unseen):
        return dict.fromkeys(_OF_SCANNER, options)
    if isinstance(options, Absent):
        return dict.fromkeys(_OF_SCANNER, Unseen(Reason.MISSING, options.where))
    scanned = _folder(options, parameters)
    where = options.where
    return {"scanner_folder": Saw(scanned, where), "folders_agree": Saw(scanned == folder, where)}


def _folder(options: Options, parameters: Parameters) -> str:
    return options.first("DatabaseDirectory", parameters.default_folder).rstrip("/")


def _proxy(options: Options) -> str:
    server = _without_user(options.first("HTTPProxyServer"))
    port = options.first("HTTPProxyPort")
    return f"{server}:{port}" if server and port else server


def _without_user(address: str) -> str:
    """An address may hold `user:password@`."""
    scheme, separator, rest = address.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"[:255]


def _matching(servers: tuple[str, ...], pattern: str) -> tuple[str, ...]:
    if not pattern:
        return ()
    compiled = compile_pattern(pattern)
    return tuple(server for server in servers if compiled.search(server.lower()))


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
