from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._xml_tree import MOST_BYTES, MOST_DEPTH, MOST_ELEMENTS, XmlError, parse_xml
from diagnose.machine.values import Reason, Unseen
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import FakeMachine
from tests.unit.measured import all_reasons, seen

SETTINGS = r"C:\Windows\System32\inetsrv\config\applicationHost.config"
MIRROR = r"C:\ProgramData\ESET\ESET Security\mirror"
LAUGHS = b'<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><c>&b;</c>'


def iis(
    bindings: str = "*:2221:",
    path: str = MIRROR,
    site: str = "ミラー",
    types: str = "",
    extra: str = "",
    root: str = "",
) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?><configuration><system.applicationHost><sites>
<site name="Default Web Site"><application path="/"><virtualDirectory path="/" physicalPath="%SystemDrive%\\wwwroot"/>
</application><bindings><binding protocol="http" bindingInformation="*:80:"/></bindings></site>
<site name="ミラー"><application path="/sub"><virtualDirectory path="/" physicalPath="D:\\sub"/></application>
<application path="/"><virtualDirectory path="/" physicalPath="{path}"/></application>
<bindings><binding protocol="http" bindingInformation="{bindings}"/></bindings></site></sites></system.applicationHost>
<system.webServer><staticContent><mimeMap fileExtension=".htm"/></staticContent></system.webServer>
<location path="ミラー"><system.webServer><staticContent>{types}</staticContent></system.webServer></location>
</configuration>""".encode()


def looked(files: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    context = FakeContext(FakeMachine(files=files), {"mirror.folder": MIRROR})
    return seen("web_site", context, **{"port": 2221, "folder": "{mirror.folder}", **parameters})


def types_missing(types: str) -> Any:
    return looked({SETTINGS: iis(types=types), MIRROR + r"\update.ver": b""})["types_missing"]


def test_a_site_on_the_port_is_found_with_its_folder_and_types() -> None:
    found = looked({SETTINGS: iis(types='<mimeMap fileExtension=".*"/>'), MIRROR + r"\update.ver": b""})
    assert found == {
        "web_server_installed": True,
        "site_found": True,
        "site_name": "ミラー",
        "site_folder": MIRROR,
        "site_folder_exists": True,
        "site_is_folder": True,
        "site_starts": True,
        "types_missing": (),
        "default_document": True,
    }


@pytest.mark.parametrize(
    ("types", "missing"),
    [
        ("", (".ver", ".nup")),
        ('<mimeMap fileExtension="*"/>', ()),
        ('<mimeMap fileExtension=".VER"/>', (".nup",)),
        ('<mimeMap fileExtension=".ver"/><mimeMap fileExtension=".nup"/>', ()),
        ('<mimeMap fileExtension=".*"/><remove fileExtension=".*"/>', (".ver", ".nup")),
        ('<mimeMap fileExtension=".*"/><clear/><mimeMap fileExtension=".ver"/>', (".nup",)),
    ],
)
def test_the_types_that_clients_ask_for_must_be_known(types: str, missing: tuple[str, ...]) -> None:
    assert types_missing(types) == missing


def test_the_folders_own_settings_come_last() -> None:
    own = b'<configuration><system.webServer><staticContent><remove fileExtension=".*"/></staticContent>'
    own += b'<defaultDocument enabled="false"/></system.webServer></configuration>'
    found = looked({SETTINGS: iis(types='<mimeMap fileExtension=".*"/>'), MIRROR + r"\web.config": own})
    assert (found["types_missing"], found["default_document"]) == ((".ver", ".nup"), False)
    broken = looked({SETTINGS: iis(), MIRROR + r"\web.config": b"<configuration>"})
    assert (broken["types_missing"], broken["default_document"]) == (Reason.MALFORMED, Reason.MALFORMED)
    assert broken["site_is_folder"]


@pytest.mark.parametrize(
    ("bindings", "found"),
    [
        ("*:2221:", True),
        ("192.168.1.1:2221:mirror.example.co.jp", True),
        ("[::1]:2221:", True),
        ("*:22210:", False),
        ("*:2221", False),
        ("2221", False),
        ("", False),
    ],
)
def test_a_binding_names_its_port_between_address_and_name(bindings: str, found: bool) -> None:
    assert looked({SETTINGS: iis(bindings)})["site_found"] is found


def test_a_site_of_another_folder_and_a_folder_that_is_gone() -> None:
    found = looked({SETTINGS: iis(path=r"%ProgramData%\別")})
    assert (found["site_folder"], found["site_is_folder"]) == (r"C:\ProgramData\別", False)
    assert found["site_folder_exists"] is False
    same = looked({SETTINGS: iis(path=MIRROR.upper() + "\\")})
    assert same["site_is_folder"]


def test_without_iis_there_is_no_site_and_without_a_look_nothing_is_known() -> None:
    nothing = looked({"C:\\x": b""})
    assert (nothing["web_server_installed"], nothing["site_found"]) == (False, False)
    assert nothing["types_missing"] is Reason.MISSING
    assert all_reasons(looked({SETTINGS: Unseen(Reason.DENIED, SETTINGS)})) == {Reason.DENIED}
    assert all_reasons(seen("web_site", FakeContext(FakeMachine()), port=2221)) == {Reason.NOT_RECORDED}


@pytest.mark.parametrize("data", [LAUGHS, b"", b"<c>", b"\xff\xfe\x00", b"<a/><b/>", b"<c>&x;</c>", b"\x00" * 50])
def test_settings_that_are_no_plain_xml_stay_unknown(data: bytes) -> None:
    assert all_reasons(looked({SETTINGS: data})) == {Reason.MALFORMED}


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS,
        b'<!DOCTYPE c SYSTEM "file:///etc/passwd"><c/>',
        b'<!DOCTYPE c [<!ENTITY x SYSTEM "http://203.0.113.9/">]><c>&x;</c>',
        b"<a>" * (MOST_DEPTH + 1),
        b"<a>" + b"<b/>" * (MOST_ELEMENTS + 1) + b"</a>",
        b"<a/>" + b" " * MOST_BYTES,
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
    ],
)
def test_a_document_type_and_what_is_too_large_are_refused(data: bytes) -> None:
    with pytest.raises(XmlError):
        parse_xml(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_tree_or_refused(data: bytes) -> None:
    with contextlib.suppress(XmlError):
        parse_xml(data)


def test_the_way_to_an_element_goes_by_names() -> None:
    root = parse_xml('<設定><a n="1"><b/></a><a n="2"/></設定>'.encode())
    assert [one.get("n") for one in root.find("a")] == ["1", "2"]
    assert [one.name for one in root.find("a", "b")] == ["b"]
    assert list(root.find("b")) == []
    assert root.get("n") == ""
