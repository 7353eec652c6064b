from __future__ import annotations

from typing import Any

import pytest

from diagnose.check import Saw
from diagnose.machine.values import Disk, Platform, Reason, System, Unseen
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import FakeMachine
from tests.unit.measured import measured, seen

DENIED = Unseen(Reason.DENIED, "hotfixes", "拒否")
WINDOWS = System(os_name="Windows 10 Pro", os_version="10.0.19045", os_build=19045, os_ubr=3570, os_server=False)
ROWS = [
    {"build": 19044, "ubr": 1586, "kb": ["KB5011487"], "confirmed": True},
    {"build": 17763, "ubr": 2213, "kb": ["KB5005625"], "confirmed": False},
    {"build": 9600, "kb": ["KB5006714", "KB5006729"], "confirmed": False},
    {"build": 14393, "ubr": 4704, "kb": ["KB5006669"], "confirmed": True, "server": True},
    {"build": 20348, "ubr": 261, "kb": ["KB5005619"], "confirmed": True},
]
LIMITS = {"cores": 2, "mhz": 2000, "memory_mb": 4096, "free_mb": 4608, "source": "製品の動作要件"}


def required(**more: Any) -> dict[str, Any]:
    return {"code_signing_updates": ROWS, "code_signing_native_build": 19045, **more}


def on(system: System, requirements: Any = None, **machine: Any) -> dict[str, Any]:
    context = FakeContext(machine=FakeMachine(system=system, **machine))
    return seen("system_requirements", context, requirements=requirements or required())


def build(number: int | None, ubr: int | None = None, server: bool | None = False) -> System:
    return System(os_build=number, os_ubr=ubr, os_server=server)


@pytest.mark.parametrize(
    ("system", "words"),
    [
        (WINDOWS, "Windows 10 Pro 10.0.19045.3570"),
        (System(os_name="Windows 10 Pro", os_version="10.0.19045.3570", os_ubr=3570), "Windows 10 Pro 10.0.19045.3570"),
        (System(os_name="Debian GNU/Linux", os_version="12"), "Debian GNU/Linux 12"),
        (System(os_version="10.0.17763"), "10.0.17763"),
        (System(os_ubr=5), Reason.FAILED),
    ],
)
def test_the_system_is_named_as_far_as_it_is_known(system: System, words: Any) -> None:
    assert on(system)["os"] == words


@pytest.mark.parametrize(
    ("number", "ubr", "hotfixes", "expected"),
    [
        (19045, 3570, None, "native"),
        (26100, None, None, "native"),
        (19044, 1586, None, "updated"),
        (19044, 1585, ["KB5011487"], "missing"),
        (19044, None, ["kb5011487 "], "updated"),
        (19044, None, ["KB1"], "doubtful"),
        (19044, None, None, Reason.FAILED),
        (17763, 9999, None, "updated"),
        (17763, 5, ["KB5005625"], "updated"),
        (17763, 5, ["KB1"], "missing"),
        (17763, 5, DENIED, "doubtful"),
        (9600, 20_000, ["KB5006729"], "updated"),
        (9600, 20_000, [], "doubtful"),
        (9600, 20_000, DENIED, Reason.DENIED),
        (20348, 1, None, "missing"),
        (7601, 1, ["KB5006743"], Reason.NO_SOURCE),
        (14393, 9_000, None, Reason.NO_SOURCE),
        (None, 1, ["KB5006743"], Reason.FAILED),
        (-1, -1, None, Reason.NO_SOURCE),
    ],
)
def test_azure_code_signing_follows_from_build_level_and_updates(
    number: int | None, ubr: int | None, hotfixes: Any, expected: Any
) -> None:
    assert on(build(number, ubr), hotfixes=hotfixes)["code_signing"] == expected


def test_the_needed_update_is_named_by_number_and_level() -> None:
    result = on(build(17763, 5), hotfixes=[])
    assert (result["needed_update"], result["needed_level"]) == ("KB5005625", "17763.2213")
    either = on(build(9600, 5), hotfixes=[])
    assert (either["needed_update"], either["needed_level"]) == ("KB5006714 / KB5006729", Reason.NO_SOURCE)


def test_a_row_for_servers_waits_for_the_edition() -> None:
    assert on(build(14393, 1, server=True))["code_signing"] == "missing"
    assert on(build(14393, 1, server=None))["code_signing"] is Reason.FAILED
    assert on(build(19044, 1, server=None))["code_signing"] == "missing"
    both = required(code_signing_updates=[ROWS[3], {**ROWS[3], "server": False, "ubr": 1}])
    assert on(build(14393, 1, server=None), both)["code_signing"] is Reason.FAILED
    assert on(build(14393, 1, server=False), both)["code_signing"] == "updated"


def test_code_signing_does_not_apply_elsewhere() -> None:
    result = on(System(os_build=19045), platform=Platform.LINUX)
    assert (result["code_signing"], result["os_supported"]) == ("not_applicable", Reason.UNSUPPORTED)


@pytest.mark.parametrize(
    ("number", "server", "expected"),
    [
        (19045, False, True),
        (10240, False, False),
        (9200, True, True),
        (7601, True, False),
        (26100, None, True),
        (2600, None, False),
        (14393, None, Reason.NOT_RECORDED),
        (None, False, Reason.NOT_RECORDED),
    ],
)
def test_the_lowest_build_depends_on_the_edition(number: int | None, server: bool | None, expected: Any) -> None:
    limits = required(lowest_build_client=19045, lowest_build_server=9200)
    assert on(build(number, server=server), limits, recorded=True)["os_supported"] == expected


def test_without_a_lowest_build_support_has_no_source() -> None:
    assert on(WINDOWS)["os_supported"] is Reason.NO_SOURCE
    assert on(build(19045, server=None), required(lowest_build_client=1))["os_supported"] is Reason.FAILED


def hardware(cores: int | None, mhz: int | None, memory: int | None, limits: Any = None) -> dict[str, Any]:
    system = System(cores=cores, mhz=mhz, memory_total_mb=memory)
    return on(system, required(**(limits or LIMITS)), disks=[Disk("C:\\", 120_000, 4608)])


@pytest.mark.parametrize(
    ("cores", "mhz", "memory", "expected"),
    [
        (2, 2000, 4096, (True, True, True)),
        (2, 1900, 3892, (True, True, True)),
        (1, 1899, 3891, (False, False, False)),
        (10**9, 10**9, 10**9, (True, True, True)),
        (0, -1, 0, (Reason.MALFORMED,) * 3),
        (None, None, None, (Reason.FAILED,) * 3),
    ],
)
def test_hardware_is_measured_against_the_requirement(cores: Any, mhz: Any, memory: Any, expected: Any) -> None:
    result = hardware(cores, mhz, memory)
    assert (result["cores_ok"], result["mhz_ok"], result["memory_ok"]) == expected
    assert result["required_memory_mb"] == 4096
    assert result["disk_ok"] is True


def test_without_a_requirement_only_the_measured_value_is_seen() -> None:
    result = hardware(2, 2000, 4096, {**LIMITS, "cores": None})
    assert (result["cores"], result["required_cores"], result["cores_ok"]) == (2, Reason.NO_SOURCE, Reason.NO_SOURCE)


def space(disks: Any, paths: list[str], **facts: Any) -> dict[str, Any]:
    machine = FakeMachine(disks=disks)
    limits = required(free_mb=4608, disks=paths)
    return measured("system_requirements", FakeContext(machine=machine, facts=facts), requirements=limits)


def test_the_fullest_of_the_named_drives_counts() -> None:
    disks = [Disk("C:\\", 120_000, 9_000), Disk("D:\\", 90_000, 100), Disk("E:\\", 90_000, 1)]
    result = space(disks, [r"{agent.folder}\一時"], **{"agent.folder": r"d:\製品"})
    assert result["free_mb"] == Saw(100, "C:\\; D:\\")
    assert result["disk"] == Saw("D:\\", "C:\\; D:\\")
    assert result["disk_ok"] == Saw(False, "C:\\; D:\\")


def test_a_drive_that_cannot_be_told_is_named_beside_the_others() -> None:
    result = space([Disk("C:\\", 120_000, 9_000)], ["{agent.folder}", "F:\\"])
    assert result["disk_ok"] == Saw(True, "C:\\; agent.folder [missing]; F:\\ [missing]")
    assert space(DENIED, [])["disk_ok"] == DENIED
    lost = space([Disk("Z:\\", 1, 1)], [])["free_mb"]
    assert isinstance(lost, Unseen)
    assert lost.reason is Reason.MISSING


def test_mount_points_below_each_other_are_told_apart() -> None:
    disks = [Disk("/", 90_000, 9_000), Disk("/var", 90_000, 50), Disk("/varnish", 90_000, 1)]
    machine = FakeMachine(platform="linux", disks=disks)
    limits = required(free_mb=4608, disks=["/var/lib/更新"])
    result = measured("system_requirements", FakeContext(machine=machine), requirements=limits)
    assert result["disk"] == Saw("/var", "/; /var")
