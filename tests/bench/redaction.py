"""How fast the redactor is, with and without the optional wheel, on logs made up here; run by hand:

python -m tests.bench.redaction [MEGABYTES]

The targets are megabytes a second of a core; `zlib` is the yardstick of how fast this core is just now.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import random
import resource
import statistics
import sys
import time
import zlib
from collections.abc import Iterator

from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.stream import redact_stream
from diagnose.redaction.tokens import Pseudonyms
from tests.unit.redaction_hostile import hostile_texts

USERS = [f"{first}.{last}" for first in "thkm" for last in ("suzuki", "tanaka", "sato")] + ["山田太郎", "佐藤花子"]
HOSTS = [f"PC-TYO-{number:04d}" for number in range(40, 46)]
DOMAIN = "corp.kaisha.example.jp"
NAMES = Names(
    users=frozenset(USERS), hosts=frozenset(HOSTS), domains=frozenset({DOMAIN}), netbios_domains=frozenset({"KAISHA"})
)
KEY = b"b" * 32
MB = 1_000_000
CHUNK = 1 << 18
ROUNDS = 3
NAME_OF = {True: "with the wheel", False: "standard library"}


def log_lines(seed: int) -> Iterator[str]:
    """Lines of an agent's log without end; about one in four names somebody or something."""
    chance = random.Random(seed)
    pick, number = chance.choice, chance.randrange
    modules = ["EraAgentSvc", "ekrn", "TmListen", "NTRtScan", "CReplicationModule", "updater", "firewall"]
    clean = (
        lambda: f"[{number(65536):04x}] INFO  {pick(modules)}: task finished in {number(9000)} ms, rc=0x80070005",
        lambda: f"scan C:\\Windows\\System32\\{number(1 << 32):08x}.dll clean, sha1={chance.getrandbits(160):040x}",
        lambda: f"DEBUG {pick(modules)}::{pick(modules)}::Run() state={number(9)} version=14.0.0.12345",
        lambda: f"GET http://update.eset.com/v3/{number(1 << 32):08x}.dat HTTP/1.1 200 Chrome/120.0.0.0",
        lambda: f"情報 {pick(modules)}: 定義ファイルの更新に成功しました (rc={number(99)})",
    )
    telling = (
        lambda: f"scan C:\\Users\\{pick(USERS)}\\AppData\\Local\\Temp\\{number(1 << 32):08x}.tmp clean",
        lambda: f"ALLOW TCP 10.{number(4)}.{number(9)}.{number(250)}:{number(65536)} -> 192.168.3.{number(250)}:443",
        lambda: f"cannot connect to {pick(HOSTS)}.{DOMAIN}:2222 rc=0x80070005",
        lambda: f'{{"host":"{pick(HOSTS)}","user":"KAISHA\\\\{pick(USERS)}","mac":"00:1b:21:00:11:{number(256):02x}"}}',
        lambda: f"logon user=KAISHA\\{pick(USERS)} sid=S-1-5-21-1111111111-222222222-333333333-{1000 + number(90)}",
    )
    second = 0
    while True:
        second += number(2)
        clock = time.strftime("%H:%M:%S", time.gmtime(second))
        stamp = f"2026-11-{1 + second // 86400 % 28:02d} {clock}"
        yield f"{stamp}.{number(1000):03d} {pick(telling if chance.random() < 0.28 else clean)()}\r\n"


def log(size: int, encoding: str) -> bytes:
    parts, made = [], 0
    for line in log_lines(20261121):
        parts.append(line.encode(encoding))
        made += len(parts[-1])
        if made >= size:
            return b"".join(parts)
    return b""


def redact(data: bytes, wheel: bool) -> tuple[float, str]:
    """CPU seconds with everything that a new redactor builds, and the hash of the output."""
    start = time.process_time()
    redactor = Redactor(NAMES, Pseudonyms(KEY), accelerator=wheel)
    out = hashlib.sha256()
    for part in redact_stream((data[at : at + CHUNK] for at in range(0, len(data), CHUNK)), redactor):
        out.update(part)
    return time.process_time() - start, out.hexdigest()


def speed(size: int, wheels: list[bool]) -> None:
    totals = dict.fromkeys(wheels, 0.0)
    whole = 0
    for encoding in ("utf-8", "cp932", "utf-16"):
        data = log(size, encoding)
        whole += len(data)
        taken: dict[bool, list[float]] = {wheel: [] for wheel in wheels}
        hashes = set()
        for _ in range(ROUNDS):
            for wheel in wheels:
                seconds, made = redact(data, wheel)
                taken[wheel].append(seconds)
                hashes.add(made)
        start = time.process_time()
        zlib.compress(data, 6)
        yardstick = len(data) / MB / (time.process_time() - start)
        for wheel in wheels:
            rates = sorted(len(data) / MB / seconds for seconds in taken[wheel])
            totals[wheel] += statistics.median(taken[wheel])
            spread = f"{rates[0]:.1f} to {rates[-1]:.1f}; zlib {yardstick:.0f}"
            print(f"{encoding:8} {NAME_OF[wheel]:18} {statistics.median(rates):6.1f} MB/s  ({spread})")
        print(f"{encoding:8} output {'the same' if len(hashes) == 1 else 'DIFFERS'}")
    for wheel in wheels:
        print(f"together {NAME_OF[wheel]:18} {whole / MB / totals[wheel]:6.1f} MB/s  (target {25 if wheel else 15})")


def memory(size: int) -> None:
    """Peak of this process while a log is made and redacted piece by piece, nothing of it kept."""

    def chunks() -> Iterator[bytes]:
        made = 0
        for line in log_lines(7):
            made += len(line)
            yield line.encode()
            if made >= size:
                return

    for _ in redact_stream(chunks(), Redactor(NAMES, Pseudonyms(KEY), accelerator=False)):
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory   {peak:.0f} MiB after {size // MB} MB (target 100)")


def hostile(wheels: list[bool]) -> None:
    worst = []
    for name, data in hostile_texts(MB):
        for wheel in wheels:
            start = time.process_time()
            Redactor(NAMES, Pseudonyms(KEY), accelerator=wheel).redact(data)
            worst.append((time.process_time() - start, name, wheel))
    worst.sort(reverse=True)
    for seconds, name, wheel in worst[:5]:
        print(f"hostile  {seconds:5.2f} s a MB  {name[:40]} {'wheel' if wheel else 'standard library'} (target 3)")
    print(f"hostile  {len(worst) // len(wheels)} texts, {sum(entry[0] > 3 for entry in worst)} above 3 s")


def main() -> None:
    size = int(sys.argv[1]) * MB if len(sys.argv) > 1 else 20 * MB
    wheels = [True, False] if importlib.util.find_spec("ahocorasick_rs") else [False]
    print(f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}; CPU time")
    memory(2 * size)
    speed(size, wheels)
    hostile(wheels)
    print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main()
