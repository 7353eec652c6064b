"""Every form of a licence key that the calculation accepts is masked in a bundle; what only looks like one stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from calculations.activation_code import CALCULATION
from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.tokens import Pseudonyms
from tests.unit.typed_codes import CODE, CODE_GROUPS, HYPHENS, KEY, KEY_GROUPS, between, codes, disguised, keys

ENOUGH = re.compile(r"(?=(?:.*[0-9]){2})(?=.*[G-Z])")
"""Two digits and a letter that no hexadecimal number has: what nearly every real key holds."""
WIDE = {ord(char): chr(ord(char) + 0xFEE0) for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"}


def redactor() -> Redactor:
    return Redactor(Names(), Pseudonyms(b"k" * 32), accelerator=False)


def redacted(text: str) -> str:
    return redactor().redact_text(text + "\n").rstrip("\n")


TOKEN = redacted(CODE)
KEY_TOKEN = redacted(KEY)


@pytest.mark.parametrize(("code", "token"), [(CODE, TOKEN), (KEY, KEY_TOKEN)])
@pytest.mark.parametrize("separator", [*HYPHENS, "", " ", "\u3000", "\u00a0", " - ", " – ", "-–", "–-"])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(
    "carrier", ["{}", "entered {} and", "コードは{}です", "「{}」", "code={};", '"{}"', "({})", "{}\n{}"]
)
def test_a_key_is_masked_however_it_is_typed(code: str, token: str, separator: str, wide: bool, carrier: str) -> None:
    text = code.replace("-", separator) if len(separator) > 2 else between(code, separator)
    text = text.translate(WIDE) if wide else text
    assert redacted(carrier.format(text, text)) == carrier.format(token, token)


@pytest.mark.parametrize("key", [CODE, KEY, "7bkd-4r2m-9tcv-h3wp-aq12", "7Bkd4-R2mx9-tCve3-H3wpn-6Gyud"])
@pytest.mark.parametrize(
    "before",
    ["", "%20", "%0a", r"\n", r"\t", r"\u0041", "—", "ー", "サーバー ", "エラー – ", "- ", "AB ABCD ", "update-"],
)
@pytest.mark.parametrize("behind", ["", "_", "、", "\\n", "ー2026", " - 2026-11-21", "ーabcd-1"])
def test_a_key_with_plain_hyphens_is_masked_whatever_stands_around_it(key: str, before: str, behind: str) -> None:
    text = f"x {before}{key}{behind}"
    # With more before it, it is the end of a longer word.
    assert redacted(text) == (text if before == "update-" else f"x {before}{redacted(key)}{behind}")


@given(st.one_of(codes, keys), st.data())
@settings(max_examples=300)
def test_what_the_calculation_accepts_is_masked(code: str, data: st.DataObject) -> None:
    assume(ENOUGH.search(code))
    typed = data.draw(disguised(code))
    kind = CALCULATION.calculate({"code": typed, "code_groups": CODE_GROUPS, "key_groups": KEY_GROUPS}).evidence
    assert kind["code_kind"] in {"activation_code", "registration_key"}
    # A short key in small letters with nothing between its groups is masked behind its label only.
    entered = typed.strip(" \ufeff\u3000\r\n")
    bare = entered == code.replace("-", "").lower() and len(code) == len(KEY)
    text = f"レジストレーションキー: {entered}" if bare else f"x {typed} y"
    out = redacted(text)
    assert "lic-" in out
    assert not [group for group in code.split("-") if re.search(rf"(?<![a-z0-9-]){group.lower()}(?![a-z0-9])", out)]


@pytest.mark.parametrize(
    "label", ["アクティベーションコード", "レジストレーションキー", "Registration Key", "Activation Code"]
)
def test_behind_its_label_even_a_damaged_key_is_masked(label: str) -> None:
    assert "7bkd" not in redacted(f"{label}: aq7bkd4r2m9")


@pytest.mark.parametrize(
    "text",
    [
        "550e8400-e29b-41d4-a716-446655440000",
        "{550E8400-E29B-41D4-A716-446655440000}",
        "0000 1111 2222 3333 4444 5555 6666",
        "1F 2E3D 4C5B 6A79 8897 DEAD",
        "4d5a 9000 0300 0000 0400 0000 ffff 0000",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "DA39A3EE5E6B4B0D3255BFEF9560189",
        "0x00007ff6a1b2c3d4",
        "0X00007FF6A1B2C3D4",
        "windows10update2023",
        "InternetConnectionSharingEnable1",
        "INTERNETCONNECTIONSHARINGENABLE",
        "to make quick brown house hotel",
        "20261121T090000 INFO  tmlisten - Step - next - port",
        "1234567890123456789012345678901",
        "Version - 14.0.14039 - Build - 14039",
        "A" * 5000 + "1234",
        "ＷＥＢマネージャの［運用管理］→［製品ライセンス］（２０２６年１１月２１日）",
    ],
)
def test_what_only_looks_like_a_key_stays(text: str) -> None:
    assert redacted(text) == text


@given(st.text("AB1a-– ー　Ａ１\n", max_size=400))
def test_any_text_is_redacted_once(text: str) -> None:
    once = redactor().redact_text(text)
    assert redactor().redact_text(once) == once


@pytest.mark.parametrize("flood", ["–AAA1", " AA AAA1 AAA1 AAA1 AAA1", " - AAA1", "AAAA-", "Ａ１", "A" * 31 + " "])
def test_a_flood_of_beginnings_is_worked_off_and_the_key_behind_it_masked(flood: str) -> None:
    text = flood * 3_000
    assert redacted(f"{text}\n{between(CODE, '–')}").endswith(f"\n{TOKEN}")


SECRETS = (
    "password: Hunter2-xyz",
    "パスワード：Himitsu2026",
    "pwd=Hunter2-xyz;",
    '{"ProxyPassword": "Hunter2-xyz"}',
    "http://update:Hunter2-xyz@av.example.co.jp/",
    "Authorization: Basic aGltaXRzdTpIdW50ZXIy",
    "!CRYPT!10A2B3C4D5E6Hunter2-xyz",
    "アクティベーションコード: " + CODE,
    "レジストレーションキー " + KEY.translate(WIDE),
    "AC " + between(CODE, "‐ー－ "),
)


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_go_where_names_are_meant_to_stay(secret: str) -> None:
    who = r"情報システム部 山田 yamada@example.co.jp 03-1234-5678 10.1.2.3 KEIRI-PC-077 C:\Users\yamada"
    names = Names(users=frozenset({"yamada"}), hosts=frozenset({"KEIRI-PC-077"}), domains=frozenset({"example.co.jp"}))
    full = Redactor(names, Pseudonyms(b"k" * 32), accelerator=False)
    out = full.without_secrets(f"{who}\n{secret}\n{who}")
    lines = out.split("\n")
    assert (lines[0], lines[2]) == (who, who)
    for word in ("Hunter2", "Himitsu", "aGltaXRzdTpIdW50ZXIy", "7BKD", "７ＢＫＤ", "9TCV"):
        assert word not in out
    assert full.without_secrets(out) == out


@given(st.text(max_size=200))
def test_text_without_secrets_stays_as_it_is_or_loses_only_secrets(text: str) -> None:
    out = redactor().without_secrets(text)
    assert out == text or "secret-removed" in out or "lic-" in out or "!CRYPT!removed" in out
