"""Recorded machines for tests: how they are written, and what they hold."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path

from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.values import (
    Reason,
    Unseen,
)

JST = timezone(timedelta(hours=9))
REG = "Windows Registry Editor Version 5.00\r\n\r\n"
LOG = r"C:\Program Files (x86)\Trend Micro\Security Agent\Temp\upgrade_20261121080000.log"
FULL = r"""
platform: windows
now: 2026-11-21T09:00:00+09:00
hostname: PC-0423
os: {name: Windows 10 Pro, version: 10.0.19045, build: 19045, ubr: 3570, language: ja-JP, server: false}
architecture: x86_64
processor: {cores: 2, mhz: 2400}
memory: {total_mb: 4096, available_mb: 1200}
disks: [{path: 'C:\', total_mb: 120000, free_mb: 9000}]
boot_time: 2026-11-20T08:30:00
elevated: true
services: [{name: ntrtscan, display_name: Apex One NT RealTime Scan, status: running, start: automatic, path: 'C:\x'}]
processes: [{name: NTRtScan.exe, pid: 1200, path: 'C:\x'}, {name: 検査.exe}]
listening: [{address: 0.0.0.0, port: 21112, process: TmListen.exe}]
hotfixes: [KB5011487]
security_products: [{name: Trend Micro Apex One, state: 397568}]
file_times: {'C:\Temp\setup.log': 2026-11-21T08:00:00+09:00}
"""


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


Make = Callable[..., RecordedMachine]


def with_registry(make: Make, text: str, machine: str = "platform: windows\n") -> RecordedMachine:
    return make(machine, registry__a_DOT_reg=(REG + text).encode("utf-16"))


def not_recorded(answer: object) -> bool:
    return isinstance(answer, Unseen) and answer.reason is Reason.NOT_RECORDED


def der(content: bytes) -> bytes:
    padded = content.ljust(300, b"\0")
    return b"\x30\x82" + len(padded).to_bytes(2, "big") + padded


def pem(content: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + encodebytes(content) + b"-----END CERTIFICATE-----\n"


def maker(tmp_path: Path) -> Make:
    def recorded(machine: str = "platform: windows\n", **files: str | bytes) -> RecordedMachine:
        named = {name.replace("__", "/").replace("_DOT_", "."): content for name, content in files.items()}
        write(tmp_path, {"machine.yaml": machine, **named})
        return RecordedMachine.open(tmp_path)

    return recorded
