from __future__ import annotations

import base64
import json
import unicodedata
import urllib.parse

import pytest

from diagnose.redaction.names import Names, discover, spellings, union


def test_names_are_merged() -> None:
    merged = union([Names(users=frozenset({"a1"})), Names(users=frozenset({"b1"}), hosts=frozenset({"h1"}))])
    assert merged == Names(users=frozenset({"a1", "b1"}), hosts=frozenset({"h1"}))


@pytest.mark.parametrize(
    ("text", "user"),
    [
        (r"C:\Users\t.suzuki\AppData", "t.suzuki"),
        (r"C:\Users\Taro Yamada\Desktop", "Taro Yamada"),
        ("/home/tsuzuki/.cache", "tsuzuki"),
        ("logon user=tsuzuki ok", "tsuzuki"),
        ("Account Name:\t\ttsuzuki", "tsuzuki"),
        ('{"user":"tsuzuki"}', "tsuzuki"),
        ("ユーザー名: 山田太郎", "山田太郎"),
    ],
)
def test_users_are_learnt_beside_labels_and_in_paths(text: str, user: str) -> None:
    assert discover(text).users == {user}


def test_domain_and_user_are_told_apart() -> None:
    found = discover(r"user=KAISHA\tsuzuki")
    assert found == Names(users=frozenset({"tsuzuki"}), netbios_domains=frozenset({"KAISHA"}))


def test_computers_are_learnt() -> None:
    found = discover("ComputerName: PC-TYO-01\n\\\\filesv01\\share\nhttp://proxy01.corp.local:8080/")
    assert found.hosts == {"PC-TYO-01", "filesv01", "proxy01"}
    assert found.domains == {"corp.local"}


@pytest.mark.parametrize(
    "text",
    [
        "host=localhost user=admin", "http://proxy:8080/", "server: proxy", "user: unknown", "host: update.eset.com",
        r"C:\Users\Public\Desktop", "user=(null)", "host=chrome.exe", r"HKEY_USERS\S-1-5-21-1-2-3", "user=1234",
    ],
)  # fmt: skip
def test_plain_words_are_never_learnt(text: str) -> None:
    assert discover(text) == Names()


@pytest.mark.parametrize("name", ["山田ガンダ", "t.suzuki", "Taro Yamada"])
def test_the_usual_escapes_are_spellings(name: str) -> None:
    known = {spelling.lower() for spelling in spellings(name)}
    forms = [
        name,
        name.upper(),
        json.dumps(name)[1:-1],
        urllib.parse.quote(name),
        unicodedata.normalize("NFD", name),
        "".join(f"&#{ord(char)};" if ord(char) > 127 else char for char in name),
        name.encode("utf-16-le").hex(","),
        base64.b64encode(f"{name}  ".encode()).decode(),
    ]
    assert [form for form in forms if not any(spelling in form.lower().encode() for spelling in known)] == []


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_base64_is_found_wherever_the_name_begins(before: str) -> None:
    encoded = base64.b64encode(f"{before}t.suzuki!!".encode())
    assert any(spelling in encoded for spelling in spellings("t.suzuki"))
