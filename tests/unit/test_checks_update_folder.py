from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.machine.posix import PosixMachine
from diagnose.machine.values import Disk, Download, FileInfo, ListeningPort, Platform, Reason, Unseen, Via
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import FakeMachine
from tests.unit.measured import all_reasons, measured, seen

JST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=JST)
FOLDER = r"E:\ミラー"
URL = "http://192.168.10.5:2221"
INDEX = b"""[ENGINE0]\r
version=30810 (20260902)\r
file=nod9133.nup\r
size=11\r
[ENGINE2]\r
version=32110 (20261120)\r
file=nodE12D.nup\r
"""
FILES = {"update.ver": INDEX, "nod9133.nup": b"N" * 11, "nodE12D.nup": b"NN"}


def in_folder(**files: bytes | Unseen | FileInfo | None) -> dict[str, Any]:
    named: dict[str, Any] = {**FILES, **{name.replace("_DOT_", "."): data for name, data in files.items()}}
    return {f"{FOLDER}\\{name}": data for name, data in named.items() if data is not None}


def folder(files: dict[str, Any] | None, where: str = FOLDER) -> dict[str, Any]:
    machine = FakeMachine(files=files)
    return seen("update_folder", FakeContext(machine, {"update.folder": where}, NOW), folder="{update.folder}")


class TestUpdateFolder:
    def test_a_folder_that_is_whole_and_new(self) -> None:
        found = folder(in_folder())
        assert found["folder_exists"]
        assert (found["index_form"], found["index_cut_off"], found["has_engine"]) == ("readable", False, True)
        assert found["engine_in_folder"] == "32110 (20261120)"
        assert found["engine_date_in_folder"] == datetime(2026, 11, 20, tzinfo=JST)
        assert (found["folder_age_days"], found["named_files"], found["module_files"]) == (1, 2, 2)
        assert (found["largest_file"], found["largest_mb"]) == ("nod9133.nup", 0.0)
        for name in ("missing_files", "wrong_size_files", "empty_files", "unfinished_files"):
            assert found[name] == ()

    def test_each_file_is_missing_empty_or_of_another_size(self) -> None:
        assert folder(in_folder(nodE12D_DOT_nup=None))["missing_files"] == ("nodE12D.nup",)
        assert folder(in_folder(nodE12D_DOT_nup=b""))["empty_files"] == ("nodE12D.nup",)
        assert folder(in_folder(nod9133_DOT_nup=b"N"))["wrong_size_files"] == ("nod9133.nup (1 / 11)",)
        assert folder(in_folder(tmp01_DOT_tmp=b"N"))["unfinished_files"] == ("tmp01.tmp",)

    def test_what_nobody_could_look_at_is_not_missing(self) -> None:
        denied = Unseen(Reason.DENIED, "x")
        found = folder(in_folder(nodE12D_DOT_nup=denied))
        assert (found["missing_files"], found["wrong_size_files"]) == (Reason.DENIED, Reason.DENIED)
        both = folder(in_folder(nodE12D_DOT_nup=denied, nod9133_DOT_nup=None))
        assert (both["missing_files"], both["empty_files"]) == (("nod9133.nup",), Reason.DENIED)
        assert folder(in_folder(update_DOT_ver=denied))["index_found"] is Reason.DENIED
        size_unknown = FileInfo(FOLDER + r"\nod9133.nup", None, None)
        assert folder(in_folder(nod9133_DOT_nup=size_unknown))["wrong_size_files"] == ()

    def test_a_folder_without_an_index_or_not_there_at_all(self) -> None:
        found = folder(in_folder(update_DOT_ver=None))
        assert (found["folder_exists"], found["index_found"], found["module_files"]) == (True, False, 2)
        assert found["folder_age_days"] is Reason.MISSING
        gone = folder({"C:\\x": b""})
        assert (gone["folder"], gone["folder_exists"], gone["index_found"]) == (FOLDER, False, Reason.MISSING)
        assert folder({FOLDER: b"a file"})["folder_exists"] is False
        assert all_reasons({n: v for n, v in folder(None).items() if n != "folder"}) == {Reason.NOT_RECORDED}
        assert all_reasons(folder(in_folder(), where=" ")) == {Reason.MISSING}
        nobody = FakeContext(FakeMachine(files={}), {}, NOW)
        assert all_reasons(seen("update_folder", nobody, folder="{update.folder}")) == {Reason.MISSING}

    def test_newer_products_keep_their_index_in_a_folder_of_its_own(self) -> None:
        files = {f"{FOLDER}\\dll\\{name}": data for name, data in FILES.items()}
        found = folder(files)
        assert found["index_file"] == rf"{FOLDER}\dll\update.ver"
        assert found["missing_files"] == ()

    def test_a_path_from_the_root_of_the_server_is_looked_for_beside_the_index_too(self) -> None:
        index = INDEX.replace(b"file=nod", b"file=/eset_upd/v3/nod")
        assert folder(in_folder(update_DOT_ver=index))["missing_files"] == ()

    def test_a_hostile_index_leads_nowhere(self) -> None:
        hostile = rb"""[ENGINE0]
version=1 (20261120)
file=..\..\Windows\win.ini
size=7
[ENGINE1]
version=2 (20261120)
file=\\203.0.113.9\share\x.nup
[ENGINE2]
version=3 (20261120)
file=C:\Windows\win.ini
"""
        machine = FakeMachine(files=in_folder(update_DOT_ver=hostile))
        seen("update_folder", FakeContext(machine, {"a.b": FOLDER}, NOW), folder="{a.b}")
        asked = {str(call[1]) for call in machine.calls if call[0] in {"file_info", "read_file", "find_files"}}
        assert all(path.startswith(FOLDER) for path in asked)

    def test_of_an_endless_index_not_every_file_is_looked_up(self) -> None:
        index = "".join(f"[M{n}]\nversion=1 (20261120)\nfile={n}.nup\n" for n in range(5_000)).encode()
        machine = FakeMachine(files=in_folder(update_DOT_ver=index))
        found = seen("update_folder", FakeContext(machine, {"a.b": FOLDER}, NOW), folder="{a.b}")
        assert len(found["missing_files"]) == 10
        assert sum(call[0] == "file_info" for call in machine.calls) <= 601

    def test_a_folder_of_very_many_files_costs_no_more_than_its_index(self, tmp_path: Path) -> None:
        for number in range(10_050):
            (tmp_path / f"{number}.nup").touch()
        for name, data in FILES.items():
            (tmp_path / name).write_bytes(data)
        machine = PosixMachine(lambda: NOW, {})
        found = seen("update_folder", FakeContext(machine, {"a.b": str(tmp_path)}, NOW), folder="{a.b}")
        assert (found["missing_files"], found["wrong_size_files"], found["empty_files"]) == ((), (), ())
        assert (found["unfinished_files"], found["module_files"]) == (Reason.FAILED, Reason.FAILED)

    def test_an_engine_from_tomorrow_has_no_age(self) -> None:
        index = INDEX.replace(b"20261120", b"20261122")
        assert folder(in_folder(update_DOT_ver=index))["folder_age_days"] == 0

    @given(st.binary(max_size=400))
    def test_any_index_is_measured(self, data: bytes) -> None:
        assert folder(in_folder(update_DOT_ver=data))["index_found"] is True


def download(name: str, start: bytes = b"", status: int | None = 200, **more: Any) -> Download:
    return Download(f"{URL}/{name}", Via.DIRECT, status, start, **{"size": len(start), **more})


def served(
    *downloads: Download | Unseen, files: dict[str, Any] | None = None, facts: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    known = {"update.mirror": URL, "engine.number": 32100, "engine.date": NOW - timedelta(days=2), **(facts or {})}
    return seen(
        "published_index",
        FakeContext(FakeMachine(downloads=downloads, files=files), known, NOW),
        base="{update.mirror}",
        client_number="engine.number",
        client_date="engine.date",
        folder=FOLDER,
    )


class TestPublishedIndex:
    def test_an_index_is_compared_with_client_and_folder(self) -> None:
        found = served(download("update.ver", INDEX), files=in_folder())
        assert (found["http_status"], found["http_error"], found["published_form"]) == (200, "", "readable")
        assert (found["published_engine"], found["published_ahead"]) == ("32110 (20261120)", 10)
        assert found["published_newer_by"] == timedelta(days=1) - timedelta(hours=9)
        assert (found["published_age_days"], found["same_as_folder"]) == (1, True)
        assert found["index_url"] == f"{URL}/update.ver"
        other = served(download("update.ver", INDEX + b"\n"), files=in_folder())
        assert other["same_as_folder"] is False

    def test_the_second_place_counts_when_the_first_has_none(self) -> None:
        found = served(download("update.ver", b"no", 404), download("dll/update.ver", INDEX))
        assert (found["index_url"], found["published_form"]) == (f"{URL}/dll/update.ver", "readable")
        neither = served(download("update.ver", b"no", 404), download("dll/update.ver", b"", 500))
        assert (neither["index_url"], neither["http_status"]) == (f"{URL}/update.ver", 404)
        assert neither["published_form"] is Reason.MISSING

    def test_no_answer_says_why(self) -> None:
        found = served(download("update.ver", status=None, error="refused"))
        assert (found["http_status"], found["http_error"]) == (Reason.FAILED, "refused")
        assert served()["http_status"] is Reason.NOT_RECORDED

    @pytest.mark.parametrize(
        ("body", "form"), [(b"<html>", "markup"), (b"Rar!\x1a\x07\x00", "packed"), (b"", "empty"), (b"ok", "other")]
    )
    def test_what_is_no_index_has_no_engine(self, body: bytes, form: str) -> None:
        found = served(download("update.ver", body))
        assert found["published_form"] == form
        assert isinstance(found["published_engine"], Reason)

    def test_what_is_not_known_of_the_client_or_the_folder_stays_unknown(self) -> None:
        facts = {"engine.number": "text", "engine.date": Unseen(Reason.DENIED, "")}
        found = served(download("update.ver", INDEX), facts=facts)
        assert (found["published_ahead"], found["published_newer_by"]) == (Reason.MALFORMED, Reason.DENIED)
        assert found["same_as_folder"] is Reason.NOT_RECORDED
        empty = served(download("update.ver", INDEX), files={"C:\\x": b""})
        assert empty["same_as_folder"] is Reason.MISSING
        gone = served(download("update.ver", INDEX), facts={"update.mirror": Unseen(Reason.MISSING, "")})
        assert all_reasons(gone) == {Reason.MISSING}


def transferred(*downloads: Download | Unseen, when: bool | Unseen = True) -> dict[str, Any]:
    machine = FakeMachine(downloads=[download("update.ver", INDEX.replace(b"size=11", b"size=68441911")), *downloads])
    context = FakeContext(machine, {"update.mirror": URL}, NOW, {"old": when})
    return seen("download_size", context, base="{update.mirror}", when="old")


class TestDownloadSize:
    @pytest.mark.parametrize(
        ("status", "size", "error", "outcome"),
        [
            (200, 68_441_911, "", "complete"),
            (200, 68_441_912, "", "complete"),
            (200, 20_000_000, "protocol", "cut"),
            (200, 20_000_000, "reset", "cut"),
            (200, 20_000_000, "stalled", "stalled"),
            (200, 20_000_000, "timeout", "slow"),
            (200, 512, "", "replaced"),
            (403, 512, "", "refused"),
            (404, 0, "", "refused"),
        ],
    )
    def test_the_largest_file_comes_through_or_not(self, status: int, size: int, error: str, outcome: str) -> None:
        found = transferred(download("nod9133.nup", b"N", status, size=size, error=error))
        assert (found["transfer"], found["transfer_status"]) == (outcome, status)
        assert (found["largest_file"], found["file_size"]) == ("nod9133.nup", "68.4 MB")
        assert found["transfer_url"] == f"{URL}/nod9133.nup"
        assert found["transferred"] == f"{size / 1e6:.1f} MB"

    def test_nothing_is_fetched_where_it_is_not_worth_it(self) -> None:
        machine = FakeMachine()
        context = FakeContext(machine, {"update.mirror": URL}, NOW, {"old": False})
        assert seen("download_size", context, base="{update.mirror}", when="old")["transfer"] == "not_tried"
        assert machine.calls == []
        assert all_reasons(transferred(when=Unseen(Reason.DENIED, ""))) == {Reason.DENIED}

    def test_what_was_not_seen_stays_unknown(self) -> None:
        found = transferred()
        assert (found["transfer"], found["file_size"]) == (Reason.NOT_RECORDED, "68.4 MB")
        dead = transferred(download("nod9133.nup", status=None, error="refused"))
        assert (dead["transfer"], dead["transfer_error"]) == (Reason.FAILED, "refused")
        nothing = FakeContext(FakeMachine(), {"update.mirror": URL}, NOW)
        assert all_reasons(seen("download_size", nothing, base="{update.mirror}")) == {Reason.NOT_RECORDED}
        page = FakeContext(FakeMachine(downloads=[download("update.ver", b"<html>")]), {"update.mirror": URL}, NOW)
        assert all_reasons(seen("download_size", page, base="{update.mirror}")) == {Reason.MISSING}

    def test_a_path_from_the_root_starts_there_and_another_server_is_never_asked(self) -> None:
        index = INDEX.replace(b"file=nod9133", b"file=/eset_upd/nod9133").replace(b"size=11", b"size=99")
        hostile = INDEX.replace(b"file=nod9133.nup", b"file=http://203.0.113.9/x.nup")
        for text, asked in ((index, f"{URL}/eset_upd/nod9133.nup"), (hostile, "")):
            machine = FakeMachine(downloads=[Download(f"{URL}/sub/update.ver", Via.DIRECT, 200, text, len(text))])
            context = FakeContext(machine, {"a.b": f"{URL}/sub"}, NOW)
            found = seen("download_size", context, base="{a.b}")
            assert found["transfer_url"] == asked or not asked
            assert all(str(call[1]).startswith(URL) for call in machine.calls if call[0] == "download")

    def test_a_claimed_size_never_makes_us_fetch_without_end(self) -> None:
        index = INDEX.replace(b"size=11", b"size=999999999999")
        machine = FakeMachine(downloads=[download("update.ver", index)])
        seen("download_size", FakeContext(machine, {"a.b": URL}, NOW), base="{a.b}")
        assert max(int(str(call[2])) for call in machine.calls if call[0] == "download") <= 512 * 1024 * 1024


KINDS = [{"kind": "vendor", "pattern": r"^(?:https?://)?(?:[a-z0-9-]+\.)*eset\.com(?:[:/]|$)"}]


def server(url: Any, selection: Any = "custom", **machine: Any) -> dict[str, Any]:
    facts = {"update.url": url, "update.selection": selection}
    context = FakeContext(FakeMachine(**machine), {n: v for n, v in facts.items() if v is not None}, NOW)
    return seen("update_server", context, url="update.url", selection="update.selection", kinds=KINDS)


class TestUpdateServer:
    @pytest.mark.parametrize("selection", ["custom", "automatic", None])
    @pytest.mark.parametrize(
        "url",
        [
            "http//user:geheim@mirror:2221",
            "http://user:geheim@mirror:2221",
            "http://user:12/geheim @mirror:2221",
            "user:geheim@mirror:2221",
            "http://user:geheim＠mirror:2221",
            "http://user:" + "geheim" * 60 + "@ mirror",
        ],
    )
    def test_a_login_in_the_address_is_shown_nowhere(self, url: str, selection: str | None) -> None:
        facts = {name: value for name, value in (("url", url), ("selection", selection)) if value}
        context = FakeContext(FakeMachine(), facts, NOW)
        evidence = measured("update_server", context, url="url", selection="selection", kinds=KINDS)
        assert "geheim" not in repr(evidence)
        assert "mirror" in repr(evidence)

    @pytest.mark.parametrize(
        ("url", "kind", "problem"),
        [
            ("http://192.168.1.1:2221", "http_mirror", "none"),
            ("HTTPS://Mirror.example.co.jp/eset_upd/", "http_mirror", "none"),
            ("http://[2001:db8::1]:2221", "http_mirror", "none"),
            ("http://update.eset.com/eset_upd/v10/", "vendor", "none"),
            ("http://update.eset.com.example.net:2221", "http_mirror", "none"),
            (r"\\192.168.1.1\mirror", "share", "none"),
            (r"E:\Mirror", "folder", "none"),
            ("E:", "folder", "none"),
            ("192.168.1.1:2221", Reason.MALFORMED, "no_scheme"),
            ("mirror", Reason.MALFORMED, "no_scheme"),
            ("http:/192.168.1.1:2221", Reason.MALFORMED, "wrong_scheme"),
            ("htp://192.168.1.1", Reason.MALFORMED, "wrong_scheme"),
            ("http://", "http_mirror", "no_host"),
            ("http://:2221", "http_mirror", "no_host"),
            ("http://[::1:2221", "http_mirror", "no_host"),
            ("http://h_ost!:2221", "http_mirror", "no_host"),
            ("http://192.168.1.1:", "http_mirror", "wrong_port"),
            ("http://192.168.1.1:0", "http_mirror", "wrong_port"),
            ("http://192.168.1.1:99999", "http_mirror", "wrong_port"),
            ("http://192.168.1.1:2221x", "http_mirror", "wrong_port"),
            ("http://192.168.1.1:2221/update.ver", "http_mirror", "names_a_file"),
            ("http://192.168.1.1 :2221", Reason.MALFORMED, "odd_characters"),
            ("ｈｔｔｐ：//192.168.1.1", Reason.MALFORMED, "odd_characters"),
            ("\u00a5\u00a5filesv\u00a5mirror", "share", "yen_signs"),
            ("E:\u00a5Mirror", "folder", "yen_signs"),
            ("//filesv/mirror", "share", "forward_slashes"),
            (r"\\filesv", "share", "no_share"),
        ],
    )
    def test_an_address_has_a_kind_and_perhaps_a_problem(self, url: str, kind: Any, problem: str) -> None:
        found = server(url)
        assert (found["server_kind"], found["server_problem"]) == (kind, problem)

    def test_what_is_chosen_automatically_is_the_vendor_whatever_stands_beside_it(self) -> None:
        found = server("http:/192.168.1.1", "automatic")
        assert (found["server_kind"], found["server_problem"]) == ("vendor", "none")
        assert server(None, "automatic")["server_kind"] == "vendor"
        assert server(None)["server_kind"] is Reason.MISSING
        assert server(URL, None)["server_kind"] == "http_mirror"

    def test_a_person_may_write_it_in_several_ways(self) -> None:
        spellings = server("http://Mirror.Example.co.jp:2221/")["server_spellings"]
        for written in ("http://mirror.example.co.jp:2221", "mirror.example.co.jp:2221", "mirror.example.co.jp"):
            assert written in spellings
        assert r"\\filesv\mirror" in server(r"\\FILESV\mirror")["server_spellings"]

    def test_a_drive_is_there_or_not(self) -> None:
        assert server(r"E:\Mirror", disks=[Disk("C:\\", 1, 1)])["drive_present"] is False
        assert server(r"e:\Mirror", disks=[Disk("E:\\", 1, 1)])["drive_present"] is True
        assert server(r"E:\Mirror")["drive_present"] is Reason.NOT_RECORDED
        assert server(URL, disks=[])["drive_present"] in Reason
        linux = server(r"E:\Mirror", platform=Platform.LINUX, disks=[])
        assert linux["drive_present"] in Reason

    def test_a_password_in_an_address_is_not_shown(self) -> None:
        found = server("http://user:secret@192.168.1.1:2221")
        assert found["server_url"] == "http://192.168.1.1:2221"
        assert "secret" not in str(found["server_spellings"])

    @given(st.text(max_size=100))
    def test_any_text_is_judged(self, url: str) -> None:
        found = server(url)
        kind = found["server_kind"]
        if isinstance(found["server_problem"], str):
            assert found["server_problem"] != "none" or kind in {"vendor", "http_mirror", "share", "folder"}


def test_everybody_who_listens_on_a_port_is_named() -> None:
    owners = (("0.0.0.0", 2221, "System"), ("::", 2221, "ekrn.exe"), ("::", 1, "x"))
    ports = [ListeningPort(*owner) for owner in owners]
    found = seen("listener", FakeContext(FakeMachine(listening_ports=ports), {}, NOW), port=2221)
    assert (found["listening"], found["listeners"]) == (True, ("System", "ekrn.exe"))
    nobody = seen("listener", FakeContext(FakeMachine(listening_ports=[]), {}, NOW), port=2221)
    assert (nobody["listening"], nobody["listeners"]) == (False, ())
