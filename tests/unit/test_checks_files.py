from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.check import Saw, load_check
from diagnose.der import certificate_der
from diagnose.expressions.types import Kind
from diagnose.machine.values import FileInfo, Reason, Unseen
from diagnose.rules.model import EvidenceFile
from diagnose.yaml_file import convert, load_yaml
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.measured import all_reasons, measured, seen

AGENT = r"C:\Program Files (x86)\Trend Micro\エージェント"
DENIED = Unseen(Reason.DENIED, "場所", "拒否")
FOLDER = {"agent.folder": AGENT + "\\"}


def product(files: Any, **facts: Any) -> dict[str, Any]:
    context = FakeContext(machine=FakeMachine(files=files), facts=facts)
    return seen("product_files", context, folder="folder", files=["PccNT.exe", "CCSF/TmCCSF.exe"])


def test_a_whole_installation_misses_nothing() -> None:
    result = product({AGENT + r"\PCCNT.exe": b"", AGENT + r"\CCSF\TmCCSF.exe": b""}, folder=AGENT + "\\")
    assert result == {"registered": True, "folder": AGENT + "\\", "folder_exists": True, "missing_files": ()}


def test_missing_programs_and_folders_are_evidence() -> None:
    assert product({AGENT + r"\PccNT.exe": b""}, folder=AGENT)["missing_files"] == ("CCSF/TmCCSF.exe",)
    gone = product({}, folder=AGENT)
    assert (gone["folder_exists"], gone["missing_files"]) == (False, ("PccNT.exe", "CCSF/TmCCSF.exe"))
    assert product({AGENT: b"a file"}, folder=AGENT)["folder_exists"] is False


def test_a_product_is_unregistered_only_when_every_place_was_looked_at() -> None:
    absent = product({})
    assert (absent["registered"], absent["folder_exists"]) == (False, Reason.MISSING)
    assert all_reasons(product({}, folder=DENIED)) == {Reason.DENIED}
    assert all_reasons(product({}, folder=7)) == {Reason.MALFORMED}


def test_unrecorded_files_are_not_missing() -> None:
    result = product(None, folder=AGENT)
    assert (result["folder_exists"], result["missing_files"]) == (Reason.NOT_RECORDED, Reason.NOT_RECORDED)
    partly = product({AGENT + r"\PccNT.exe": DENIED}, folder=AGENT)
    assert partly["missing_files"] == ("CCSF/TmCCSF.exe",)


DER = b"\x30\x81\x80" + "証明書".encode() * 14 + b"xx"
OTHER = DER[:-1] + b"y"
PEM = b"-----BEGIN CERTIFICATE-----\r\n" + base64.encodebytes(DER) + b"-----END CERTIFICATE-----\r\n"
THUMBPRINT = hashlib.sha1(DER).hexdigest().upper()
OWN, REFERENCE = r"C:\エージェント\OfcNTCer.dat", r"D:\PCCSRV\OfcNTCer.dat"


def certificate(files: Any, reference: str | None = REFERENCE) -> dict[str, Any]:
    return seen("certificate_file", FakeContext(machine=FakeMachine(files=files)), file=OWN, reference=reference)


@pytest.mark.parametrize("other", [DER, PEM, DER + b"\r\n"])
def test_copies_of_one_certificate_agree_whatever_their_form(other: bytes) -> None:
    result = certificate({OWN: DER, REFERENCE: other})
    assert result == {"present": True, "agrees": True, "thumbprint": THUMBPRINT}


def test_different_certificates_do_not_agree() -> None:
    assert certificate({OWN: OTHER, REFERENCE: PEM})["agrees"] is False


@pytest.mark.parametrize(
    ("reference", "reason"), [(None, Reason.MISSING), (DENIED, Reason.DENIED), (b"junk", Reason.MALFORMED)]
)
def test_a_reference_that_cannot_be_read_decides_nothing(reference: Any, reason: Reason) -> None:
    files = {OWN: DER} if reference is None else {OWN: DER, REFERENCE: reference}
    assert certificate(files) == {"present": True, "agrees": reason, "thumbprint": THUMBPRINT}
    assert certificate({OWN: DER}, reference=None)["agrees"] is Reason.NO_SOURCE


def test_an_absent_certificate_is_evidence_and_an_unseen_one_is_not() -> None:
    assert certificate({REFERENCE: DER}) == {"present": False, "agrees": Reason.MISSING, "thumbprint": Reason.MISSING}
    assert all_reasons(certificate({OWN: DENIED})) == {Reason.DENIED}
    unread = certificate({OWN: FileInfo(OWN, 900, None), REFERENCE: DER})
    assert (unread["present"], unread["thumbprint"]) == (True, Reason.NOT_RECORDED)


@pytest.mark.parametrize("data", [b"", DER[:-1], b"\x30\x80" + b"x" * 200, PEM[:60], b"x" * (1024 * 1024 + 1)])
def test_what_is_no_whole_certificate_is_malformed(data: bytes) -> None:
    assert certificate({OWN: data})["thumbprint"] is Reason.MALFORMED


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_certificates(data: bytes) -> None:
    for form in (data, b"\x30" + data, b"-----BEGIN CERTIFICATE-----" + data + b"-----END CERTIFICATE-----"):
        der = certificate_der(form)
        assert der is None or der[0] == 0x30


def waiting(files: Any, modified: Any = None, **parameters: Any) -> dict[str, Any]:
    context = FakeContext(machine=FakeMachine(files=files, modified=modified), facts=FOLDER)
    return seen("waiting_files", context, files=r"{agent.folder}Hlog\*", **parameters)


HLOG = [AGENT + rf"\Hlog\記録{number}.dat" for number in range(3)]


def test_files_that_lie_too_long_are_counted() -> None:
    times = [NOON - timedelta(hours=hours) for hours in (1, 3, 200)]
    result = waiting(dict.fromkeys(HLOG, b""), dict(zip(HLOG, times, strict=True)))
    assert result == {"waiting": 3, "old": 1, "oldest": times[2]}
    assert waiting(dict.fromkeys(HLOG, b""), dict(zip(HLOG, times, strict=True)), older_than_hours=0)["old"] == 3


def test_an_empty_folder_waits_for_nothing() -> None:
    assert waiting({}) == {"waiting": 0, "old": 0, "oldest": Reason.MISSING}


def test_files_of_unknown_age_are_not_young() -> None:
    assert waiting(dict.fromkeys(HLOG, b""), {HLOG[0]: NOON})["old"] is Reason.NOT_RECORDED
    assert waiting(dict.fromkeys(HLOG, b""), {HLOG[0]: NOON - timedelta(days=9)})["old"] == 1
    assert waiting(dict.fromkeys(HLOG, b""))["oldest"] is Reason.NOT_RECORDED


def test_unseen_folders_hold_an_unknown_number() -> None:
    assert all_reasons(waiting(None)) == {Reason.NOT_RECORDED}
    context = FakeContext(facts={"agent.folder": DENIED})
    result = measured("waiting_files", context, files="{agent.folder}*")
    assert result["waiting"] == DENIED


def sources(files: Any, specs: list[dict[str, Any]], modified: Any = None, **conditions: Any) -> dict[str, Any]:
    machine = FakeMachine(files=files, modified=modified)
    return seen("log_sources", FakeContext(machine=machine, facts=FOLDER, conditions=conditions), sources=specs)


def log(id_: str, files: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "title": {"ja": "ログ", "en": "log"}, "files": files, **more}


def test_log_sources_tell_number_size_and_time() -> None:
    files = {AGENT + r"\Temp\upgrade_1.log": b"x" * 1025, AGENT + r"\Temp\upgrade_2.log": b"", r"C:\空.log": b""}
    times = {AGENT + r"\Temp\upgrade_1.log": NOON, AGENT + r"\Temp\upgrade_2.log": NOON - timedelta(days=1)}
    specs = [log("upgrade", r"{agent.folder}Temp\upgrade_*.log"), log("empty", r"C:\空.log"), log("none", r"C:\x.log")]
    assert sources(files, specs, times) == {
        "found": 2,
        "present": (
            "upgrade: 2 files, 2 KiB, 2026-11-20 12:00..2026-11-21 12:00",
            "empty: 1 files, 0 KiB",
        ),
        "absent": ("none",),
        "total_kb": 2,
        "newest": NOON,
        "unseen_sources": (),
    }


def test_log_sources_in_doubt_are_named_and_hide_no_others() -> None:
    specs = [
        log("a", r"C:\a.log"),
        log("b", "{nothing}.log"),
        log("c", r"C:\c.log", when="facts.server"),
        log("d", r"C:\d.log", when="facts.other"),
        log("e", r"C:\a.*", when="facts.server"),
    ]
    result = sources({r"C:\a.log": b"x"}, specs, **{"facts.server": DENIED, "facts.other": False})
    assert (result["found"], result["absent"], result["unseen_sources"]) == (2, (), ("b", "c"))
    lost = sources(None, specs[:2])
    assert lost.pop("unseen_sources") == ("a", "b")
    assert all_reasons(lost) == {Reason.NOT_RECORDED}


CHECKS = (
    "certificate_file", "disk", "file_signatures", "installer", "license", "log_signatures", "log_sources",
    "product_files", "progress", "reboot", "security_software", "services", "signing_certificates",
    "system_requirements", "update_scope", "update_source", "waiting_files",
)  # fmt: skip


@pytest.mark.parametrize("name", CHECKS)
def test_every_piece_of_evidence_is_labelled_in_both_languages(name: str) -> None:
    file = Path(__file__).parents[2] / "rules" / "evidence" / f"{name}.yaml"
    labels = convert(load_yaml(file), (), EvidenceFile).evidence
    evidence = load_check(name).evidence
    assert labels.keys() == evidence.keys()
    for field, label in labels.items():
        allowed = ("true", "false") if evidence[field].kind is Kind.BOOL else evidence[field].values
        assert set(label.values) in (set(allowed), set() if evidence[field].kind is Kind.BOOL else set(allowed))
        for text in (label.title, *label.values.values()):
            assert text.ja.strip()
            assert text.en.isascii()


def test_saw_keeps_the_place_of_a_certificate() -> None:
    context = FakeContext(machine=FakeMachine(files={OWN: DER, REFERENCE: PEM}))
    result = measured("certificate_file", context, file=OWN, reference=REFERENCE)
    assert result["agrees"] == Saw(True, f"{OWN}; {REFERENCE}")
