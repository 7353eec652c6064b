from __future__ import annotations

import codecs
import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.errors import InputError
from diagnose.machine import registry_file
from diagnose.machine.registry_data import as_recorded, split_strings
from diagnose.machine.registry_file import parse_registry_file, parse_registry_tree, read_registry_file
from diagnose.machine.registry_file import write_registry_file as write
from diagnose.machine.registry_paths import in_first_control_set, in_view, normalise_key, with_long_hive
from diagnose.machine.registry_tree import RegistryTree, TreeBuilder
from diagnose.machine.values import RegistryData, RegistryKey, RegistryValue, View
from diagnose.messages import catalogue
from diagnose.text import Language

HEADER = "Windows Registry Editor Version 5.00\r\n\r\n"
KEY = r"HKLM\SOFTWARE\トレンド"


def tree(text: str, encoding: str = "utf-8") -> RegistryTree:
    return parse_registry_tree(text.encode(encoding), "test.reg")


def value(data: str, name: str = "v") -> tuple[str, RegistryData]:
    found = tree(f'{HEADER}[HKEY_LOCAL_MACHINE\\A]\r\n"v"={data}\r\n').key(r"HKLM\A")
    assert found is not None
    return found.values[name].kind, found.values[name].data


def problem(data: bytes | str) -> tuple[str, int, int]:
    with pytest.raises(InputError) as caught:
        parse_registry_tree(data.encode() if isinstance(data, str) else data, "bad.reg")
    (found,) = caught.value.problems
    assert found.place is not None
    assert found.place.file == "bad.reg"
    for language in Language:
        assert found.message.in_language(language)
    return found.message.id, found.place.line, found.place.column


@pytest.mark.parametrize(
    ("text", "kind", "data"),
    [
        ('"文字列"', "REG_SZ", "文字列"),
        (r'"C:\\x \"y\""', "REG_SZ", r'C:\x "y"'),
        (r'"a\r\nb"', "REG_SZ", "a\r\nb"),
        ('"two\r\nlines"', "REG_SZ", "two\r\nlines"),
        ('""', "REG_SZ", ""),
        ("dword:000000ff", "REG_DWORD", 255),
        ("DWORD:F", "REG_DWORD", 15),
        ("hex:", "REG_BINARY", b""),
        ("hex:01,Ff", "REG_BINARY", b"\x01\xff"),
        ("hex:1,2,", "REG_BINARY", b"\x01\x02"),
        ("hex(0):", "REG_NONE", b""),
        ("hex(1):42,30,00,00", "REG_SZ", "あ"),
        ("hex(1):42,30", "REG_SZ", "あ"),
        ("hex(1):61,00,00,00,62,00,00,00", "REG_SZ", "a"),
        ("hex(2):25,00,41,00,25,00,00,00", "REG_EXPAND_SZ", "%A%"),
        ("hex(3):00", "REG_BINARY", b"\0"),
        ("hex(4):01,00,00,00", "REG_DWORD", 1),
        ("hex(4):01", "REG_TYPE_4", b"\x01"),
        ("hex(5):00,00,00,01", "REG_TYPE_5", b"\0\0\0\x01"),
        ("hex(7):61,00,00,00,62,00,00,00,00,00", "REG_MULTI_SZ", ("a", "b")),
        ("hex(7):61,00,00,00", "REG_MULTI_SZ", ("a",)),
        ("hex(7):00,00", "REG_MULTI_SZ", ()),
        ("hex(b):01,00,00,00,00,00,00,80", "REG_QWORD", 2**63 + 1),
        ("hex(b):01", "REG_TYPE_11", b"\x01"),
        ("hex(100000):aa", "REG_TYPE_1048576", b"\xaa"),
        ("hex:01,\\\r\n  02,\\\n\t03 ; comment", "REG_BINARY", b"\x01\x02\x03"),
        ('"x" ; comment', "REG_SZ", "x"),
        ('"; no comment"', "REG_SZ", "; no comment"),
        ("dword:1 ;", "REG_DWORD", 1),
    ],
)
def test_every_type_of_value_is_read(text: str, kind: str, data: RegistryData) -> None:
    assert value(text) == (kind, data)


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (codecs.BOM_UTF8, "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_every_encoding_is_read(bom: bytes, encoding: str) -> None:
    data = bom + f'{HEADER}[{KEY}]\r\n"名前"="値①"\r\n'.encode(encoding)
    found = parse_registry_tree(data, "x").key(KEY)
    assert found is not None
    assert found.values["名前"].data == "値①"


def test_an_old_file_holds_its_hexadecimal_text_in_cp932() -> None:
    hexadecimal = ",".join(f"{byte:02x}" for byte in "日本\0".encode("cp932"))
    text = f'REGEDIT4\r\n[HKEY_CURRENT_USER\\ソフト]\r\n"表"=hex(2):{hexadecimal}\r\n@="能"\r\n'
    found = parse_registry_tree(text.encode("cp932"), "x").key(r"hkcu\ソフト")
    assert found is not None
    assert found.values["表"].data == "日本"
    assert found.values[""].data == "能"


def test_keys_compare_without_case_and_know_long_and_short_hives() -> None:
    found = tree(f'{HEADER}[HKEY_LOCAL_MACHINE\\Software\\ABC\\Def]\r\n"Name"=dword:1\r\n')
    key = found.key(r"hklm\SOFTWARE\abc\DEF")
    assert key == RegistryKey(
        r"HKLM\SOFTWARE\abc\DEF",
        {"Name": RegistryValue("REG_DWORD", 1, r"HKLM\SOFTWARE\abc\DEF : Name")},
        (),
    )
    parent = found.key(r"HKEY_LOCAL_MACHINE\software")
    assert parent is not None
    assert parent.subkeys == ("ABC",)
    assert found.key(r"HKLM\SOFTWARE\abc\x") is None


def test_subkeys_come_in_alphabetical_order() -> None:
    found = tree(HEADER + "\r\n".join(f"[HKLM\\S\\{name}]" for name in ("b", "C", "a"))).key(r"HKLM\S")
    assert found is not None
    assert found.subkeys == ("a", "b", "C")


def test_a_hive_part_is_covered_by_any_of_its_keys() -> None:
    found = tree(f"{HEADER}[HKLM\\SOFTWARE\\A]\r\n")
    assert found.covers(r"HKLM\software\Other\Key")
    assert not found.covers(r"HKLM\SYSTEM\A")
    assert not found.covers(r"HKCU\SOFTWARE\A")
    assert not found.empty
    assert tree(HEADER).empty


def test_deletions_remove_what_was_read_before() -> None:
    found = tree(
        HEADER + '[HKLM\\S\\A\\B]\r\n[HKLM\\S\\A]\r\n"x"=dword:1\r\n"y"=dword:2\r\n"X"=-\r\n'
        "[-HKLM\\S\\A\\b]\r\n[-HKLM\\Nothing\\Here]\r\n"
    ).key(r"HKLM\S\A")
    assert found is not None
    assert set(found.values) == {"y"}
    assert found.subkeys == ()


def test_values_below_a_deleted_key_belong_to_nothing() -> None:
    found = tree(f'{HEADER}[HKLM\\S]\r\n[-HKLM\\S\\A]\r\n"x"=dword:1\r\n"y"=-\r\n')
    key = found.key(r"HKLM\S")
    assert key is not None
    assert key.values == {}


def test_a_later_file_wins(tmp_path: Path) -> None:
    builder = TreeBuilder()
    for name, data in (("a.reg", "1"), ("b.reg", "2")):
        (tmp_path / name).write_text(f'{HEADER}[HKLM\\S]\n"x"="{data}"\n"{name}"="{data}"\n', encoding="utf-16")
        read_registry_file(tmp_path / name, builder)
    found = builder.tree().key(r"HKLM\S")
    assert found is not None
    assert {name: held.data for name, held in found.values.items()} == {"x": "2", "a.reg": "1", "b.reg": "2"}


def test_comments_blank_lines_and_brackets_in_names_are_no_trouble() -> None:
    found = tree(f"\r\n{HEADER}; 注釈 [x]\r\n\r\n  [HKLM\\S\\a]b]  ; hm\n\r\n;end").key(r"HKLM\S\a]b")
    assert found is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("reg-header", 1, 1)),
        ("\n\nHello\n", ("reg-header", 3, 1)),
        (HEADER + '"a"="b"', ("reg-value-without-key", 3, 1)),
        (HEADER + "[HKLM\\A\r\n", ("reg-key", 3, 1)),
        (HEADER + "[HKXX\\A]\r\n", ("reg-hive", 3, 1)),
        (HEADER + "[HKLM\\A]\r\n[]\r\n", ("reg-hive", 4, 1)),
        (HEADER + "[HKLM\\A]\r\n" + "[HKLM" + "\\a" * 513 + "]", ("reg-too-many", 4, 1)),
        (HEADER + "[HKLM\\A]\r\nhello\r\n", ("reg-line", 4, 1)),
        (HEADER + '[HKLM\\A]\r\n"a" "b"\r\n', ("reg-name", 4, 1)),
        (HEADER + '[HKLM\\A]\r\n"値"=dwrd:1\r\n', ("reg-value", 4, 5)),
        (HEADER + '[HKLM\\A]\r\n"a"=dword:123456789\r\n', ("reg-value", 4, 5)),
        (HEADER + '[HKLM\\A]\r\n"a"=dword:1x\r\n', ("reg-rest", 4, 12)),
        (HEADER + '[HKLM\\A]\r\n"a"=hex:1,,2\r\n', ("reg-hex", 4, 9)),
        (HEADER + '[HKLM\\A]\r\n"a"=hex:123\r\n', ("reg-hex", 4, 9)),
        (HEADER + '[HKLM\\A]\r\n"a"=hex:12,zz\r\n', ("reg-rest", 4, 12)),
        (HEADER + '[HKLM\\A]\r\n"a"=hex:12,\\', ("reg-rest", 4, 12)),
        (HEADER + '[HKLM\\A]\r\n"a"="unfinished\r\n', ("reg-unfinished-text", 4, 5)),
        (HEADER + '[HKLM\\A]\r\n"a"="C:\\x\\"\r\n"b"="c"\r\n', ("reg-escape", 4, 8)),
        (HEADER + '[HKLM\\A]\r\n"a"="C:\\\\x\\"\r\n"b"="c"\r\n', ("reg-unfinished-text", 4, 1)),
        (HEADER + '[HKLM\\A]\r\n"a"="C:\\Program Files"\r\n', ("reg-escape", 4, 8)),
        (HEADER + '[HKLM\\A]\r\n"a"="b" c\r\n', ("reg-rest", 4, 9)),
        (b'REGEDIT4\n[HKLM\\A]\n"a"="\x81"\n\xff\xff\x81', ("reg-encoding", 3, 0)),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(text: bytes | str, expected: tuple[str, int, int]) -> None:
    assert problem(text) == expected


def test_every_message_has_its_values() -> None:
    assert all(id in catalogue() for id in ("reg-header", "reg-encoding", "file-too-large"))  # noqa: A001


def test_a_missing_file_and_a_folder_are_input_errors(tmp_path: Path) -> None:
    for path in (tmp_path / "none.reg", tmp_path):
        with pytest.raises(InputError):
            read_registry_file(path)


def test_size_and_number_of_values_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEADER + '[HKLM\\A]\r\n"a"="1"\r\n"b"="2"\r\n[HKLM\\A\\B\\C]\r\n[HKLM\\A\\D]\r\n'
    monkeypatch.setattr(registry_file, "MAX_VALUES", 1)
    assert problem(text) == ("reg-too-many", 5, 1)
    monkeypatch.setattr(registry_file, "MAX_VALUES", 2)
    monkeypatch.setattr(registry_file, "MAX_KEYS", 3)
    assert problem(text) == ("reg-too-many", 7, 1)
    monkeypatch.setattr(registry_file, "MAX_KEYS", 5)
    assert tree(text).key(r"HKLM\A\D")
    monkeypatch.setattr(registry_file, "MAX_BYTES", 10)
    assert problem(text)[0] == "file-too-large"


@pytest.mark.parametrize(
    "part",
    [
        '"x"="' + "\\\\" * 50,
        '"x"=hex:' + "00,\\\r\n  " * 50,
        "[HKLM\\" + "]" * 100,
        ";" * 100 + "\n",
        '"',
        '"x"="\n',
        " \n\t",
        '"x"=hex:' + "0" * 100,
    ],
)
def test_hostile_text_is_refused_or_read_without_hanging(part: str) -> None:
    data = (HEADER + "[HKLM\\A]\r\n" + part * 5000).encode()
    with contextlib.suppress(InputError):
        parse_registry_file(data, "x")


def test_written_files_look_like_those_of_reg_export() -> None:
    data = write(
        {
            r"HKLM\SOFTWARE\日本": {
                "Path": RegistryValue("REG_EXPAND_SZ", "%SystemRoot%\\x"),
                "": RegistryValue("REG_SZ", 'a\\"b"'),
                "n": RegistryValue("REG_DWORD", 10),
            }
        }
    )
    assert data.startswith(codecs.BOM_UTF16_LE)
    assert data.decode("utf-16") == (
        "Windows Registry Editor Version 5.00\r\n"
        "\r\n"
        "[HKEY_LOCAL_MACHINE\\SOFTWARE\\日本]\r\n"
        '"Path"=hex(2):25,00,53,00,79,00,73,00,74,00,65,00,6d,00,52,00,6f,00,6f,00,74,\\\r\n'
        "  00,25,00,5c,00,78,00,00,00\r\n"
        '@="a\\\\\\"b\\""\r\n'
        '"n"=dword:0000000a\r\n'
        "\r\n"
    )


characters = st.characters(codec="utf-8", exclude_characters="\0")
names = st.text(characters, max_size=12)
key_names = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\\"), min_size=1, max_size=8)
values = st.one_of(
    st.builds(RegistryValue, st.sampled_from(["REG_SZ", "REG_EXPAND_SZ"]), st.text(characters, max_size=60)),
    st.builds(RegistryValue, st.just("REG_DWORD"), st.integers(0, 2**32 - 1)),
    st.builds(RegistryValue, st.just("REG_QWORD"), st.integers(0, 2**64 - 1)),
    st.builds(RegistryValue, st.just("REG_MULTI_SZ"), st.lists(st.text(characters, max_size=9)).map(tuple)),
    st.builds(RegistryValue, st.sampled_from(["REG_BINARY", "REG_NONE", "REG_TYPE_5", "REG_TYPE_131090"]), st.binary()),
)
keys = st.dictionaries(
    st.lists(key_names, min_size=1, max_size=4).map(lambda parts: "\\".join(["HKLM", *parts])),
    st.dictionaries(names, values, max_size=5),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(keys)
def test_what_is_written_is_read_back(content: dict[str, dict[str, RegistryValue]]) -> None:
    data = write(content)
    assert all(len(line) <= 80 for line in data.decode("utf-16").split("\r\n") if "," in line and '"' not in line)
    read = parse_registry_tree(data, "x")
    expected: dict[str, dict[str, tuple[str, str, RegistryData]]] = {}
    for path, held in content.items():
        merged = expected.setdefault(normalise_key(path).lower(), {})
        for name, one in held.items():
            merged[name.lower()] = (name, one.kind, one.data)
    for path, merged in expected.items():
        key = read.key(path)
        assert key is not None
        assert sorted((name, one.kind, one.data) for name, one in key.values.items()) == sorted(merged.values())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "utf-16-be"]))
def test_no_text_breaks_the_parser(text: str, encoding: str) -> None:
    try:
        tree(HEADER + "[HKLM\\A]\r\n" + text.encode("utf-8", "replace").decode(), encoding)
    except InputError as error:
        assert error.problems


@given(st.binary(max_size=100))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    for start in (b"", b"REGEDIT4\n[HKLM\\A]\n", (HEADER + "[HKLM\\A]\n").encode("utf-16")):
        try:
            parse_registry_tree(start + data, "x")
        except InputError as error:
            assert error.problems


@given(st.lists(st.text(characters, max_size=5)))
def test_lists_of_strings_survive_their_zeros(items: list[str]) -> None:
    assert split_strings("".join(item + "\0" for item in items) + "\0") == tuple(items)


def test_values_that_no_registry_file_can_hold_are_made_to_fit() -> None:
    assert as_recorded(RegistryValue("REG_SZ", "a\ud800b\0c"), "w") == RegistryValue("REG_SZ", "a?b", "w")
    assert as_recorded(RegistryValue("REG_DWORD", 2**32 + 1), "w") == RegistryValue("REG_DWORD", 1, "w")
    assert as_recorded(RegistryValue("REG_SZ", b"a\0\0\0"), "w") == RegistryValue("REG_SZ", "a", "w")


@pytest.mark.parametrize(
    ("key", "view", "architecture", "expected"),
    [
        (r"HKLM\SOFTWARE\X", View.BITS_32, "x86_64", r"HKLM\SOFTWARE\WOW6432Node\X"),
        (r"HKEY_LOCAL_MACHINE\Software\X", View.BITS_32, None, r"HKLM\Software\WOW6432Node\X"),
        (r"HKLM\SOFTWARE", View.BITS_32, "arm64", r"HKLM\SOFTWARE\WOW6432Node"),
        (r"HKLM\SOFTWARE\Wow6432Node\X", View.BITS_32, "x86_64", r"HKLM\SOFTWARE\Wow6432Node\X"),
        (r"HKLM\SOFTWARE\X", View.BITS_32, "x86", r"HKLM\SOFTWARE\X"),
        (r"HKLM\SOFTWARE\X", View.BITS_64, "x86_64", r"HKLM\SOFTWARE\X"),
        (r"HKLM\SOFTWARE\X\\", View.NATIVE, "x86_64", r"HKLM\SOFTWARE\X"),
        (r"HKLM\SOFTWARES\X", View.BITS_32, "x86_64", r"HKLM\SOFTWARES\X"),
        (r"HKCU\Software\X", View.BITS_32, "x86_64", r"HKCU\Software\X"),
    ],
)
def test_views_lead_to_keys(key: str, view: View, architecture: str | None, expected: str) -> None:
    assert in_view(key, view, architecture) == expected


def test_the_first_control_set_stands_in_for_the_current_one() -> None:
    assert in_first_control_set(r"HKLM\SYSTEM\CurrentControlSet\Services") == r"HKLM\SYSTEM\ControlSet001\Services"
    assert in_first_control_set(r"HKLM\SYSTEM\CurrentControlSets") is None
    assert with_long_hive(r"hklm\A") == r"HKEY_LOCAL_MACHINE\A"
