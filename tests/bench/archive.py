"""How long a bundle of many logs takes to write, beside `zip -6` of the same files, and how fast the proof reads.

By hand: `python -m tests.bench.archive [MEGABYTES]`, 500 by default. Alternating runs; medians of wall and CPU time.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from diagnose.bundle.archive import LEVEL, BundleWriter
from diagnose.bundle.deflate import Codec, codec_of, fastest_library, standard_library
from diagnose.bundle.manifest import About, Kind, Manifest
from diagnose.bundle.proof import Search, Value
from diagnose.bundle.verify import verify

FILE_MB = 25
REPEATS = 3
BLOCK = 1 << 20


def log_text(size: int, seed: int) -> Iterator[bytes]:
    """About `size` bytes of an agent's log as it looks after redaction."""
    rng = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    words = ["".join(rng.choices(letters, k=rng.randint(3, 10))) for _ in range(3000)]
    sentences = (
        "更新サーバーに接続しました",
        "パターンファイルを確認しています",
        "Connection to server failed, code 0x80072ee2",
    )
    made = 0
    while made < size:
        lines = [
            f"2026-11-21 10:{rng.randrange(60):02}:{rng.randrange(60):02}.{rng.randrange(1000):03} "
            f"[{rng.randrange(9999):04}] INFO  C:\\Users\\user-{rng.choice(words)}\\AppData {rng.choice(sentences)} "
            f"{rng.choice(words)}={rng.getrandbits(32):08x} host-{rng.choice(words)} 240.1.{rng.randrange(256)}.7\n"
            for _ in range(5000)
        ]
        block = "".join(lines).encode()
        made += len(block)
        yield block


def files(folder: Path, megabytes: int) -> list[Path]:
    paths = []
    for number in range(max(1, megabytes // FILE_MB)):
        path = folder / f"agent{number:03}.log"
        with path.open("wb") as stream:
            # The generator is slow: the files differ in order only.
            text = b"".join(log_text(FILE_MB * 1_000_000 // 10, number))
            for _ in range(10):
                stream.write(text)
        paths.append(path)
    return paths


def chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            yield block


def write_bundle(paths: list[Path], target: Path, codec: Codec, search: Search) -> None:
    manifest = Manifest(
        tool_version="0", rules_digest="", created=datetime(2026, 11, 21, tzinfo=UTC), run_id="bench", language="ja"
    )
    with BundleWriter.create(target, codec=codec) as writer:
        for path in paths:
            writer.add(f"logs/{path.name}", chunks(path), lambda: About(kind=Kind.LOG))
        writer.finish(manifest, search)


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds, children included."""
    start, cpu = time.perf_counter(), sum(os.times()[:4])
    action()
    return time.perf_counter() - start, sum(os.times()[:4]) - cpu


def writing(paths: list[Path], folder: Path) -> None:
    total = sum(path.stat().st_size for path in paths) / 1e6
    target, other = folder / "bundle.zip", folder / "other.zip"
    nothing = Search((), 0, ())

    def info_zip() -> None:
        other.unlink(missing_ok=True)
        subprocess.run(["zip", "-6", "-q", "-j", other, *paths], check=True)

    ways: dict[str, Callable[[], object]] = {
        "zip -6": info_zip,
        "bundle, standard zlib": lambda: write_bundle(paths, target, codec_of(standard_library(), LEVEL), nothing),
        "bundle, fastest codec": lambda: write_bundle(paths, target, codec_of(fastest_library(), LEVEL), nothing),
        "verify": lambda: verify(target),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(REPEATS):
        for name, action in ways.items():
            times[name].append(timed(action))
    for name, found in times.items():
        wall, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{name:24} {wall:6.2f} s wall  {cpu:6.2f} s CPU  {total / wall:6.0f} MB/s")
    print(f"sizes: zip {other.stat().st_size / 1e6:.1f} MB, bundle {target.stat().st_size / 1e6:.1f} MB of {total:.0f}")


def proving(paths: list[Path]) -> None:
    """The search alone; reading back adds inflating."""
    rng = random.Random(1)
    for count in (10, 1_000, 10_000):
        values = [Value("user", rng.choice(("山田", "suzuki.", "PC-", "田中")) + f"{n:05}x") for n in range(count)]
        values += [Value("address", f"10.{rng.randrange(256)}.{n >> 8 & 255}.{n & 255}") for n in range(count // 2)]
        start = time.perf_counter()
        search = Search.of_values(values[:count])
        built = time.perf_counter() - start
        wall, cpu = timed(lambda s=search: [s.kind_in_content(chunks(path)) for path in paths])  # type: ignore[misc]
        total = sum(path.stat().st_size for path in paths) / 1e6
        print(
            f"proof, {count:6} values {total / cpu:6.0f} MB/s CPU {total / wall:6.0f} MB/s wall, built in {built:.2f} s"
        )


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    folder = Path(tempfile.mkdtemp())
    try:
        paths = files(folder, megabytes)
        writing(paths, folder)
        proving(paths)
    finally:
        shutil.rmtree(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"load {os.getloadavg()[0]:.2f} at the end, peak memory {peak} MiB")


if __name__ == "__main__":
    main()
