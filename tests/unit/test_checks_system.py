from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.check import Saw
from diagnose.machine.values import (
    Certificate,
    Disk,
    Platform,
    Process,
    Reason,
    SecurityProduct,
    Service,
    Store,
    Unseen,
)
from diagnose.text import Text
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import FakeMachine
from tests.unit.measured import all_reasons, measured, seen

DENIED = Unseen(Reason.DENIED, "場所", "アクセスが拒否されました。")
ROOT_A, ROOT_B = "A" * 40, "B" * 40
POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot"
CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
CURRENT = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion"


def root(id_: str, sha1: str, when: str | None = None) -> dict[str, Any]:
    why = {"ja": f"{id_} の署名", "en": f"signs {id_}"}
    return {"id": id_, "subject": f"CN={id_} ルート", "sha1": sha1, "why": why, "when": when}


def certificates(*, root_store: Any = (), disallowed: Any = ()) -> dict[Store, Any]:
    held = {Store.ROOT: root_store, Store.DISALLOWED: disallowed}
    return {
        store: tuple(Certificate(sha1, b"") for sha1 in hashes) for store, hashes in held.items() if hashes is not None
    }


def signing(machine: FakeMachine, conditions: Any = None, **parameters: Any) -> dict[str, Any]:
    required = parameters.pop("required", [root("a", ROOT_A), root("b", ROOT_B)])
    context = FakeContext(machine=machine, conditions=conditions or {})
    return seen("signing_certificates", context, required=required, **parameters)


def test_all_roots_present_and_trusted_is_silent() -> None:
    machine = FakeMachine(certificates=certificates(root_store=[ROOT_A.lower(), ROOT_B]), registry={})
    result = signing(machine)
    assert result["checked"] == 2
    assert result["root_update"] == "on"
    assert {name: value for name, value in result.items() if value == ()}.keys() == {
        "missing", "missing_certificates", "maybe_missing", "replaced", "disallowed", "disallowed_certificates",
        "reasons",
    }  # fmt: skip


def test_missing_roots_are_named_with_the_reason() -> None:
    result = signing(FakeMachine(certificates=certificates(root_store=[ROOT_B], disallowed=[ROOT_B])))
    assert result["missing"] == ("a",)
    assert result["missing_certificates"] == (f"CN=a ルート (SHA-1 {ROOT_A})",)
    assert result["disallowed"] == ("b",)
    assert result["reasons"] == (Text(ja="a の署名", en="signs a"),)


def test_reasons_tell_of_the_disallowed_when_none_is_missing() -> None:
    result = signing(FakeMachine(certificates=certificates(root_store=[ROOT_A, ROOT_B], disallowed=[ROOT_B])))
    assert result["missing"] == ()
    assert result["disallowed_certificates"] == (f"CN=b ルート (SHA-1 {ROOT_B})",)
    assert result["reasons"] == (Text(ja="b の署名", en="signs b"),)


def test_an_unseen_store_hides_only_its_own_findings() -> None:
    result = signing(FakeMachine(certificates=certificates(root_store=None, disallowed=[ROOT_B])))
    assert result["missing"] is Reason.NOT_RECORDED
    assert result["maybe_missing"] is Reason.NOT_RECORDED
    assert result["disallowed"] == ("b",)
    other = signing(FakeMachine(certificates=certificates(root_store=[ROOT_B], disallowed=None)))
    assert other["missing"] == ("a",)
    assert other["disallowed"] is Reason.NOT_RECORDED


def test_conditions_leave_roots_out_or_in_doubt() -> None:
    required = [root("a", ROOT_A, "facts.x"), root("b", ROOT_B, "facts.y"), root("c", "C" * 40, "facts.z")]
    conditions = {"facts.x": False, "facts.y": DENIED, "facts.z": True}
    result = signing(FakeMachine(certificates=certificates()), conditions, required=required)
    assert (result["missing"], result["maybe_missing"], result["checked"]) == (("c",), ("b",), 2)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (1, "off"),
        ("1", "off"),
        ("0x00000001", "off"),
        (b"\1\0\0\0", "off"),
        (0, "on"),
        (2, "on"),
        ("0", "on"),
        ("有効", Reason.MALFORMED),
        ("9" * 9_000, Reason.MALFORMED),
        (("1",), Reason.MALFORMED),
        (b"", Reason.MALFORMED),
    ],
)
def test_root_update_is_read_however_it_is_stored(data: Any, expected: Any) -> None:
    machine = FakeMachine(registry={POLICY.lower(): {"disablerootautoupdate": data}})
    assert signing(machine)["root_update"] == expected


def test_root_update_is_on_without_a_policy_and_unknown_when_denied() -> None:
    assert signing(FakeMachine(registry={POLICY: {"Other": 1}}))["root_update"] == "on"
    assert signing(FakeMachine(registry={POLICY: DENIED}))["root_update"] is Reason.DENIED
    assert signing(FakeMachine(platform=Platform.LINUX))["root_update"] is Reason.UNSUPPORTED


def services(held: Any, specs: list[dict[str, Any]], **conditions: Any) -> dict[str, Any]:
    context = FakeContext(machine=FakeMachine(services=held), conditions=conditions)
    return seen("services", context, services=specs)


CORE: list[dict[str, Any]] = [{"name": "tmlisten"}, {"name": "ntrtscan"}, {"name": "余分", "core": False}]


def test_running_services_are_found_without_case_and_suffix() -> None:
    held = [Service("TmListen", "running"), Service("NTRTScan.service", "running")]
    result = services(held, CORE)
    assert result == {
        "running": ("tmlisten", "ntrtscan"),
        "starting": (),
        "stopped": (),
        "disabled": (),
        "missing": (),
        "all_running": True,
        "service_manager": True,
    }


@pytest.mark.parametrize(
    ("status", "start", "list_name"),
    [
        ("stopped", "automatic", "stopped"),
        ("failed", "automatic", "stopped"),
        ("paused", "unknown", "stopped"),
        ("stop_pending", "manual", "stopped"),
        ("start_pending", "automatic", "starting"),
        ("stopped", "disabled", "disabled"),
    ],
)
def test_a_service_that_does_not_run_is_told_by_how(status: str, start: str, list_name: str) -> None:
    result = services([Service("tmlisten", "running"), Service("ntrtscan", status, start)], CORE)
    assert result[list_name] == ("ntrtscan",)
    assert result["all_running"] is False
    assert result["stopped"] == (() if status == "start_pending" else ("ntrtscan",))


def test_a_service_that_is_not_registered_is_missing() -> None:
    result = services([Service("tmlisten", "running", "disabled")], CORE)
    assert (result["missing"], result["running"], result["disabled"]) == (("ntrtscan",), ("tmlisten",), ())
    assert result["all_running"] is False


def test_an_unknown_status_is_neither_running_nor_stopped() -> None:
    result = services([Service("tmlisten", "running"), Service("ntrtscan", "不明")], CORE)
    assert (result["running"], result["stopped"], result["missing"]) == (("tmlisten",), (), ())
    assert result["all_running"] is Reason.MALFORMED


def test_a_service_in_doubt_keeps_from_saying_that_all_run() -> None:
    specs = [{"name": "tmlisten"}, {"name": "tmpfw", "when": "facts.fw"}, {"name": "x", "when": "facts.x"}]
    held = [Service("tmlisten", "running")]
    assert services(held, specs, **{"facts.fw": DENIED, "facts.x": False})["all_running"] is Reason.DENIED
    assert services(held, specs, **{"facts.fw": False, "facts.x": False})["all_running"] is True
    assert services(held, specs, **{"facts.fw": True, "facts.x": False})["missing"] == ("tmpfw",)


def test_without_a_service_manager_the_lists_are_unknown() -> None:
    result = services(Unseen(Reason.UNSUPPORTED, "systemd"), CORE)
    assert result.pop("service_manager") is False
    assert all_reasons(result) == {Reason.UNSUPPORTED}
    assert all_reasons(services(DENIED, CORE)) == {Reason.DENIED}


def test_no_services_to_look_for_says_nothing() -> None:
    assert services([], [])["all_running"] is Reason.NO_SOURCE


def reboot(registry: Any) -> dict[str, Any]:
    return seen("reboot", FakeContext(machine=FakeMachine(registry=registry)))


NAMES = {
    rf"{CONTROL}\ComputerName\ActiveComputerName": {"ComputerName": "PC-経理"},
    rf"{CONTROL}\ComputerName\ComputerName": {"ComputerName": "pc-経理"},
}


@pytest.mark.parametrize(
    "key",
    [rf"{CURRENT}\Component Based Servicing\RebootPending", rf"{CURRENT}\WindowsUpdate\Auto Update\RebootRequired"],
)
def test_a_key_that_asks_for_a_restart_is_named(key: str) -> None:
    assert reboot({**NAMES, key: {}}) == {"pending": True, "indicators": (key,)}


def test_a_computer_that_waits_for_nothing_is_silent() -> None:
    assert reboot(NAMES) == {"pending": False, "indicators": ()}


@pytest.mark.parametrize(
    ("renames", "pending"),
    [
        ((r"\??\C:\Program Files (x86)\Trend Micro\古い.dll", ""), True),
        ((r"\??\C:\Program Files (x86)\Trend Micro\古い.dll",), True),
        ((r"\??\C:\Windows\Temp\a.tmp", "", r"\??\C:\Users\太郎\AppData\Local\Temp\b.dll", ""), False),
        ((r"\??\C:\Windows\Temp\a.tmp", r"!\??\C:\Windows\System32\a.dll"), True),
        ((r"\??\C:\Windows\Temp\a.tmp", "", r"\??\C:\Windows\Temp\b.dll", r"\??\C:\x.dll"), True),
        ((r"\??\C:\Windows\Temp\a.tmp", r"\??\C:\Windows\Temp\b.tmp", r"\??\C:\Windows\Temp\c.tmp"), False),
        ((r"\??\C:\Template\x.dll", ""), True),
        ((), False),
        ("", False),
        (r"\??\C:\x.dll", True),
        ("\\??\\C:\\x.dll\0\0".encode("utf-16-le"), True),
        (1, Reason.MALFORMED),
    ],
)
def test_pending_renames_count_unless_they_only_delete_temporary_files(renames: Any, pending: Any) -> None:
    machine = FakeMachine(registry={rf"{CONTROL}\Session Manager": {"PendingFileRenameOperations": renames}})
    result = measured("reboot", FakeContext(machine=machine))["pending"]
    if pending is Reason.MALFORMED:
        assert isinstance(result, Saw)
        assert result.value is False
        assert "PendingFileRenameOperations [malformed]" in result.where
    else:
        assert isinstance(result, Saw)
        assert result.value is pending


def test_a_new_computer_name_asks_for_a_restart() -> None:
    changed = {**NAMES, rf"{CONTROL}\ComputerName\ComputerName": {"ComputerName": "PC-総務"}}
    assert reboot(changed) == {"pending": True, "indicators": (rf"{CONTROL}\ComputerName",)}


def test_a_positive_stands_although_others_are_denied() -> None:
    key = rf"{CURRENT}\WindowsUpdate\Auto Update\RebootRequired"
    assert reboot({rf"{CONTROL}\Session Manager": DENIED, key: {}})["pending"] is True


def test_a_negative_names_what_could_not_be_seen() -> None:
    machine = FakeMachine(registry={**NAMES, rf"{CONTROL}\Session Manager": DENIED})
    result = measured("reboot", FakeContext(machine=machine))["pending"]
    assert isinstance(result, Saw)
    assert result.value is False
    assert "場所 [denied]" in result.where


def test_a_computer_that_shows_nothing_is_unknown() -> None:
    assert all_reasons(seen("reboot", FakeContext())) == {Reason.NOT_RECORDED}
    assert all_reasons(seen("reboot", FakeContext(machine=FakeMachine(platform="macos")))) == {Reason.UNSUPPORTED}


def test_linux_asks_for_a_restart_with_a_file() -> None:
    flagged = FakeMachine(platform="linux", files={"/run/reboot-required": b""})
    assert seen("reboot", FakeContext(machine=flagged)) == {"pending": True, "indicators": ("/run/reboot-required",)}
    clear = FakeMachine(platform="linux", files={})
    assert seen("reboot", FakeContext(machine=clear))["pending"] is False


def installer(**machine: Any) -> dict[str, Any]:
    return seen("installer", FakeContext(machine=FakeMachine(**machine)))


MSIEXEC = Process("MSIExec.exe")


def test_one_windows_installer_process_is_only_the_service() -> None:
    assert installer(registry={}, processes=[MSIEXEC]) == {"busy": False, "installer_indicators": ()}


def test_two_windows_installer_processes_or_the_key_mean_work() -> None:
    busy = {"busy": True, "installer_indicators": ("msiexec.exe (2)",)}
    assert installer(registry={}, processes=[MSIEXEC, MSIEXEC]) == busy
    key = rf"{CURRENT}\Installer\InProgress"
    assert installer(registry={key: {"": r"C:\更新.msi"}})["installer_indicators"] == (key,)


def test_an_installer_is_unknown_only_when_nothing_could_be_seen() -> None:
    assert installer(registry={}, processes=DENIED)["busy"] is False
    assert all_reasons(installer(processes=DENIED)) == {Reason.NOT_RECORDED}


def test_linux_package_managers_mean_work() -> None:
    result = installer(platform="linux", processes=[Process("dpkg"), Process("apt-get"), Process("apt-get")])
    assert result == {"busy": True, "installer_indicators": ("dpkg (1)", "apt-get (2)")}
    assert installer(platform="linux", processes=[Process("dpkg-query")])["busy"] is False
    assert all_reasons(installer(platform="linux")) == {Reason.NOT_RECORDED}


ACTIVE, PASSIVE = 0x61000, 0x60000
OWN = ["trend micro", "ウイルスバスター"]


def security(machine: FakeMachine, known: Any = ()) -> dict[str, Any]:
    return seen("security_software", FakeContext(machine=machine), own=OWN, known=list(known))


@pytest.mark.parametrize(
    ("registered", "others", "own_active"),
    [
        ([("Trend Micro Apex One", ACTIVE), ("Windows Defender", PASSIVE)], (), True),
        ([("Trend Micro Apex One", ACTIVE), ("Windows Defender", ACTIVE)], ("Windows Defender",), True),
        ([("Trend Micro Apex One", PASSIVE), ("Microsoft Defender Antivirus", ACTIVE)], (), False),
        ([("Windows Defender", ACTIVE)], (), False),
        ([("ｳｲﾙｽﾊﾞｽﾀｰ クラウド", None), ("別の製品", None)], ("別の製品",), True),
        ([("別の製品", ACTIVE), ("別の製品", ACTIVE)], ("別の製品",), False),
        ([("別の製品", PASSIVE), ("x", -1), ("y", 2**70)], (), False),
        ([], (), False),
    ],
)
def test_active_products_that_are_not_own_are_the_others(registered: Any, others: Any, own_active: bool) -> None:
    products = [SecurityProduct(name, state) for name, state in registered]
    result = security(FakeMachine(security_products=products))
    assert (result["others"], result["own_active"]) == (others, own_active)
    assert set(result["products"]) == {name for name, _ in registered}


KNOWN = [
    {"name": "Trend Micro Apex One", "processes": ["NTRtScan.exe"], "services": ["ntrtscan"]},
    {"name": "別の製品", "processes": ["betsu.exe"], "services": ["betsu"]},
]


def test_processes_and_services_tell_where_windows_registers_nothing() -> None:
    machine = FakeMachine(
        security_products=Unseen(Reason.UNSUPPORTED, "SecurityCenter2"),
        processes=[Process("ntrtscan.EXE")],
        services=[Service("BETSU", "stopped")],
    )
    expected = {"products": ("Trend Micro Apex One", "別の製品"), "others": (), "own_active": True}
    assert security(machine, KNOWN) == expected
    running = FakeMachine(security_products=DENIED, services=[Service("betsu", "running")])
    assert security(running, KNOWN) == {"products": ("別の製品",), "others": ("別の製品",), "own_active": False}


def test_security_software_is_unknown_when_no_witness_could_be_seen() -> None:
    assert all_reasons(security(FakeMachine(security_products=DENIED), KNOWN)) == {Reason.DENIED}
    assert all_reasons(security(FakeMachine(security_products=DENIED, processes=[]))) == {Reason.DENIED}


def disk(held: Any, **machine: Any) -> dict[str, Any]:
    return seen("disk", FakeContext(machine=FakeMachine(disks=held, **machine)))


def test_the_fullest_drive_decides() -> None:
    result = disk([Disk("C:\\", 120_000, 9_000), Disk("D:\\", 500_000, 100)])
    assert result == {
        "lowest_free_mb": 100,
        "disk": "D:\\",
        "total_mb": 500_000,
        "required_free_mb": 1024,
        "enough": False,
        "disks": ("C:\\ 9000 MB free of 120000", "D:\\ 100 MB free of 500000"),
    }


def test_discs_and_drives_too_small_to_matter_are_only_listed() -> None:
    result = disk([Disk("C:\\", 120_000, 9_000), Disk("E:\\", 4_400, 0), Disk("S:\\", 500, 30)])
    assert (result["disk"], result["enough"], len(result["disks"])) == ("C:\\", True, 3)


def test_a_system_drive_with_nothing_free_is_full() -> None:
    registry = {r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion": {"SystemRoot": r"D:\Windows"}}
    result = disk([Disk("C:\\", 90_000, 9_000), Disk("d:", 90_000, 0)], registry=registry)
    assert (result["disk"], result["enough"]) == ("d:", False)


@given(st.lists(st.builds(Disk, st.sampled_from(["C:\\", "D:\\", "データ"]), st.integers(), st.integers())))
def test_odd_numbers_never_break_the_disk_check(disks: list[Disk]) -> None:
    assert disk(disks)["required_free_mb"] == 1024


def test_unseen_drives_are_unknown() -> None:
    result = disk(DENIED)
    assert result.pop("required_free_mb") == 1024
    assert all_reasons(result) == {Reason.DENIED}
    assert disk([Disk("C:\\", -5, -5)])["enough"] is Reason.MISSING


def test_the_root_file_system_is_the_system_drive_elsewhere() -> None:
    held = [Disk("/", 50_000, 0), Disk("/home", 900_000, 99_999), Disk("/snap/core", 2_000, 0)]
    assert disk(held, platform="linux")["disk"] == "/"
