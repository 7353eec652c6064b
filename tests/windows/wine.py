"""Windows for the tests: real Windows programs on Wine 10, in a Linux of their own (machine.sh) that ends with us.

    with open_windows() as windows:
        windows.create_service("ntrtscan", "リアルタイム検索", r"C:\\Program Files\\Agent\\ntrtscan.exe")
        windows.run([r"C:\\windows\\system32\\ipconfig.exe"])

Every one starts from the same installed Windows, sees no other and changes only its own memory. prepare.sh makes
that Windows; `why_not()` says what is missing.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import IO

from tests.windows.linux import FOLDER, HERE, machine_command, open_machine
from tests.windows.linux import Drive as Drive
from tests.windows.linux import Program as Program
from tests.windows.linux import WindowsError as WindowsError
from tests.windows.linux import why_not as why_not
from tests.windows.snapshot import Registry, Snapshot, changed_files, parse_state

COMPUTER = "PC-001"
USER = "山田"
USER_ID = 1000
"""Of `USER` in Linux."""
JAPANESE = "ja_JP.UTF-8"
"""The locale whose code page is 932; that of C.UTF-8 is 1252."""

_HELPER = r"\\?\unix\tmp\helper.exe"
_HOSTS = f"127.0.0.1 localhost {COMPUTER.lower()}\n::1 localhost\n"


@dataclass(frozen=True, slots=True)
class Windows:
    """One running Windows. `pid` is the first process of its Linux, `work` the folder where that has its files."""

    pid: int
    work: Path
    locale: str
    drives: tuple[Drive, ...] = ()
    program: Program | None = None

    @property
    def root(self) -> Path:
        """The Linux files as this Windows sees them; not to be resolved: it leads into another mount namespace."""
        return Path(f"/proc/{self.pid}/root{self.work}/root")

    def command(self, argv: Sequence[str | PureWindowsPath], cwd: str = "C:\\") -> list[str]:
        """What runs a Windows program when started on the host with `environment()`, such as in a terminal."""
        return self._enter(self.path(cwd), "wine64", *map(str, argv))

    def environment(self) -> dict[str, str]:
        lines = (HERE / "environment").read_text(encoding="utf-8").split()
        return dict(line.split("=", 1) for line in lines) | {"LC_ALL": self.locale}

    def run(
        self,
        argv: Sequence[str | PureWindowsPath],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str = "C:\\",
        timeout_s: float = 180.0,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a Windows program; of its exit code Linux sees the lowest 8 bits. subprocess.TimeoutExpired."""
        # Files, not pipes: a program that this one leaves behind holds them open, and a pipe would have no end.
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            command = self.command(argv, cwd)
            done = subprocess.run(
                command,
                env=self.environment() | dict(env or {}),
                input=stdin or b"",
                stdout=output,
                stderr=errors,
                timeout=timeout_s,
                check=False,
            )
            return subprocess.CompletedProcess(command, done.returncode, _content(output), _content(errors))

    def python(
        self,
        code: str | Path,
        *arguments: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 180.0,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run Python code, or the script of that path on the host, with the interpreter of the program."""
        assert self.program is not None, "open_windows(program=...) brings the interpreter"
        text = code if isinstance(code, str) else code.read_text(encoding="utf-8")
        # Not by a file: a run leaves nothing behind that a snapshot would show.
        argv: list[str | PureWindowsPath] = [self.program.interpreter, "-I", "-B", "-X", "utf8", "-c", text, *arguments]
        return self.run(argv, stdin=stdin, env=env, timeout_s=timeout_s)

    def path(self, path: str) -> Path:
        """Where Linux has a file of a drive or share; names that exist are found whatever their case."""
        drive, *parts = PureWindowsPath(path).parts
        name = drive.rstrip("\\").lower()
        others = {one.name.lower(): self.root / one.place for one in self.drives}
        found = self.root / "prefix" / "drive_c" if name == "c:" else others[name]
        for part in parts:
            found = _entry(found, part)
        return found

    def write_file(self, path: str, data: bytes = b"", modified: datetime | None = None) -> Path:
        """Write a file, with its folders."""
        target = self.path(path)
        self.make_folder(str(PureWindowsPath(path).parent))
        target.write_bytes(data)
        os.chown(target, USER_ID, USER_ID)
        if modified is not None:
            os.utime(target, (modified.timestamp(), modified.timestamp()))
        return target

    def write_stand_in(self, path: str, modified: datetime | None = None) -> Path:
        """Write a program that can be a service or a process (service.c)."""
        return self.write_file(path, (FOLDER / "helpers" / "service.exe").read_bytes(), modified)

    def stand_in_signer(self) -> bytes:
        """The certificate (DER) that the stand-ins are signed with; it is a root of its own."""
        return ssl.PEM_cert_to_DER_cert((FOLDER / "helpers" / "certificate.pem").read_text(encoding="ascii"))

    def make_folder(self, path: str) -> None:
        folder = self.path(path)
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for one in missing:
            os.chown(one, USER_ID, USER_ID)

    def deny(self, path: str) -> None:
        """Take every right to a file or folder from the user of this Windows."""
        target = self.path(path)
        os.chown(target, 0, 0)
        target.chmod(0)

    def import_registry(self, text: str) -> None:
        """Merge the text of a .reg file, without its first line. WindowsError."""
        file = self.root / "tmp" / "import.reg"
        lines = f"Windows Registry Editor Version 5.00\n\n{text}\n".replace("\n", "\r\n")
        file.write_bytes(b"\xff\xfe" + lines.encode("utf-16-le"))
        self._do(["reg", "import", r"\\?\unix\tmp\import.reg"])

    def create_service(
        self,
        name: str,
        display_name: str,
        binary: str,
        *,
        start: str = "auto",
        running: bool = True,
        exit_code: int = 0,
        hangs: bool = False,
        port: int | None = None,
    ) -> None:
        """A service of a stand-in program at `binary` (service.c). `start`: auto, demand, disabled, delayed-auto.

        `running` starts it; with an `exit_code` it stops again with that error, with `hangs` it stays "starting".
        """
        self.write_stand_in(binary)
        command = f'"{binary}" -service {name} -fail {exit_code}{" -hang" * hangs}{_listening(port)}'
        # psutil crashes over a service without a display name.
        self._do(["sc", "create", name, "binPath=", command, "DisplayName=", display_name, "start=", start])
        if running:
            self._do(["sc", "start", name] if hangs else [_HELPER, "start", name])

    def start_process(self, path: str, *, port: int | None = None) -> int:
        """Run a stand-in program (service.c) as `path`, listening at `port`; its id in Windows once it is ready."""
        self.write_stand_in(path)
        return int(self._do([_HELPER, "run", f'"{path}"{_listening(port)}']))

    def add_certificate(self, store: str, der: bytes) -> None:
        """Put a certificate into a store of the local machine, such as "ROOT", which takes only a CA. WindowsError."""
        if store.upper() == "ROOT":
            # Wine replaces what is there by the roots of Linux whenever a program opens the store.
            roots = self.root / "etc" / "ssl" / "certs" / "ca-certificates.crt"
            roots.parent.mkdir(parents=True, exist_ok=True)
            with roots.open("a", encoding="ascii") as file:
                file.write(ssl.DER_cert_to_PEM_cert(der))
        self._do([_HELPER, "certificate", store], stdin=der)

    def export_registry(self) -> Registry:
        return self.snapshot().registry

    def snapshot(self) -> Snapshot:
        """All that a program could have changed, to be compared with another snapshot of this Windows."""
        registry, services = parse_state(self._do([_HELPER, "state"]).decode("utf-8"))
        return Snapshot(registry, services, changed_files(Path(f"/proc/{self.pid}/root{self.work}")))

    def _do(self, argv: Sequence[str], stdin: bytes | None = None) -> bytes:
        """The output of a program that has to succeed. WindowsError."""
        done = self.run(argv, stdin=stdin)
        if done.returncode != 0:
            said = (done.stderr + done.stdout).decode("utf-8", "replace").strip()
            raise WindowsError(f"{' '.join(argv[:4])}: exit code {done.returncode}: {said}")
        return done.stdout

    def _boot(self) -> None:
        # With no pipe of ours: what they start would hold it open, and reading it would never end.
        for argv in (["wineserver64", "--persistent"], ["wine64", "wineboot"]):
            quiet = subprocess.DEVNULL
            subprocess.run(
                self._enter(self.root / "prefix", *argv),
                env=self.environment(),
                stdin=quiet,
                stdout=quiet,
                stderr=quiet,
                timeout=180,
                check=True,
            )

    def _enter(self, cwd: Path, *argv: str) -> list[str]:
        nsenter = [str(shutil.which("nsenter")), f"--target={self.pid}", "--mount", "--pid", "--uts", "--ipc", "--net"]
        user = [f"--setuid={USER_ID}", f"--setgid={USER_ID}"]
        return [*nsenter, f"--root={self.root}", f"--wd={cwd}", *user, *argv]


@contextmanager
def open_windows(
    *,
    locale: str = JAPANESE,
    network: str | None = None,
    hosts: str = _HOSTS,
    resolv_conf: str = "",
    drives: Sequence[Drive] = (),
    program: Program | None = None,
) -> Iterator[Windows]:
    """A running Windows, gone with all it started at the end, however that comes.

    `network` is the name of a network namespace (`ip netns`); without it there is nothing but loopback. Names are
    looked up by Linux: in `hosts`, then by the servers of `resolv_conf`. WindowsError.
    """
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="windows-")))
        pid = stack.enter_context(open_machine(machine_command(work, network, drives, program)))
        windows = Windows(pid, work, locale, tuple(drives), program)
        for name, text in (("hosts", hosts), ("resolv.conf", resolv_conf)):
            (windows.root / "etc" / name).write_text(text, encoding="utf-8")
        _connect(windows)
        windows._boot()
        yield windows


def _connect(windows: Windows) -> None:
    """Tell Wine of the drives and shares, which are mounted by now."""
    devices = windows.root / "prefix" / "dosdevices"
    for one in windows.drives:
        if one.writable:
            os.chown(one.folder, USER_ID, USER_ID)
        link = devices / ("unc/" + one.place.removeprefix("media/") if one.name.startswith("\\") else one.name.lower())
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"/{one.place}")
    # Wine looks at the kind of a drive when it boots only; this is the file from which it reads the registry then.
    kinds = "".join(f'"{one.name.lower()}"="floppy"\n' for one in windows.drives if one.removable)
    with (windows.root / "prefix" / "system.reg").open("a", encoding="ascii") as registry:
        registry.write(f"\n[Software\\\\Wine\\\\Drives] 1\n{kinds}" if kinds else "")
    shutil.copy(FOLDER / "helpers" / "helper.exe", windows.root / "tmp")


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _entry(folder: Path, name: str) -> Path:
    exact = folder / name
    if exact.exists() or not folder.is_dir():
        return exact
    return next((one for one in folder.iterdir() if one.name.casefold() == name.casefold()), exact)


def _listening(port: int | None) -> str:
    return "" if port is None else f" -port {port}"
