from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.bundle.run_names import names_in_recording
from diagnose.errors import InputError
from tests.unit.recordings import write

PUBLIC = ("trendmicro.com", "www.example.com")
NETWORK = """\
dns:
  - {name: OSCE.tokyo.Example.co.jp., resolver: system, answers: [10.1.2.3], server: 10.1.0.53}
  - {name: www.example.com, resolver: public, answers: [192.0.2.7]}
tcp:
  - {host: osce14-p.activeupdate.trendmicro.com, port: 443, result: connected}
  - {host: '10.9.9.9', port: 1, result: refused}
tls: [{host: fileserver, port: 443, result: ok}]
http: [{url: 'https://proxy01.example.co.jp:8080/x', status: 200}, {url: 'http://[bad', error: x}]
"""


def test_the_names_that_a_recording_states_are_found_and_public_ones_stay(tmp_path: Path) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\nhostname: 経理-PC01\n"})
    write(tmp_path, {"network.yaml": NETWORK})
    names = names_in_recording(tmp_path, PUBLIC)
    assert names.hosts >= {"経理-PC01", "OSCE", "fileserver", "proxy01"}
    assert names.domains >= {"tokyo.Example.co.jp", "example.co.jp"}
    assert names.addresses >= {"10.1.2.3", "10.1.0.53", "10.9.9.9"}
    assert not {"osce14-p", "www"} & names.hosts
    assert names.keep_hosts == frozenset(PUBLIC)


def test_names_that_texts_give_away_are_found_in_every_encoding(tmp_path: Path) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\n"})
    write(tmp_path, {"files/C/a.log": "開いています: C:\\Users\\山田太郎\\更新.log\r\n".encode("cp932")})
    comment = "\ufeffWindows Registry Editor Version 5.00\r\n; C:\\Users\\suzuki\\x\r\n"
    write(tmp_path, {"registry/a.reg": comment.encode("utf-16-le")})
    write(tmp_path, {"files/C/Users/tanaka/b.exe": b"MZ\0\1\2\3"})
    names = names_in_recording(tmp_path, ())
    assert {"山田太郎", "suzuki", "tanaka"} <= {user.lower() for user in names.users}


def test_the_domain_behind_a_stated_computer_is_the_customers(tmp_path: Path) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\nhostname: KEIRI-PC-077\n"})
    write(
        tmp_path,
        {"files/C/a.log": b"to keiri-pc-077.keiri.example.co.jp: KEIRI-PC-077.2026.log KEIRI-PC-0771.x.jp\r\n"},
    )
    names = names_in_recording(tmp_path, PUBLIC)
    assert "keiri.example.co.jp" in names.domains
    assert not {"2026.log", "x.jp"} & names.domains


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"machine.yaml": "platform: [\n"})
    with pytest.raises(InputError):
        names_in_recording(tmp_path, ())
