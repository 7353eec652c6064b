from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.machine.ini_file import IniFile

OFCSCAN = """\
orphan = 1
; コメント
# another
[INI_SERVER_SECTION]
Master_DomainName=osce.example.co.jp
Master_DomainPort = 8080
Path="C:\\Program Files (x86)\\Trend Micro"
Url=https://a/?x=1&y=2 ; stays
Percent=100%(x)s %TEMP%
Empty=
not a setting
=nameless
[サーバー]
名前=値
[ini_server_section]
MASTER_DOMAINNAME=second
Later=found
"""


def test_values_are_found_without_case() -> None:
    ini = IniFile.parse(OFCSCAN)
    assert ini.value("ini_server_section", "master_domainport") == "8080"
    assert ini.value("INI_SERVER_SECTION", "MASTER_DOMAINPORT") == "8080"
    assert ini.value("サーバー", "名前") == "値"


def test_of_a_key_that_stands_twice_the_first_counts_and_sections_merge() -> None:
    ini = IniFile.parse(OFCSCAN)
    assert ini.value("INI_SERVER_SECTION", "Master_DomainName") == "osce.example.co.jp"
    assert ini.value("INI_SERVER_SECTION", "Later") == "found"
    assert ini.sections == ("", "INI_SERVER_SECTION", "サーバー")


def test_values_keep_quotes_equal_signs_percents_and_semicolons() -> None:
    ini = IniFile.parse(OFCSCAN)
    assert ini.value("INI_SERVER_SECTION", "Path") == '"C:\\Program Files (x86)\\Trend Micro"'
    assert ini.value("INI_SERVER_SECTION", "Url") == "https://a/?x=1&y=2 ; stays"
    assert ini.value("INI_SERVER_SECTION", "Percent") == "100%(x)s %TEMP%"


def test_empty_and_missing_are_different() -> None:
    ini = IniFile.parse(OFCSCAN)
    assert ini.value("INI_SERVER_SECTION", "Empty") == ""
    assert ini.value("INI_SERVER_SECTION", "Missing") is None
    assert ini.value("Missing", "Empty") is None


def test_keys_before_any_section_have_none() -> None:
    assert IniFile.parse(OFCSCAN).value("", "orphan") == "1"
    assert IniFile.parse("[a]\nb=c").sections == ("a",)


def test_lines_that_are_nothing_are_passed_over() -> None:
    ini = IniFile.parse(OFCSCAN)
    assert ("not a setting", "") not in ini.items("INI_SERVER_SECTION")
    assert ini.items("サーバー") == (("名前", "値"),)
    assert ini.items("nowhere") == ()


def test_a_section_line_without_its_bracket_still_starts_a_section() -> None:
    ini = IniFile.parse("\ufeff[a\nx=1\n[b] ; comment\nx=2")
    assert ini.value("a", "x") == "1"
    assert ini.value("b", "x") == "2"


def test_a_megabyte_of_brackets_does_not_hang() -> None:
    assert IniFile.parse("[" * 500_000 + "\n" + "[]=\n" * 100_000).sections


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    ini = IniFile.parse(text)
    for section in ini.sections:
        for key, value in ini.items(section):
            assert ini.value(section, key) == value


names = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=8)


@settings(max_examples=40)
@given(st.dictionaries(names, st.dictionaries(names, names)))
def test_what_is_written_is_read(content: dict[str, dict[str, str]]) -> None:
    text = "".join(f"[{s}]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()) for s, keys in content.items())
    ini = IniFile.parse(text)
    first: dict[tuple[str, str], str] = {}
    for section, keys in content.items():
        for key, value in keys.items():
            first.setdefault((section.lower(), key.lower()), value)
    for (section, key), value in first.items():
        assert ini.value(section, key) == value
