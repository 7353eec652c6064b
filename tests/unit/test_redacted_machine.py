from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from checks._certificate import CODE_SIGNING
from diagnose.bundle.redacted_machine import NOT_TEXT, RedactedMachine, Veil
from diagnose.machine.interface import Machine
from diagnose.machine.recorder import Recorder
from diagnose.machine.values import (
    Absent,
    Certificate,
    DnsAnswer,
    DnsStatus,
    FileContent,
    Process,
    Reason,
    RegistryKey,
    Resolver,
    Store,
    System,
    Unseen,
)
from tests.unit.fake_machine import FakeMachine
from tests.unit.full_machine import QUESTIONS, answers, full_machine, replay
from tests.unit.signed_programs import good, party, sample, signed, world

SECRETS = {
    "PC-経理部": "host-aaaa",
    "osce.example.co.jp": "host-bbbb.dom-cccc.invalid",
    "10.1.2.3": "10.9.8.7",
    "山田": "user-dddd",
}


def veil(public: frozenset[str] = frozenset()) -> Veil:
    known = re.compile("|".join(map(re.escape, SECRETS)), re.IGNORECASE)
    folded = {name.lower(): token for name, token in SECRETS.items()}
    tokens = {token: name for name, token in SECRETS.items()}
    shown = re.compile("|".join(map(re.escape, tokens)))
    return Veil(
        lambda text: known.sub(lambda found: folded[found[0].lower()], text),
        lambda text: shown.sub(lambda found: tokens[found[0]], text),
        public,
    )


def texts(value: Any) -> str:
    """Everything that an answer says, in one text."""
    if dataclasses.is_dataclass(value):
        return " ".join(texts(getattr(value, field.name)) for field in dataclasses.fields(value))
    if isinstance(value, Mapping):
        return " ".join(texts(item) for pair in value.items() for item in pair)
    if isinstance(value, tuple | list):
        return " ".join(map(texts, value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_no_answer_holds_a_name(name: str) -> None:
    redacted: Machine = RedactedMachine(full_machine(), veil())
    said = texts(QUESTIONS[name](redacted)).lower()
    asked = {"dns", "dns again", "public dns", "tcp", "tls", "http", "unseen tcp"}
    if name not in asked:  # there the name was in the question
        assert not [secret for secret in SECRETS if secret.lower() in said]


def test_a_question_with_a_pseudonym_is_understood_and_answered_in_pseudonyms() -> None:
    answer = DnsAnswer("osce.example.co.jp", Resolver.SYSTEM, DnsStatus.ANSWERED, ("10.1.2.3",), "10.1.2.3")
    answer = dataclasses.replace(answer, silent=("10.1.2.3",))
    path = r"C:\Users\山田\更新.log"
    machine = RedactedMachine(
        FakeMachine(dns=[answer], files={path: "山田@osce.example.co.jp".encode("cp932")}), veil()
    )
    shown = SECRETS["osce.example.co.jp"]
    assert machine.resolve(shown, Resolver.SYSTEM) == dataclasses.replace(
        answer, name=shown, addresses=("10.9.8.7",), server="10.9.8.7", silent=("10.9.8.7",)
    )
    (found,) = machine.find_files(r"C:\Users\*\*.log")  # type: ignore[misc]
    assert found.path == r"C:\Users\user-dddd\更新.log"
    content = machine.read_file(found.path)
    assert isinstance(content, FileContent)
    assert content.data.decode() == f"user-dddd@{shown}"
    assert content.whole


def test_of_a_file_that_was_read_in_part_the_part_stays_in_its_place() -> None:
    machine = RedactedMachine(FakeMachine(files={r"C:\a.log": b"x" * 1000 + "\n山田\n".encode()}), veil())
    content = machine.read_file(r"C:\a.log", 10)
    assert isinstance(content, FileContent)
    assert (content.offset, content.data) == (998, b"user-dddd\n")
    assert not content.whole


def test_what_is_no_text_is_not_shown() -> None:
    key = r"HKLM\SOFTWARE\A"
    values = {
        "number": b"\1\0\0\0",
        "key": bytes(range(200)),
        "text": "http://osce.example.co.jp".encode("utf-16-le"),
        "plain": "山田".encode(),
    }
    machine = RedactedMachine(
        FakeMachine(
            registry={key: values},
            files={r"C:\a.exe": b"MZ\0\1\2" * 100},
            certificates={Store.ROOT: [Certificate("A", b"public"), Certificate("B", b"own")]},
        ),
        veil(frozenset({"A"})),
    )
    found = machine.registry_key(key)
    assert isinstance(found, RegistryKey)
    assert {name: value.data for name, value in found.values.items()} == {
        "number": b"\1\0\0\0",
        "key": b"",
        "text": b"http://host-bbbb.dom-cccc.invalid",
        "plain": b"user-dddd",
    }
    assert machine.read_file(r"C:\a.exe") == Unseen(Reason.FAILED, r"C:\a.exe", NOT_TEXT)
    assert machine.certificates(Store.ROOT) == (Certificate("A", b"public"),)


def test_a_signature_is_shown_as_it_is_or_not_at_all() -> None:
    path = r"C:\a.exe"
    shown = FakeMachine(files={path: signed(good())})
    assert RedactedMachine(shown, veil()).signature(path) == shown.signature(path)
    for name in ("山田 太郎", "osce.example.co.jp"):
        data = signed(good(by=party(name, world().middle, purposes=[CODE_SIGNING])))
        found = RedactedMachine(FakeMachine(files={path: data}), veil()).signature(path)
        assert found == Unseen(Reason.FAILED, path, NOT_TEXT), name
    assert RedactedMachine(FakeMachine(files={}), veil()).signature(path) == Absent(path)


def test_who_has_signed_the_programs_is_shown_with_them() -> None:
    here, path = world(), r"C:\山田\a.exe"
    company = party("山田商店 CA")
    held = {
        Store.ROOT: [*here.roots(), party("Other Root").stored, company.stored],
        Store.CA: [here.middle.stored],
        Store.DISALLOWED: [],
    }
    programs = dataclasses.replace(veil(), programs=(path,))
    shown = RedactedMachine(FakeMachine(files={path: sample()}, certificates=held), programs)
    assert shown.certificates(Store.ROOT) == tuple(here.roots())
    assert shown.certificates(Store.CA) == (here.middle.stored,)
    by_company = signed(good(by=party("x", company, purposes=[CODE_SIGNING])))
    hidden = RedactedMachine(FakeMachine(files={path: by_company}, certificates=held), programs)
    assert hidden.certificates(Store.ROOT) == ()


def test_a_registry_value_that_its_name_calls_a_secret_is_one() -> None:
    key = r"HKLM\SOFTWARE\A"
    seen: list[str] = []

    def redact(text: str) -> str:
        seen.append(text)
        return re.sub("(?<=ProxyPassword=).*", "secret-removed", text)

    machine = RedactedMachine(
        FakeMachine(registry={key: {"ProxyPassword": "ひみつ", "List": ("a", "b")}}), Veil(redact, str, frozenset())
    )
    found = machine.registry_key(key)
    assert isinstance(found, RegistryKey)
    assert found.values["ProxyPassword"].data == "secret-removed"
    assert found.values["List"].data == ("a", "b")


def test_a_recording_of_it_replays_to_the_same_answers(tmp_path: Path) -> None:
    recorder = Recorder(RedactedMachine(full_machine(), veil()))
    names = list(QUESTIONS)
    seen = answers(recorder, names)
    assert answers(replay(recorder, tmp_path), names) == seen
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "経理部".encode() not in written
    assert "経理部".encode("utf-16-le") not in written


def test_a_computer_without_a_name_has_none() -> None:
    assert RedactedMachine(FakeMachine(system=System()), veil()).system() == System()
    machine = RedactedMachine(FakeMachine(processes=[Process("山田.exe", 1, "")]), veil())
    assert machine.processes() == (Process("user-dddd.exe", 1, ""),)
