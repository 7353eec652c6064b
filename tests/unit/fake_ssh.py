"""Stands for ssh and sftp in tests: every host is this computer, and its name says how it behaves.

`python fake_ssh.py ssh|sftp FOLDER ARGUMENTS...`; FOLDER is where hosts keep their files, a folder a host. What ssh
would write of itself goes to the file behind `-E`, in the words of OpenSSH 9.2. Only the standard library.
"""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

REFUSALS = {
    "name-not-resolved": "ssh: Could not resolve hostname x: Name or service not known",
    "refused": "ssh: connect to host x port 22: Connection refused",
    "no-route": "ssh: connect to host x port 22: No route to host",
    "timeout": "ssh: connect to host x port 22: Connection timed out",
    "timeout-2": "Connection timed out during banner exchange",
    "closed": "kex_exchange_identification: Connection closed by remote host\nConnection closed by 192.0.2.1 port 22",
    "no-common-algorithm": "Unable to negotiate with 192.0.2.1 port 22: no matching key exchange method found.",
    "host-key-unknown": "debug1: Server host key: ssh-ed25519 SHA256:abcdef\n"
    "No ED25519 host key is known for x and you have requested strict checking.\nHost key verification failed.",
    "host-key-changed": "debug1: Server host key: ssh-ed25519 SHA256:012345\n@@@@@\n"
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@\nHost key verification failed.",
    "denied": "x@192.0.2.1: Permission denied (publickey).",
    "jump-host": "kex_exchange_identification: Connection closed by remote host",
    "not-connected": "ssh: something that nobody has ever seen",
}
WINDOWS = "debug1: Remote protocol version 2.0, remote software version OpenSSH_for_Windows_9.5\n"
IN = 'Authenticated to x ([192.0.2.1]:22) using "publickey".\n'
CMD = re.compile(r'cmd\.exe /d /c "(.*)"', re.DOTALL)


def main() -> int:
    kind, root, argv = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    at = argv.index("--")
    name = argv[at + 1]
    home = root / name
    home.mkdir(exist_ok=True)
    (root / f"{name}.argv").open("a").write("\x1f".join([kind, *argv]) + "\n")
    if kind == "sftp":
        return sftp(home)
    log = Path(argv[argv.index("-E") + 1])
    if name in REFUSALS:
        log.write_text(f"OpenSSH_9.2p1\ndebug1: Connecting to x\n{REFUSALS[name]}\n")
        if name == "jump-host":
            print("No ED25519 host key is known for gate and you have requested strict checking.", file=sys.stderr)
            print("Host key verification failed.\nConnection closed by UNKNOWN port 65535", file=sys.stderr)
        return 255
    if name == "hangs-before":
        time.sleep(60)
    log.write_text(IN + WINDOWS * name.startswith("windows"))
    return on_windows(home, argv[at + 2]) if name.startswith("windows") else on_host(name, home, argv[at + 2], log)


def on_host(name: str, home: Path, command: str, log: Path) -> int:
    if name in FLOODS:
        log.write_text(IN + "x" * (3_000_000 if name == "floods-log" else 0))
        return FLOODS[name]()
    if name == "no-python":
        command = re.sub(r"for p in [^;]*;", "for p in nopython;", command)
    if name == "noisy":
        command = f"echo Welcome; printf '%s' 'no line end'; {command}"
    environment = {**os.environ, "TMPDIR": str(home)}
    pipe = subprocess.PIPE if name == "drops" else None
    argv = ["/bin/sh", "-c", command]
    process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, env=environment, cwd=home, start_new_session=True)
    if process.stdin is not None and process.stdout is not None:
        # As a lost network: both sides see the end of the pipe at once, while the program runs.
        threading.Thread(target=relay, args=(0, process.stdin.fileno()), daemon=True).start()
        threading.Thread(target=relay, args=(process.stdout.fileno(), 1), daemon=True).start()
        while not list(home.glob("diagnose-remote-*/out/begun")):
            time.sleep(0.01)
        os._exit(255)
    return process.wait()


def relay(source: int, sink: int) -> None:
    while block := os.read(source, 65536):
        os.write(sink, block)


def flood(descriptor: int) -> int:
    while True:
        os.write(descriptor, bytes(65536))


def nologin() -> int:
    os.write(1, b"This account is currently not available.\n")
    return 1


def sleep() -> int:
    time.sleep(60)
    return 0


FLOODS = {
    "hangs": sleep,
    "floods": lambda: flood(1),
    "floods-stderr": lambda: flood(2),
    "floods-log": sleep,
    "nologin": nologin,
}


def on_windows(home: Path, command: str) -> int:
    """What cmd would do, as far as the two lines of `remote/windows.py` go."""
    found = CMD.fullmatch(command)
    if found is None:
        print("'exec' is not recognized as an internal or external command,", file=sys.stderr)
        return 1
    line = found[1]
    if removal := re.fullmatch(r"rmdir /s /q (\S+) & \(if exist (\S+) exit (\d+)\) & exit 0", line):
        if home.name == "windows-locked":
            return int(removal[3])
        subprocess.run(["rm", "-rf", "--", removal[1]], cwd=home, check=True)
        return 0
    folder, rest = re.fullmatch(r"cd (\S+) && \(.*?\) && (.*)", line).groups()  # type: ignore[union-attr]
    subprocess.run([sys.executable, "-m", "zipfile", "-e", "program.zip", "."], cwd=home / folder, check=True)
    words = rest.replace("\\", "/").split()
    (home / folder / words[0]).chmod(0o700)
    return subprocess.run([f"./{words[0]}", *words[1:]], cwd=home / folder, check=False).returncode


def sftp(home: Path) -> int:
    for line in sys.stdin:
        verb, *names = line.split()
        if verb == "mkdir":
            (home / names[0]).mkdir()
        elif verb == "put":
            (home / names[1]).write_bytes(Path(names[0]).read_bytes())
        elif verb == "get":
            if home.name == "windows-huge":
                with Path(names[1]).open("wb") as stream:
                    while True:
                        stream.write(b"\0" * 1_000_000)
            source = home / names[0]
            if not source.exists():
                print(f'File "{names[0]}" not found.', file=sys.stderr)
                return 1
            Path(names[1]).write_bytes(source.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
