from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.bundle.names import name_fault
from diagnose.errors import InputError
from diagnose.remote.hosts import LARGEST_FILE, MOST_HOSTS, Host, collect_hosts, folder_name, parse_host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("pc-0423", Host("pc-0423")),
        ("  PC_0423.example.co.jp ", Host("PC_0423.example.co.jp")),
        ("admin@pc:2222", Host("pc", "admin", 2222)),
        ("CORP\\helpdesk@pc", Host("pc", "CORP\\helpdesk")),
        ("user@corp.example@pc", Host("pc", "user@corp.example")),
        ("192.0.2.7:22", Host("192.0.2.7", None, 22)),
        ("2001:db8::7", Host("2001:db8::7")),
        ("root@[2001:db8::7]:22", Host("2001:db8::7", "root", 22)),
        ("[fe80::1%eth0]", Host("fe80::1%eth0")),
    ],
)
def test_hosts_are_read_as_people_write_them(text: str, host: Host) -> None:
    assert parse_host(text) == host
    assert parse_host(str(host)) == host


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("", "host-form"),
        ("-oProxyCommand=id", "host-form"),
        ("pc;id", "host-form"),
        ("pc id", "host-form"),
        ("$(id)", "host-form"),
        ("%h", "host-form"),
        ("pc\nid", "host-form"),
        ("[pc", "host-form"),
        ("[2001:db8::7]22", "host-form"),
        ("fe80::1%eth0;id", "host-form"),
        ("ssh://pc", "host-port"),
        ("経理", "host-form"),
        ("@pc", "host-user"),
        ("-oX@pc", "host-user"),
        ("a b@pc", "host-user"),
        ('a"b@pc', "host-user"),
        ("pc:", "host-port"),
        ("pc:0", "host-port"),
        ("pc:65536", "host-port"),
        ("pc:２２", "host-port"),
    ],
)
def test_what_ssh_or_a_shell_could_take_for_something_else_is_refused(text: str, id_: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_host(text)
    assert refused.value.problems[0].message.id == id_


@given(st.text(max_size=40))
def test_whatever_is_taken_for_a_host_is_harmless(text: str) -> None:
    try:
        host = parse_host(text)
    except InputError:
        return
    assert not host.name.startswith("-")
    assert not set(host.name + (host.user or "")) & set(" \t\n;|&<>$`'\"(){}*?#!")
    assert parse_host(str(host)) == host
    assert name_fault(folder_name(host, set())) is None


def test_hosts_come_from_arguments_and_a_file_each_once(tmp_path: Path) -> None:
    file = tmp_path / "hosts.txt"
    file.write_bytes("\ufeff# 営業部\r\npc-1\r\n\r\npc-2:22 # 本社\npc-1\n".encode())
    assert [str(host) for host in collect_hosts(["pc-3", "pc-1"], file)] == ["pc-3", "pc-1", "pc-2:22"]


def test_every_wrong_line_is_told_with_its_number(tmp_path: Path) -> None:
    file = tmp_path / "hosts.txt"
    file.write_text("pc-1\na b\n#\npc:x\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        collect_hosts(["-x"], file)
    problems = refused.value.problems
    assert [problem.message.id for problem in problems] == ["host-form", "host-form", "host-port"]
    assert [str(problem.place) for problem in problems] == ["None", f"{file}:2", f"{file}:4"]


def test_a_file_that_names_nothing_too_much_or_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "hosts.txt"
    cases = {
        b"# nobody\n": "host-none",
        b"".join(b"pc-%d\n" % number for number in range(MOST_HOSTS + 1)): "host-many",
        b"\xff\xfe": "not-utf8",
        b"#" * (LARGEST_FILE + 1): "file-too-large",
    }
    for content, id_ in cases.items():
        file.write_bytes(content)
        with pytest.raises(InputError) as refused:
            collect_hosts([], file)
        assert refused.value.problems[0].message.id == id_
    with pytest.raises(InputError):
        collect_hosts([], None)


def test_folders_have_names_that_every_system_takes() -> None:
    taken: set[str] = set()
    names = []
    for text in ("pc", "PC", "pc:22", "a@pc", "[fe80::1%eth0]:22", "con", "index.html", "missing.txt", "..."):
        try:
            host = parse_host(text)
        except InputError:
            continue
        name = folder_name(host, taken)
        taken.add(name.lower())
        names.append(name)
    assert names == ["pc", "PC~2", "pc_22", "pc~3", "fe80--1-eth0_22", "_con", "index.html_", "missing.txt_"]
