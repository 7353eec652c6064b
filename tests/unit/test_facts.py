from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.check import Saw, Sighting
from diagnose.facts.resolver import Facts
from diagnose.machine.values import (
    Absent,
    CommandResult,
    FileInfo,
    Platform,
    Reason,
    RegistryKey,
    System,
    Unseen,
    View,
)
from diagnose.rules.model import FactSpec
from tests.unit.fake_machine import FakeMachine

JST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=JST)
KEY = "HKLM\\SOFTWARE\\デモ"
REGISTRY = {"registry": {"key": KEY, "value": "値"}}


def spec(type_: str, *sources: Mapping[str, Any]) -> FactSpec:
    return msgspec.convert({"title": {"ja": "値", "en": "v"}, "type": type_, "sources": list(sources)}, FactSpec)


def facts_on(machine: FakeMachine, **specs: FactSpec) -> Facts:
    return Facts(machine, {name.replace("_", "."): fact for name, fact in specs.items()}, NOW)


def resolved(machine: FakeMachine, type_: str, *sources: Mapping[str, Any]) -> Sighting:
    return facts_on(machine, a_b=spec(type_, *sources)).resolve("a.b")


def held(data: str | int | bytes | tuple[str, ...], type_: str, **shaping: Any) -> Sighting:
    return resolved(FakeMachine(registry={KEY: {"値": data}}), type_, {**REGISTRY, **shaping})


def value(sighting: Sighting) -> Any:
    return sighting.value if isinstance(sighting, Saw) else sighting.reason


def test_the_first_source_that_answers_wins_and_the_fact_says_where_it_was_read() -> None:
    machine = FakeMachine(
        registry={KEY: {"別": "レジストリ"}}, files={"C:\\設定.ini": "[節]\r\nキー=ＩＮＩの値\r\n".encode()}
    )
    ini = {"ini": {"file": "C:\\設定.ini", "section": "節", "key": "キー"}}
    assert resolved(machine, "string", REGISTRY, ini) == Saw("ＩＮＩの値", "C:\\設定.ini [節] キー")
    named = {"registry": {"key": KEY, "value": "別"}}
    assert value(resolved(machine, "string", named, ini)) == "レジストリ"
    assert value(resolved(machine, "string", ini, named)) == "ＩＮＩの値"


def test_a_malformed_value_gives_way_to_the_next_source() -> None:
    machine = FakeMachine(registry={KEY: {"値": "十二", "別": "12"}})
    second = {"registry": {"key": KEY, "value": "別"}}
    assert value(resolved(machine, "int", REGISTRY, second)) == 12


def test_absent_unseen_and_malformed_are_told_apart_with_every_place() -> None:
    nothing = resolved(FakeMachine(registry={KEY: {}}), "string", REGISTRY, {"registry": {"key": KEY, "value": "別"}})
    assert nothing == Unseen(Reason.MISSING, f"{KEY} : 値; {KEY} : 別")
    assert value(resolved(FakeMachine(registry={}), "string", REGISTRY)) is Reason.MISSING
    assert value(resolved(FakeMachine(), "string", REGISTRY)) is Reason.NOT_RECORDED
    denied = FakeMachine(registry={KEY: Unseen(Reason.DENIED, KEY, "アクセスが拒否されました")})
    assert resolved(denied, "string", REGISTRY) == Unseen(Reason.DENIED, KEY, "アクセスが拒否されました")
    linux = FakeMachine(platform=Platform.LINUX)
    assert value(resolved(linux, "string", REGISTRY)) is Reason.UNSUPPORTED
    malformed = held("十二", "int")
    assert isinstance(malformed, Unseen)
    assert (malformed.reason, malformed.detail) == (Reason.MALFORMED, "十二")


def test_what_was_denied_tells_more_than_what_is_missing() -> None:
    machine = FakeMachine(registry={KEY: {}, "HKLM\\秘密": Unseen(Reason.DENIED, "HKLM\\秘密")})
    secret = {"registry": {"key": "HKLM\\秘密", "value": "値"}}
    assert resolved(machine, "string", REGISTRY, secret) == Unseen(Reason.DENIED, "HKLM\\秘密")
    assert resolved(machine, "string", secret, REGISTRY) == Unseen(Reason.DENIED, "HKLM\\秘密")


def test_a_fact_without_machine_source_or_of_unknown_name_has_no_source() -> None:
    facts = facts_on(FakeMachine(), a_b=spec("string", {"answer": "q"}))
    assert facts.resolve("a.b") == Unseen(Reason.NO_SOURCE, "a.b")
    assert facts.resolve("x.y") == Unseen(Reason.NO_SOURCE, "x.y")


@pytest.mark.parametrize(
    ("absent", "type_", "expected"),
    [(False, "bool", False), ("なし", "string", "なし"), (0, "int", 0), (1.5, "double", 1.5)],
)
def test_a_readable_place_that_holds_nothing_gives_the_absent_value(absent: Any, type_: str, expected: Any) -> None:
    shaping = {**REGISTRY, "absent": absent, "match": "(never)", "map": {"x": "y"}}
    assert value(resolved(FakeMachine(registry={}), type_, shaping)) == expected
    unreadable = FakeMachine(registry={KEY: Unseen(Reason.DENIED, KEY)})
    assert value(resolved(unreadable, type_, shaping)) is Reason.DENIED


@pytest.mark.parametrize(
    ("data", "type_", "shaping", "expected"),
    [
        (" 12 ", "int", {}, 12),
        ("-5", "int", {}, -5),
        (12, "string", {}, "12"),
        (12, "double", {}, 12.0),
        ("１２", "int", {}, Reason.MALFORMED),
        ("12.5", "int", {}, Reason.MALFORMED),
        ("9" * 19, "int", {}, Reason.MALFORMED),
        (2**63, "int", {}, Reason.MALFORMED),
        ("1e3", "double", {}, 1000.0),
        ("nan", "double", {}, Reason.MALFORMED),
        ("-inf", "double", {}, Reason.MALFORMED),
        ("9" * 400, "double", {}, Reason.MALFORMED),
        ("Yes", "bool", {}, True),
        (0, "bool", {}, False),
        (2, "bool", {}, Reason.MALFORMED),
        (("一", "二"), "list", {}, ("一", "二")),
        ("一\n二\n", "list", {}, ("一", "二")),
        (("一", "二"), "string", {}, "一\n二"),
        (1, "string", {"map": {"0": "allowed", "1": "blocked"}}, "blocked"),
        (" 1 ", "string", {"map": {"0": "allowed", "1": "blocked"}}, "blocked"),
        (2, "string", {"map": {"0": "allowed", "1": "blocked"}}, Reason.MALFORMED),
        ("v14.0.1 (デモ)", "version", {"match": "^v?([0-9.]+)"}, "14.0.1"),
        ("なし", "version", {"match": "^v?([0-9.]+)"}, Reason.MALFORMED),
        ("x=1", "string", {"match": "x=(\\d)", "map": {"1": "一"}}, "一"),
        ("C:\\デモ\\", "string", {"match": "^(.*?)\\\\*$"}, "C:\\デモ"),
        ("20261121", "timestamp", {"format": "%Y%m%d"}, datetime(2026, 11, 21, tzinfo=JST)),
        ("2026-11-21T00:00:00Z", "timestamp", {}, datetime(2026, 11, 21, tzinfo=UTC)),
        ("20261321", "timestamp", {"format": "%Y%m%d"}, Reason.MALFORMED),
        ("昨日", "timestamp", {}, Reason.MALFORMED),
        (1_763_683_200, "timestamp", {"format": "unix"}, datetime(2025, 11, 21, tzinfo=UTC)),
        ("1763683200", "timestamp", {"format": "unix"}, datetime(2025, 11, 21, tzinfo=UTC)),
        (b"\x80\xab\x1f\x69", "timestamp", {"format": "unix"}, datetime(2025, 11, 21, tzinfo=UTC)),
        (
            (134_081_568_000_000_000).to_bytes(8, "little"),
            "timestamp",
            {"format": "filetime"},
            datetime(2025, 11, 21, tzinfo=UTC),
        ),
        (0, "timestamp", {"format": "unix"}, Reason.MALFORMED),
        ("", "timestamp", {"format": "unix"}, Reason.MALFORMED),
        (b"\1\2\3", "timestamp", {"format": "filetime"}, Reason.MALFORMED),
        (2**62, "timestamp", {"format": "unix"}, Reason.MALFORMED),
        (b"\x01\x02", "int", {}, Reason.MALFORMED),
    ],
)
def test_a_stored_value_takes_the_type_of_its_fact_or_is_malformed(
    data: Any, type_: str, shaping: dict[str, Any], expected: Any
) -> None:
    found = value(held(data, type_, **shaping))
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-8", "cp932"])
def test_binary_values_that_hold_text_are_read_up_to_the_first_nul(encoding: str) -> None:
    text = "http://更新.example/a"
    assert value(held(f"{text}\0ごみ".encode(encoding), "string")) == text


@pytest.mark.parametrize("wide", [True, False])
def test_both_views_are_looked_at_the_32_bit_side_first(wide: bool) -> None:
    system = System(architecture="x86_64")
    plain, redirected = "HKLM\\SOFTWARE\\D", "HKLM\\SOFTWARE\\WOW6432Node\\D"
    registry = {plain: {"V": "64"}, **({redirected: {"V": "32"}} if not wide else {})}
    machine = FakeMachine(registry=registry, system=system)
    source = {"registry": {"key": plain, "value": "v"}}
    found = resolved(machine, "string", source)
    assert value(found) == ("64" if wide else "32")
    assert isinstance(found, Saw)
    assert found.where.startswith(plain if wide else redirected)
    only = {"registry": {**source["registry"], "view": "32"}}
    assert value(resolved(machine, "string", only)) == (Reason.MISSING if wide else "32")


def test_one_view_that_is_denied_does_not_hide_the_other() -> None:
    plain, redirected = "HKLM\\SOFTWARE\\D", "HKLM\\SOFTWARE\\WOW6432Node\\D"
    registry: dict[str, Any] = {plain: {"V": "64"}, redirected: Unseen(Reason.DENIED, redirected)}
    machine = FakeMachine(registry=registry, system=System(architecture="x86_64"))
    assert value(resolved(machine, "string", {"registry": {"key": plain, "value": "V"}})) == "64"
    assert value(resolved(machine, "string", {"registry": {"key": plain, "value": "W"}})) is Reason.DENIED


LOG = {"log": {"files": "C:\\記録\\*.log", "pattern": "source=(\\S+)"}}


def log_machine(**times: int) -> FakeMachine:
    files: dict[str, bytes | Unseen | FileInfo] = {
        "C:\\記録\\1.log": "source=古い\nsource=古い二\n".encode(),
        "C:\\記録\\2.log": "x\nsource=新しい一\nsource=新しい二\n何もない\n".encode("cp932"),
    }
    return FakeMachine(
        files=files, modified={f"C:\\記録\\{name[1:]}.log": NOW - timedelta(hours=h) for name, h in times.items()}
    )


def test_a_log_gives_the_last_match_of_the_newest_file_with_its_line() -> None:
    assert resolved(log_machine(f1=5, f2=1), "string", LOG) == Saw("新しい二", "C:\\記録\\2.log:3")
    assert resolved(log_machine(f1=1, f2=5), "string", LOG) == Saw("古い二", "C:\\記録\\1.log:2")
    assert value(resolved(log_machine(), "string", LOG)) == "新しい二", "of unknown age: the later name"
    first = {"log": {**LOG["log"], "pick": "first"}}
    assert value(resolved(log_machine(f1=5, f2=1), "string", first)) == "新しい一"


def test_a_log_without_a_match_is_missing_and_one_that_could_not_be_read_is_not() -> None:
    other = {"log": {"files": "C:\\記録\\*.log", "pattern": "none=(\\S+)"}}
    assert value(resolved(log_machine(f1=5, f2=1), "string", other)) is Reason.MISSING
    files: dict[str, bytes | Unseen] = {"C:\\記録\\1.log": b"x", "C:\\記録\\2.log": Unseen(Reason.DENIED, "2")}
    assert value(resolved(FakeMachine(files=files), "string", other)) is Reason.DENIED
    assert value(resolved(FakeMachine(files={"C:\\記録\\1.log": b"\0\1\2" * 400}), "string", other)) is Reason.MALFORMED


def test_a_path_with_a_fact_that_is_unknown_says_so() -> None:
    ini = {"ini": {"file": "{a.folder}\\x.ini", "section": "s", "key": "k"}}
    folder = spec("string", {"registry": {"key": KEY, "value": "フォルダー"}})
    facts = facts_on(FakeMachine(registry={}), a_folder=folder, a_b=spec("string", ini))
    assert facts.resolve("a.b") == facts.resolve("a.folder")
    machine = FakeMachine(registry={KEY: {"フォルダー": "C:\\デモ"}}, files={"C:\\デモ\\x.ini": b"[s]\nk=1\n"})
    assert value(facts_on(machine, a_folder=folder, a_b=spec("int", ini)).resolve("a.b")) == 1


def test_files_tell_whether_they_exist_how_large_they_are_and_when_they_changed() -> None:
    machine = FakeMachine(files={"C:\\更新": b"12345"}, modified={"C:\\更新": NOW})
    expected = {"exists": True, "size": 5, "modified": NOW}
    types = {"exists": "bool", "size": "int", "modified": "timestamp"}
    for what, wanted in expected.items():
        assert value(resolved(machine, types[what], {"file": {"path": "C:\\更新", "what": what}})) == wanted
    gone = {"file": {"path": "C:\\ない", "what": "exists"}}
    assert value(resolved(machine, "bool", gone)) is False
    assert value(resolved(FakeMachine(), "bool", gone)) is Reason.NOT_RECORDED
    assert value(resolved(machine, "int", {"file": {"path": "C:\\ない", "what": "size"}})) is Reason.MISSING


def said(output: str | bytes, type_: str = "string", exit_code: int = 0, **how: Any) -> Any:
    data = output if isinstance(output, bytes) else output.encode()
    result = CommandResult(("tool", "情報"), exit_code, data, b"")
    machine = FakeMachine(commands={("tool", "情報"): result})
    shaping: dict[str, Any] = {key: how.pop(key) for key in ("map", "match") if key in how}
    return value(resolved(machine, type_, {"command": {"argv": ["tool", "情報"], **how}, **shaping}))


def test_the_output_of_a_command_is_taken_whole_by_pattern_or_by_its_way_in_json() -> None:
    assert said(" 十二\n") == "十二"
    assert said("版: 12\n", "int", pattern="版: (\\d+)") == 12
    document = json.dumps({"a": {"版": 12, "on": True, "l": ["一", 2], "n": None, "d": 1.5}})
    assert said(document, "int", json="a.版") == 12
    assert said(document, "bool", json="a.on") is True
    assert said(document, json="a.on", map={"true": "動作", "false": "停止"}) == "動作"
    assert said(document, "list", json="a.l") == ("一", "2")
    assert said(document, "double", json="a.d") == 1.5
    assert said(document, json="a.n") is Reason.MISSING
    assert said(document, json="a.版.x") is Reason.MISSING
    assert said("{", json="a") is Reason.MALFORMED
    assert said("[" * 100_000, json="a") is Reason.MALFORMED
    assert said("x", exit_code=1) is Reason.FAILED
    assert said("x", exit_code=66, exit_codes=[0, 66]) == "x"
    assert said("x", exit_code=1, exit_codes=[0, 66]) is Reason.FAILED


def test_half_a_surrogate_pair_in_json_does_no_harm() -> None:
    assert said('{"a": "x\\ud800"}', json="a") == "x?"
    assert said('{"a": "x\\ud800=1"}', json="a", match="(x)") == "x"


def test_a_program_that_does_not_exist_gives_the_absent_value() -> None:
    machine = FakeMachine(commands={("tool",): Absent("tool")})
    assert value(resolved(machine, "bool", {"command": {"argv": ["tool"]}, "absent": False})) is False


class SlowRegistry(FakeMachine):
    """One key does not come back before `release` is set."""

    def __init__(self) -> None:
        super().__init__(registry={KEY: {"値": "後で"}, "HKLM\\別": {"値": "すぐ"}})
        self.asked = threading.Event()
        self.release = threading.Event()

    def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:
        if key == KEY:
            self.asked.set()
            assert self.release.wait(10)
        return super().registry_key(key, view)


def test_a_fact_that_hangs_holds_up_only_those_who_ask_for_it_and_is_read_once() -> None:
    machine = SlowRegistry()
    other = spec("string", {"registry": {"key": "HKLM\\別", "value": "値"}})
    one_view = {"registry": {**REGISTRY["registry"], "view": "64"}}
    facts = facts_on(machine, slow_one=spec("string", one_view), fast_one=other)
    answers: list[Sighting] = []
    askers = [threading.Thread(target=lambda: answers.append(facts.resolve("slow.one"))) for _ in range(8)]
    for asker in askers:
        asker.start()
    assert machine.asked.wait(10)
    assert value(facts.resolve("fast.one")) == "すぐ"
    assert facts.settled("slow.one") is None
    machine.release.set()
    for asker in askers:
        asker.join(10)
    assert [value(answer) for answer in answers] == ["後で"] * 8
    asked = [call for call in machine.calls if call[1] == KEY]
    assert len(asked) == 1
    assert value(facts.settled("slow.one") or Unseen(Reason.FAILED, "")) == "後で"


def test_a_fact_whose_reading_breaks_is_not_settled_and_breaks_for_everyone() -> None:
    class Broken(FakeMachine):
        def system(self) -> System:
            raise RuntimeError("壊れた")

    facts = facts_on(Broken(), a_b=spec("string", {"system": "hostname"}))
    for _ in range(2):
        with pytest.raises(RuntimeError):
            facts.resolve("a.b")
    assert facts.settled("a.b") is None


RAW = st.text(max_size=30) | st.integers(0, 2**64) | st.binary(max_size=30) | st.lists(st.text(max_size=5)).map(tuple)
TYPES = st.sampled_from(["string", "int", "double", "bool", "timestamp", "version", "list"])
SHAPING = st.fixed_dictionaries(
    {},
    optional={
        "match": st.sampled_from(["(.*)", "(\\d+)", "^(x)?", "(日)"]),
        "map": st.dictionaries(
            st.text(max_size=3), st.text() | st.integers() | st.booleans() | st.floats(), max_size=3
        ),
        "format": st.sampled_from(["%Y%m%d", "%Q", "%Y-%m-%dT%H:%M:%S%z", "%"]),
        "day": st.just("end"),
    },
)


@given(RAW, TYPES, SHAPING)
def test_anything_stored_becomes_a_value_of_the_type_or_a_reason(data: Any, type_: str, shaping: Any) -> None:
    found = held(data, type_, **shaping)
    wanted = {"int": int, "double": float, "bool": bool, "timestamp": datetime, "list": tuple}.get(type_, str)
    assert isinstance(found, Unseen) or type(found.value) is wanted
    if isinstance(found, Unseen):
        assert found.reason is Reason.MALFORMED
        assert len(found.detail) <= 80


@pytest.mark.parametrize(
    ("stored", "shaping", "expected"),
    [
        ("20-11-2026 18-30-00", {}, datetime(2026, 11, 20, 18, 30, tzinfo=JST)),
        ("20-11-2026 18-30-00", {"zone": "utc"}, datetime(2026, 11, 21, 3, 30, tzinfo=JST)),
        ("31-12-9999 23-59-59", {"zone": "utc"}, Reason.MALFORMED),
        ("2026年11月20日", {"zone": "utc"}, Reason.MALFORMED),
    ],
)
def test_a_stored_time_may_be_of_utc(stored: str, shaping: dict[str, str], expected: object) -> None:
    found = value(held(stored, "timestamp", format="%d-%m-%Y %H-%M-%S", **shaping))
    assert found == expected
    assert not isinstance(found, datetime) or found.utcoffset() == timedelta(hours=9)


def test_a_stored_date_may_hold_until_its_day_ends() -> None:
    shaping = {"format": "%Y-%m-%d"}
    assert value(held("2026-11-21", "timestamp", **shaping)) == datetime(2026, 11, 21, tzinfo=JST)
    assert value(held("2026-11-21", "timestamp", day="end", **shaping)) == datetime(
        2026, 11, 21, 23, 59, 59, tzinfo=JST
    )


def test_a_time_that_says_its_zone_keeps_its_moment() -> None:
    assert value(held("2026-11-20T18:30:00+02:00", "timestamp", zone="utc")) == datetime(
        2026, 11, 21, 1, 30, tzinfo=JST
    )


PROFILES = "HKLM\\SOFTWARE\\デモ\\profile\\*\\settings"
STARRED = {"registry": {"key": PROFILES, "value": "Url", "view": "64"}}


def profiles(**urls: Any) -> FakeMachine:
    keys = {PROFILES.replace("*", name): url for name, url in urls.items()}
    return FakeMachine(
        registry={key: url if isinstance(url, Unseen) else {"Url": url, "別": 1} for key, url in keys.items()}
    )


def test_a_star_in_a_key_stands_for_every_subkey() -> None:
    found = resolved(profiles(マイプロファイル=b"http://mirror:2221"), "string", STARRED)
    assert isinstance(found, Saw)
    assert found.value == "http://mirror:2221"
    assert "マイプロファイル\\settings : Url" in found.where
    assert value(resolved(profiles(a="x", b="x", c=""), "string", STARRED)) == "x"


def test_subkeys_that_disagree_leave_a_fact_unknown() -> None:
    assert value(resolved(profiles(a="x", b="y"), "string", STARRED)) is Reason.CONTRADICTORY


def test_a_star_without_any_subkey_or_value_is_an_absence() -> None:
    assert value(resolved(FakeMachine(registry={}), "string", {**STARRED, "absent": "無"})) == "無"
    assert value(resolved(profiles(a="", b=""), "string", {**STARRED, "absent": "無"})) == "無"
    denied = Unseen(Reason.DENIED, "x")
    assert value(resolved(profiles(a=denied), "string", {**STARRED, "absent": "無"})) is Reason.DENIED
    assert value(resolved(profiles(a=denied, b="y"), "string", STARRED)) == "y"


def test_of_very_many_subkeys_only_some_are_read() -> None:
    machine = profiles(**{f"k{number:05d}": "" for number in range(500)})
    assert value(resolved(machine, "string", STARRED)) is Reason.MISSING
    assert len(machine.calls) < 60
