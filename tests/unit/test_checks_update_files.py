from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.machine.values import FileInfo, Platform, Reason, Unseen
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.measured import all_reasons, measured, seen

SHARE = r"\\fs01\定義ファイル"
REQUIRED = ("index/u*.xml*", "bases/*")
ALL_UNSEEN = ("update_folder_exists", "update_files", "missing_update_files", "empty_update_files")
OF_DATE = ("newest_update_file", "newest_update_at", "newest_update_age", "update_folder_stale")


def context(
    files: dict[str, Any] | None,
    ages: dict[str, timedelta] | None = None,
    folder: Any = SHARE,
    platform: Platform = Platform.WINDOWS,
) -> FakeContext:
    modified = {path: NOON - age for path, age in (ages or {}).items()}
    machine = FakeMachine(platform=platform, files=files, modified=modified)
    return FakeContext(machine=machine, facts={"update.folder": folder})


def folder_of(found: FakeContext, **parameters: Any) -> dict[str, Any]:
    return seen("update_files", found, folder="{update.folder}", required=REQUIRED, **parameters)


def on(folder: str, slash: str = "\\") -> dict[str, bytes]:
    return {
        f"{folder}{slash}index{slash}u1313g.xml": b"<Update/>",
        f"{folder}{slash}bases{slash}av.kdc": b"bases",
        f"{folder}{slash}bases{slash}daily.kdc": b"bases",
        f"{folder}{slash}read me.txt": b"",
    }


def aged(folder: str, days: float, slash: str = "\\") -> dict[str, timedelta]:
    return {path: timedelta(days=days + number) for number, path in enumerate(on(folder, slash))}


@pytest.mark.parametrize(
    ("folder", "slash", "platform", "kind"),
    [
        (SHARE, "\\", Platform.WINDOWS, "share"),
        (r"D:\更新 [1]", "\\", Platform.WINDOWS, "local"),
        ("/var/update", "/", Platform.LINUX, "local"),
    ],
)
def test_a_complete_and_recent_folder(folder: str, slash: str, platform: Platform, kind: str) -> None:
    found = context(on(folder, slash), aged(folder, 1.5, slash), folder, platform)
    assert folder_of(found) == {
        "update_folder": folder,
        "update_folder_kind": kind,
        "update_folder_exists": True,
        "update_files": 3,
        "missing_update_files": (),
        "empty_update_files": (),
        "newest_update_file": f"{folder}{slash}index{slash}u1313g.xml",
        "newest_update_at": NOON - timedelta(days=1.5),
        "newest_update_age": timedelta(days=1.5),
        "update_folder_stale": False,
        "update_folder_limit_days": 7,
    }


@pytest.mark.parametrize(("days", "limit", "stale"), [(3, 3, False), (3.01, 3, True), (400, 7, True), (0, 1, False)])
def test_a_folder_is_stale_beyond_the_limit(days: float, limit: int, stale: bool) -> None:
    assert folder_of(context(on(SHARE), aged(SHARE, days)), limit_days=limit)["update_folder_stale"] is stale


def test_a_folder_that_is_not_there() -> None:
    result = folder_of(context({r"\\fs01\別の共有\a.txt": b""}))
    assert (result["update_folder_exists"], result["update_folder_kind"]) == (False, "share")
    assert {result[name] for name in (*ALL_UNSEEN[1:], *OF_DATE)} == {Reason.MISSING}


def test_a_file_where_the_folder_should_be_is_no_folder() -> None:
    assert folder_of(context({SHARE: b"a file"}))["update_folder_exists"] is False


def test_an_empty_folder_lacks_everything_and_has_no_date() -> None:
    result = folder_of(context({rf"{SHARE}\read me.txt": b"x"}))
    assert (result["update_folder_exists"], result["update_files"]) == (True, 0)
    assert result["missing_update_files"] == REQUIRED
    assert {result[name] for name in OF_DATE} == {Reason.MISSING}


def test_a_copy_that_stopped_halfway_is_told() -> None:
    files: dict[str, Any] = {**on(SHARE), rf"{SHARE}\bases\av.kdc": b""}
    del files[rf"{SHARE}\index\u1313g.xml"]
    result = folder_of(context(files, aged(SHARE, 1)))
    assert (result["missing_update_files"], result["empty_update_files"]) == (("index/u*.xml*",), ("av.kdc",))


def test_a_file_that_two_globs_find_counts_once() -> None:
    found = context(on(SHARE), aged(SHARE, 1))
    result = seen("update_files", found, folder="{update.folder}", required=("bases/*", "bases/av*"))
    assert result["update_files"] == 2


@pytest.mark.parametrize(
    "address", ["http://mirror.example.co.jp:2221", "ftp://u:p@ftp.example.co.jp/kav", "HTTPS://a"]
)
def test_an_address_is_told_apart_and_not_looked_at(address: str) -> None:
    found = context(on(SHARE), folder=address)
    result = folder_of(found)
    assert result["update_folder_kind"] == "address"
    assert "u:p@" not in result["update_folder"]
    assert {result[name] for name in (*ALL_UNSEEN, *OF_DATE)} == {Reason.UNSUPPORTED}
    assert not isinstance(found.machine, FakeMachine) or found.machine.calls == []


@pytest.mark.parametrize(
    ("written", "platform", "path"),
    [
        (f'  "{SHARE}\\" ', Platform.WINDOWS, SHARE),
        ("file:///D:/kav/", Platform.WINDOWS, "D:/kav"),
        ("file://fs01/kav", Platform.WINDOWS, r"\\fs01/kav"),
        ("file:///srv/kav/", Platform.LINUX, "/srv/kav"),
        ("C:\\", Platform.WINDOWS, "C:\\"),
        ("/", Platform.LINUX, "/"),
    ],
)
def test_the_spelling_of_a_path_does_not_matter(written: str, platform: Platform, path: str) -> None:
    result = folder_of(context({}, folder=written, platform=platform))
    assert (result["update_folder"], result["update_folder_kind"] in {"local", "share"}) == (path, True)


@pytest.mark.parametrize(
    ("written", "platform"),
    [
        ("", Platform.WINDOWS),
        ("AUTOSELECT", Platform.WINDOWS),
        (r"\\.\pipe\x", Platform.WINDOWS),
        (r"\\?\GLOBALROOT\Device", Platform.WINDOWS),
        (r"C:\kav\*", Platform.WINDOWS),
        ("relative/path", Platform.LINUX),
        ("/srv/\x1b[2J", Platform.LINUX),
        ("/" + "x" * 5_000, Platform.LINUX),
    ],
)
def test_what_is_no_path_is_malformed_and_not_looked_at(written: str, platform: Platform) -> None:
    found = context(on(SHARE), folder=written, platform=platform)
    result = folder_of(found)
    assert {result[name] for name in ("update_folder_kind", *ALL_UNSEEN, *OF_DATE)} == {Reason.MALFORMED}
    assert not isinstance(found.machine, FakeMachine) or found.machine.calls == []


def test_a_share_that_refuses_or_does_not_answer_is_unseen() -> None:
    for reason in (Reason.DENIED, Reason.FAILED, Reason.TIMED_OUT):
        result = folder_of(context({SHARE: Unseen(reason, SHARE)}))
        assert {result[name] for name in (*ALL_UNSEEN, *OF_DATE)} == {reason}


def test_nothing_recorded_leaves_all_but_the_path_unknown() -> None:
    result = folder_of(context(None))
    assert {result[name] for name in (*ALL_UNSEEN, *OF_DATE)} == {Reason.NOT_RECORDED}


def test_an_unknown_fact_leaves_everything_unknown() -> None:
    result = folder_of(context(on(SHARE), folder=Unseen(Reason.DENIED, "HKLM")))
    limit = result.pop("update_folder_limit_days")
    assert (limit, all_reasons(result)) == (7, {Reason.DENIED})


def test_sizes_and_times_that_were_not_recorded_stay_unknown() -> None:
    path = rf"{SHARE}\bases\av.kdc"
    files: dict[str, Any] = {**on(SHARE), path: FileInfo(path, None, None)}
    ages = aged(SHARE, 1)
    del ages[path]
    result = folder_of(context(files, ages))
    assert (result["missing_update_files"], result["empty_update_files"]) == ((), Reason.NOT_RECORDED)
    assert {result[name] for name in OF_DATE} == {Reason.NOT_RECORDED}


def test_a_file_from_the_future_is_neither_new_nor_old() -> None:
    result = folder_of(context(on(SHARE), aged(SHARE, -30)))
    assert result["newest_update_at"] == NOON + timedelta(days=30)
    assert {result["newest_update_age"], result["update_folder_stale"]} == {Reason.CONTRADICTORY}


def test_a_file_a_minute_ahead_of_the_clock_is_new() -> None:
    ages = {path: timedelta(minutes=-1) for path in on(SHARE)}
    assert folder_of(context(on(SHARE), ages))["newest_update_age"] == timedelta()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=1_200), st.sampled_from((Platform.WINDOWS, Platform.LINUX)))
def test_any_text_as_a_path_gives_declared_evidence_within_bounds(text: str, platform: Platform) -> None:
    found = context(on(SHARE), folder=text, platform=platform)
    result = measured("update_files", found, folder="{update.folder}", required=REQUIRED)
    assert all(len(sighting.where) <= 1_100 for sighting in result.values() if isinstance(sighting, Unseen))


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(("index", "bases", "更新")).flatmap(
            lambda folder: st.text("abu[]xml.1313g更", min_size=1, max_size=12).map(lambda name: f"{folder}\\{name}")
        ),
        st.tuples(st.binary(max_size=3), st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))),
        max_size=8,
    )
)
def test_any_content_is_counted_and_dated_without_contradiction(content: dict[str, tuple[bytes, datetime]]) -> None:
    files: dict[str, Any] = {f"{SHARE}\\{name}": data for name, (data, _) in content.items()}
    times = {f"{SHARE}\\{name}": time.replace(tzinfo=NOON.tzinfo) for name, (_, time) in content.items()}
    machine = FakeMachine(files=files, modified=times)
    result = folder_of(FakeContext(machine=machine, facts={"update.folder": SHARE}))
    if isinstance(result["update_folder_stale"], bool):
        assert result["update_files"] > 0
        assert result["newest_update_age"] >= timedelta()
        assert result["update_folder_stale"] is (result["newest_update_age"] > timedelta(days=7))
