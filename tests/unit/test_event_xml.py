from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.machine.event_xml import LONGEST, read_event
from diagnose.machine.values import Event

EVENT = """<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>\
<Provider Name="Service Control Manager" Guid="{555908d1-a6d7-4695-8e1e-26931d2012f4}" EventSourceName="SCM"/>\
<EventID Qualifiers="49152">7031</EventID><Version>0</Version><Level>2</Level>\
<TimeCreated SystemTime="2026-11-21T00:15:30.1234567Z"/><Channel>System</Channel></System>\
<EventData><Data Name="param1">Apex One NT Listener</Data><Data Name="param2"> 1 </Data><Binary/></EventData></Event>"""


def test_an_event_is_read() -> None:
    time = datetime(2026, 11, 21, 0, 15, 30, 123456, UTC)
    message = "Apex One NT Listener | 1"
    assert read_event("System", EVENT) == Event("System", "Service Control Manager", 7031, 2, time, message)


def test_what_an_event_leaves_out_is_empty() -> None:
    bare = (
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider EventSourceName="a"/>'
    )
    xml = bare + "<EventID>3</EventID></System><UserData><x><y>言葉</y></x></UserData></Event>"
    assert read_event("Application", xml) == Event("Application", "a", 3, 0, None, "言葉")


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<Event/>",
        EVENT[:-9],
        EVENT.replace("7031", "many"),
        EVENT.replace("7031", "٣"),
        EVENT.replace("Provider", "Producer"),
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + EVENT.replace("Listener", "&a;&a;"),
        EVENT.replace("Listener", "a" * LONGEST),
    ],
)
def test_what_is_no_event_is_passed_over(xml: str) -> None:
    assert read_event("System", xml) is None


@pytest.mark.parametrize("odd", ["\0", "\x01", "\x1b", "\ud800", "\ufffe", "&#1;", "&#x1F;", "&#0008;"])
def test_a_character_that_xml_cannot_hold_does_not_hide_the_event(odd: str) -> None:
    event = read_event("System", EVENT.replace("Listener", f"a{odd}b"))
    assert event is not None
    assert event.message == "Apex One NT a\ufffdb | 1"


@pytest.mark.parametrize("legal", ["&#9;", "&#x0A;", "&#10;", "&#13;", "&#32;"])
def test_white_space_stays_white_space(legal: str) -> None:
    event = read_event("System", EVENT.replace("Listener", f"a{legal}b"))
    assert event is not None
    assert event.message == "Apex One NT a b | 1"


def test_marked_text_is_text() -> None:
    event = read_event("System", EVENT.replace("Listener", "<![CDATA[<a> & b]]>"))
    assert event is not None
    assert event.message == "Apex One NT <a> & b | 1"


def test_a_time_that_is_none_is_left_out() -> None:
    event = read_event("System", EVENT.replace("2026-11-21T00:15:30.1234567Z", "yesterday"))
    assert event is not None
    assert event.time is None


@given(st.text(), st.integers(0, len(EVENT)))
def test_no_text_breaks_the_reader(text: str, position: int) -> None:
    read_event("System", EVENT[:position] + text + EVENT[position:])
