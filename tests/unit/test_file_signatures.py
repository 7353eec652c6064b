"""The check on the product's programs: which list a file goes to, what is named, and that a replay says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checks._certificate import CODE_SIGNING
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recorder import Recorder
from diagnose.machine.values import FileInfo, HttpAnswer, ProxySetting, Reason, Store, Unseen, Via
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import FakeMachine
from tests.unit.measured import all_reasons, measured, seen
from tests.unit.signed_programs import How, Party, good, party, program, sample, signed, world

AGENT = r"C:\Program Files (x86)\Trend Micro\エージェント"
FOLDER = {"agent.folder": AGENT + "\\"}
DENIED = Unseen(Reason.DENIED, "場所", "拒否")
VERDICTS = ("valid", "altered", "untrusted", "distrusted", "expired", "misused", "unjudged", "unsigned")


def machine(files: Any, **more: Any) -> FakeMachine:
    here = world()
    held = {Store.ROOT: here.roots(), Store.CA: [], Store.DISALLOWED: [], **more.pop("certificates", {})}
    certificates = {store: found for store, found in held.items() if found is not None}
    return FakeMachine(files=files, certificates=certificates, **more)


def signatures(held: FakeMachine, *paths: str, **parameters: Any) -> dict[str, Any]:
    return seen("file_signatures", FakeContext(machine=held, facts=FOLDER), files=list(paths), **parameters)


def known(subject: str, sha1: str) -> dict[str, Any]:
    return {"id": "x", "subject": subject, "sha1": sha1, "why": {"ja": "署名", "en": "signs"}}


def files() -> dict[str, Any]:
    here = world()
    web = party("www.example.jp", here.middle, purposes=["1.3.6.1.5.5.7.3.1"])
    stranger = party("Stranger", party("Unknown Root"), purposes=[CODE_SIGNING])
    whole: dict[str, How | bytes] = {
        "valid": good(),
        "altered": sample()[:-8],
        "untrusted": good(by=stranger),
        "expired": good(stamps=[]),
        "misused": good(by=web),
        "unjudged": good(digest="sha256", certificates=[here.middle]),
        "unsigned": program(),
    }
    return {rf"C:\{name}.exe": signed(how) if isinstance(how, How) else how for name, how in whole.items()}


def test_each_file_stands_in_one_list() -> None:
    held = files()
    result = signatures(machine(held), *held)
    assert {name: result[f"{name}_files"] for name in VERDICTS} == {
        name: (rf"C:\{name}.exe",) if name != "distrusted" else () for name in VERDICTS
    }
    assert result["looked_at"] == 7
    assert len(result["signed_files"]) == 6
    assert result["lacking_certificates"] == ("Unknown Root",)
    assert "valid.exe: Example Security K.K. (2025-10-17)" in result["file_signers"]


def test_what_is_distrusted_is_named_with_its_number() -> None:
    here = world()
    held = machine({r"C:\a.exe": sample()}, certificates={Store.DISALLOWED: [here.middle.stored]})
    result = signatures(held, r"C:\a.exe")
    assert result["distrusted_files"] == (r"C:\a.exe",)
    assert result["distrusted_certificates"] == (f"試験 Code Signing CA (SHA-1 {here.middle.sha1})",)


def test_a_missing_root_gets_its_number_from_the_rules_or_from_the_file() -> None:
    here = world()
    held = machine({r"C:\a.exe": sample()}, certificates={Store.ROOT: [here.time_root.stored]})
    result = signatures(held, r"C:\a.exe", required=[known("試験 Root CA", here.root.sha1)])
    assert result["lacking_certificates"] == (f"試験 Root CA (SHA-1 {here.root.sha1})",)
    inside = signed(good(certificates=[here.signer, here.middle, here.root]))
    held = machine({r"C:\a.exe": inside}, certificates={Store.ROOT: [here.time_root.stored]})
    assert signatures(held, r"C:\a.exe")["lacking_certificates"] == (f"試験 Root CA (SHA-1 {here.root.sha1})",)


def test_where_a_missing_certificate_is_published_is_told() -> None:
    here = world()
    signer = party("S", here.middle, purposes=[CODE_SIGNING], url="http://cert.example.jp/m.crt")
    result = signatures(machine({r"C:\a.exe": signed(good(by=signer, certificates=[signer]))}), r"C:\a.exe")
    assert result["lacking_from"] == ("http://cert.example.jp/m.crt",)


def test_files_that_cannot_be_read_are_named_and_hide_no_finding() -> None:
    held = {
        r"C:\a.exe": program(),
        r"C:\b.exe": DENIED,
        r"C:\d.exe": FileInfo(r"C:\d.exe", None, None),
    }
    result = signatures(machine(held), *held, r"C:\e.exe", "{nothing}.exe")
    assert result["unsigned_files"] == (r"C:\a.exe",)
    assert result["unread_files"] == ("場所", r"C:\d.exe", "{nothing}.exe")
    assert result["looked_at"] == 1


def test_nothing_is_known_when_no_file_could_be_read() -> None:
    result = signatures(machine({r"C:\b.exe": DENIED}), r"C:\b.exe")
    assert (result.pop("unread_files"), result.pop("looked_at")) == (("場所",), 0)
    assert all_reasons(result) == {Reason.DENIED}
    assert signatures(machine({}), r"C:\gone.exe")["altered_files"] is Reason.MISSING


def test_without_the_roots_a_signature_is_not_judged() -> None:
    result = signatures(FakeMachine(files={r"C:\a.exe": sample()}), r"C:\a.exe")
    assert (result["unjudged_files"], result["valid_files"], result["looked_at"]) == ((r"C:\a.exe",), (), 1)


def test_only_the_machine_is_asked_for_programs() -> None:
    held = machine({r"C:\a.exe": sample()})
    signatures(held, r"C:\a.exe")
    asked = {str(call[0]).split()[0] for call in held.calls}
    assert asked <= {"file_info", "signature", "open_file", "certificates"}


def test_a_replay_says_the_same(tmp_path: Path) -> None:
    held = files()
    recorder = Recorder(machine({**held, r"C:\locked.exe": DENIED}))
    before = measured("file_signatures", FakeContext(machine=recorder), files=[*held, r"C:\locked.exe", r"C:\gone.exe"])
    recorder.write(tmp_path / "machine")
    replayed = FakeContext(machine=RecordedMachine.open(tmp_path / "machine"))
    after = measured("file_signatures", replayed, files=[*held, r"C:\locked.exe", r"C:\gone.exe"])
    assert after == before


# Roots that another authority stands in for, and the place that Windows fetches roots from


def crossed() -> tuple[Party, Party, Party]:
    old, key = party("Old Root"), party("x").key
    return old, party("New Root", key=key), party("New Root", old, ca=True, key=key)


def roots(held: FakeMachine, *required: Party, name: str = "New Root") -> dict[str, Any]:
    specs = [known(name, one.sha1) for one in required]
    return seen("signing_certificates", FakeContext(machine=held), required=specs)


def test_a_root_that_a_trusted_one_has_signed_too_is_not_missing() -> None:
    old, new, cross = crossed()
    held = machine({}, certificates={Store.ROOT: [old.stored], Store.CA: [cross.stored]})
    assert (roots(held, new)["missing"], roots(held, new)["replaced"]) == ((), ("x",))
    for certificates in (
        {Store.ROOT: [], Store.CA: [cross.stored]},
        {Store.ROOT: [old.stored], Store.CA: []},
        {Store.ROOT: [old.stored], Store.CA: None},
        {Store.ROOT: [old.stored], Store.CA: [cross.stored], Store.DISALLOWED: [cross.stored]},
    ):
        result = roots(machine({}, certificates=certificates), new)
        assert (result["missing"], result["replaced"]) == (("x",), ()), certificates


URL = "http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en/authrootstl.cab"


@pytest.mark.parametrize(
    ("answers", "proxies", "expected"),
    [
        ([HttpAnswer(URL, Via.DIRECT, 200)], None, True),
        ([HttpAnswer(URL, Via.DIRECT, None, error="timeout"), HttpAnswer(URL, Via.PROXY, 200)], None, True),
        ([HttpAnswer(URL, Via.DIRECT, None, error="timeout"), HttpAnswer(URL, Via.PROXY, 403)], None, False),
        ([HttpAnswer(URL, Via.DIRECT, 403)], (), False),
        ([HttpAnswer(URL, Via.DIRECT, 403)], [ProxySetting("user", "http://p:1", "x")], Reason.NOT_RECORDED),
        ([], (), Reason.NOT_RECORDED),
    ],
)
def test_the_source_of_roots_is_asked_when_one_is_missing(answers: Any, proxies: Any, expected: object) -> None:
    held = machine({}, http=answers, proxies=proxies)
    assert roots(held, party("New Root"))["root_source_reachable"] == expected


def test_the_source_of_roots_is_not_asked_when_none_is_missing() -> None:
    held = machine({})
    assert roots(held, world().root)["root_source_reachable"] is Reason.NO_SOURCE
    assert not [call for call in held.calls if call[0] == "fetch"]
