"""Texts that make a careless redactor slow: each a short unit, repeated without end."""

from __future__ import annotations

UNITS: tuple[str, ...] = (
    "@", "a@", "a.a@a.", "password=", 'password="', "password:'\\", "pass ", "user=", "user=\\", "users\\", "C:\\Users\\a ",
    "://", "://a:", "http://u:p@", "1.", "10.0.0.1.", "255.255.255.255", "::", "a:", "fe80::", "aa:bb:cc:dd:ee:ff:",
    "aa-bb-cc-", "ABCD-", "ABCDE-", "S-1-5-21-1-", "eyJ", "eyJhbGci.", "Bearer ", "Authorization: ", "Cookie: a=", "\\n", "%40",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n", "=hex:00,", "hex(2):41,00,\\\n", "hex:", "!CRYPT!", "EAV-0",
    "host=", "computer name ", "account name:", "serial number: ", "key", "key=", "token,a", "secret&b=", "ユーザー名:",
    "パスワード", "山田太郎", "\\u5c71", "%e5%b1%b1", "&#23665;", "dC5zdXp1a2k", ".corp.example.co.jp", "a.corp.example.co.jp",
    "KAISHA\\", "zqname", "zqname.", "\\\\", "\"", "<Password>", " ", "a", "山", "\t", "\\\n", ",", "x=",
    "pwd=a,b,c;d&e", "token=[\"", "password&quot;&quot;", "%22", "pass%22%3a%22",
)  # fmt: skip


def hostile_texts(size: int) -> list[tuple[str, bytes]]:
    """For each unit its name and about `size` bytes of it; some with other letters between."""
    texts = [(repr(unit), (unit * (size // len(unit.encode()) + 1)).encode()) for unit in UNITS]
    texts.append(("all units", ("".join(UNITS) * (size // sum(len(unit.encode()) for unit in UNITS) + 1)).encode()))
    return texts
