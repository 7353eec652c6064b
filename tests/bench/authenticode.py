"""What it costs to verify a program's signature, beside osslsigncode on the same files; run by hand:

python -m tests.bench.authenticode

The files are those of the Windows Python that ./do portable downloads; without it, programs signed here.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from checks._chains import Stores, stores_of
from checks._file_trust import Verdict, judge_file
from diagnose.machine import posix_files
from diagnose.machine.signed_file import signature_of
from diagnose.machine.values import Certificate, FileSignature, Store, thumbprint
from tests.unit.fake_machine import FakeMachine
from tests.unit.signed_programs import good, program, signed, world

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "packaging" / "windows"
ROUNDS = 5
TARGET_MS = 20.0


def programs() -> tuple[Mapping[str, bytes], list[bytes]]:
    """Name to content, and the roots that they need (DER)."""
    archives = sorted((ROOT / ".cache" / "portable").glob("interpreter-*/*.tar.gz"))
    if not archives:
        made = {f"{size} KiB.exe": signed(good(), program(os.urandom(size << 10))) for size in (30, 300, 3000)}
        return made, [world().root.der, world().time_root.der]
    sys.path.insert(0, str(BUILD))
    from portable.interpreter import interpreter_files

    files = interpreter_files(archives[0])
    held = {name: data for name, data in files.items() if name.endswith((".exe", ".dll", ".pyd"))}
    pem = b"".join(path.read_bytes() for path in sorted((BUILD / "roots").glob("*.pem")))
    return held, [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem)]


def stores(roots: list[bytes]) -> Stores:
    """These roots among as many others as a computer has."""
    others = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", certifi.contents(), re.DOTALL)
    ders = (*map(ssl.PEM_cert_to_DER_cert, others), *roots)
    held = [Certificate(thumbprint(der), der) for der in ders]
    found = stores_of(FakeMachine(certificates={Store.ROOT: held, Store.CA: (), Store.DISALLOWED: ()}))
    assert isinstance(found, Stores)
    return found


def verify(path: Path, held: Stores, now: datetime) -> Verdict:
    found = signature_of(str(path), posix_files.open_file(str(path)))
    assert isinstance(found, FileSignature), found
    return judge_file(found, held, now).verdict


def ours(paths: list[Path], roots: list[bytes]) -> None:
    now = datetime.now(UTC)
    begun = time.process_time()
    held = stores(roots)
    loaded = time.process_time() - begun
    begun = time.process_time()
    first = verify(paths[0], held, now)
    first_s = time.process_time() - begun
    times: dict[Path, list[float]] = {path: [] for path in paths}
    valid = 0
    for _ in range(ROUNDS):
        valid = 0
        for path in paths:
            begun = time.process_time()
            valid += verify(path, held, now) is Verdict.VALID
            times[path].append(time.process_time() - begun)
    medians = sorted(statistics.median(held) * 1e3 for held in times.values())
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    total = sum(medians) / 1e3
    print(f"stores of {len(held.roots)} roots read       {loaded * 1e3:8.1f} ms CPU")
    print(f"first file, imports included  {first_s * 1e3:8.1f} ms CPU   {first}")
    print(f"one file, median              {statistics.median(medians):8.1f} ms CPU   (target {TARGET_MS:.0f} ms)")
    print(f"one file, slowest             {medians[-1]:8.1f} ms CPU")
    size = f"{len(paths)} files, {megabytes:.1f} MB, {valid} valid"
    print(f"{size:<29} {total * 1e3:8.1f} ms CPU   {megabytes / total:.0f} MB/s")


def theirs(paths: list[Path], roots: list[bytes], folder: Path) -> None:
    if shutil.which("osslsigncode") is None:
        print("osslsigncode is not installed")
        return
    trusted = folder / "roots.pem"
    ders = [x509.load_der_x509_certificate(der) for der in roots]
    trusted.write_bytes(Path(certifi.where()).read_bytes() + b"".join(one.public_bytes(Encoding.PEM) for one in ders))
    usage = subprocess.run(["osslsigncode", "verify", "--help"], capture_output=True, text=True, check=False)
    offline = [one for one in ("-ignore-crl", "-ignore-cdp") if f"{one} " in usage.stdout + usage.stderr]
    trust = ["-CAfile", str(trusted), "-TSA-CAfile", str(trusted)]
    spent, valid = [], 0
    for path in paths:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["osslsigncode", "verify", *offline, *trust, "-in", str(path)]
        valid += subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    middle = statistics.median(spent) * 1e3
    print(f"osslsigncode, one file        {middle:8.1f} ms CPU   {valid} of {len(paths)} valid; a process each")


def main() -> None:
    print(f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    held, roots = programs()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        paths = []
        for program_name, data in sorted(held.items()):
            path = folder / program_name
            path.write_bytes(data)
            paths.append(path)
        ours(paths, roots)
        theirs(paths, roots, folder)
    print(f"peak memory                   {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.1f} MiB")
    print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main()
