from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from diagnose.errors import InputError
from diagnose.remote.hosts import parse_host
from diagnose.remote.outcomes import Reason, State
from diagnose.remote.password import check_password, password_ready
from diagnose.remote.posix import start_command, supervisor_source
from diagnose.remote.ssh import SshLog, SshSettings, path_option, sftp_argv, ssh_argv, ssh_environment
from diagnose.remote.windows import get_batch, put_batch, remove_line, run_line

SETTINGS = SshSettings(ssh="ssh", sftp="sftp")


def test_the_destination_is_no_option_and_the_command_one_argument() -> None:
    argv = ssh_argv(SETTINGS, parse_host("CORP\\me@[2001:db8::7]:2222"), Path("log"), "exec x")
    assert argv[-3:] == ["--", "2001:db8::7", "exec x"]
    assert argv[argv.index("-p") + 1] == "2222"
    assert argv[argv.index("-l") + 1] == "CORP\\me"
    sftp = sftp_argv(SETTINGS, parse_host("CORP\\me@[2001:db8::7]:2222"))
    assert sftp[-2:] == ["--", "[2001:db8::7]"]
    assert 'User="CORP\\me"' in sftp


def test_keys_of_hosts_are_always_checked_and_a_master_never_used() -> None:
    for argv in (ssh_argv(SETTINGS, parse_host("pc"), Path("log"), "x"), sftp_argv(SETTINGS, parse_host("pc"))):
        assert {"StrictHostKeyChecking=yes", "ControlPath=none", "BatchMode=yes"} <= set(argv)


def test_a_file_of_keys_stands_for_all_others(tmp_path: Path) -> None:
    settings = SshSettings(ssh="ssh", sftp="sftp", known_hosts=tmp_path / "100% mine")
    argv = ssh_argv(settings, parse_host("pc"), Path("log"), "x")
    assert f'UserKnownHostsFile="{tmp_path}/100%% mine"' in argv
    assert any(word.startswith("GlobalKnownHostsFile=") for word in argv)


@pytest.mark.parametrize("name", ['a"b', "${HOME}", "a\nb"])
def test_a_path_that_ssh_would_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        path_option(Path("/tmp") / name)


def test_the_real_ssh_takes_our_options(tmp_path: Path) -> None:
    """It reads them all before it looks for the host."""
    log = tmp_path / "log"
    settings = SshSettings(ssh="ssh", sftp="sftp", known_hosts=tmp_path / "known hosts", connect_s=1, password=True)
    argv = ssh_argv(settings, parse_host("127.0.0.1:9"), log, "true")
    try:
        done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, timeout=20, check=False)
    except FileNotFoundError:
        pytest.skip("there is no ssh")
    assert done.returncode == 255
    assert SshLog.read(log).why_not_in().reason is Reason.REFUSED


def test_no_language_is_sent_to_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/agent")
    found = ssh_environment(SETTINGS)
    assert found["SSH_AUTH_SOCK"] == "/agent"
    assert not {"LC_ALL", "LANG"} & set(found)


def test_a_log_is_read_in_part_and_whatever_is_in_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\xff\x1b[2J" * 1_000_000)
    error = SshLog.read(log).why_not_in()
    assert (error.reason, error.state) == (Reason.NOT_CONNECTED, State.UNREACHABLE)
    assert len(error.detail) <= 400
    assert SshLog.read(tmp_path / "none").text == ""


def test_a_line_for_a_shell_holds_nothing_that_one_could_read_otherwise() -> None:
    line = start_command("diagnose-remote/1/0a1b", 12345, ("python3.11", "python3"))
    assert re.fullmatch(r"exec /bin/sh -c '[A-Za-z0-9 .;,/>&$=\"()_-]*'", line)
    for text in (run_line("diagnose-remote-0a"), remove_line("diagnose-remote-0a")):
        # Neither PowerShell's `$`, backtick and quotes within, nor cmd's caret and exclamation mark.
        assert re.fullmatch(r'cmd\.exe /d /c "[A-Za-z0-9 .%\\/&|()_-]*"', text)
    assert put_batch("n") == "mkdir n\nput program.zip n/program.zip\nput order.json n/order.json\n"
    assert get_batch("n", "answer.zip") == "get n/answer.zip answer.zip\n"


def test_shells_read_the_line_alike() -> None:
    found = [shell for shell in ("sh", "bash", "dash", "zsh", "fish", "tcsh", "ksh") if shutil.which(shell)]
    assert found
    for shell in found:
        argv = [shell, "-c", start_command("mark", 0, ("no-such-python",))]
        done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, timeout=20, check=False)
        assert done.stdout == b"mark no-python 0\n", shell


def test_the_supervisor_travels_as_text() -> None:
    source = supervisor_source()
    assert source.startswith(b'"""Sent to a host as text')
    ast.parse(source, feature_version=(3, 8))


@pytest.mark.skipif(os.name == "nt", reason="passwords are for POSIX computers")
def test_a_password_is_answered_from_memory_and_only_when_asked_for(tmp_path: Path) -> None:
    password = "秘密 $(id) '\"\\n"
    with password_ready(password, tmp_path) as variables:
        environment = {**os.environ, **variables}
        assert password not in str(variables)
        assert all(password.encode() not in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())

        def ask(prompt: str) -> tuple[int, str]:
            done = subprocess.run(
                [variables["SSH_ASKPASS"], prompt], env=environment, capture_output=True, timeout=10, check=False
            )
            return done.returncode, done.stdout.decode()

        assert ask("root@pc's password: ") == (0, f"{password}\n")
        assert ask("Enter passphrase for key '/k': ") == (1, "")
        assert ask("Are you sure you want to continue connecting (yes/no/[fingerprint])?") == (1, "")
        assert ask("Password:") == (0, f"{password}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("password", ["", "a\nb", "a\0b", "x" * 2000])
def test_a_password_that_cannot_be_handed_over_is_refused(password: str) -> None:
    with pytest.raises(InputError):
        check_password(password)
