"""Runs on Windows: the program once for each line of its input, all in one process, because starting one takes seconds.

A line is JSON: the command line, the variables of the environment, the values of the user's Internet Settings. What the
program prints is followed by a line `done EXIT_CODE SECONDS`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from importlib import import_module

assert sys.platform == "win32"  # also tells mypy that this is not for Linux
import winreg  # noqa: E402

# Before the first run, whose time limits they would eat: imports take seconds on Wine.
for module in ("diagnose.cli", "dns.message", "httpx", "OpenSSL.SSL"):
    import_module(module)

SETTINGS = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
VARIABLES = ("http_proxy", "https_proxy")
VALUES = ("ProxyEnable", "ProxyServer", "AutoConfigURL")


def change(wanted: dict[str, dict[str, str | int]]) -> None:
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ.update({name: str(value) for name, value in wanted["environment"].items()})
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, SETTINGS) as key:
        for name in VALUES:
            value = wanted["settings"].get(name)
            if isinstance(value, int):
                winreg.SetValueEx(key, name, 0, winreg.REG_DWORD, value)
            elif value is not None:
                winreg.SetValueEx(key, name, 0, winreg.REG_SZ, value)
            else:
                with suppress(FileNotFoundError):
                    winreg.DeleteValue(key, name)


run = import_module("diagnose.cli").run_command_line
for line in sys.stdin:
    order = json.loads(line)
    change(order)
    begun = time.monotonic()
    code = run(order["argv"])
    print(f"\ndone {code} {time.monotonic() - begun:.2f}", flush=True)
