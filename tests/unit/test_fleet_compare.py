"""`diagnose fleet compare` from files to text, JSON, page, list and answers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import msgspec
import pytest

from diagnose.bundle.incident import read_form
from diagnose.errors import InputError
from diagnose.fleet.collected import Collector
from diagnose.fleet.comparing import HostLine, Question, compare
from diagnose.fleet.files import hosts_csv, incident_yaml
from diagnose.fleet.inventory import Inventory
from diagnose.fleet.page import render_html
from diagnose.fleet.page_words import WORDS
from diagnose.fleet.plain import render_text
from diagnose.fleet.report import FleetReport, fleet_schema, render_json
from diagnose.fleet.sources import Piece
from diagnose.fleet.wording import number, share
from diagnose.rules.model import FormField
from diagnose.text import Language, Text
from tests.unit.command_line import Cli, isolated_cli
from tests.unit.fleet_samples import Fleet, result_json
from tests.unit.test_report_html import Page

MADE = datetime(2026, 11, 22, 12, tzinfo=UTC)
FORM = frozenset({"affected_count", "total_count", "healthy_agents_exist", "difference_from_healthy"})
EVIL = "<script>alert('x')</script>\x1b[31m\u202e=cmd|"


@pytest.fixture
def cli(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    yield from isolated_cli(tmp_path, capfdbinary, monkeypatch)


def fleet(hosts: int = 60, sick: int = 12) -> list[bytes]:
    """Every sick one has mode pac, nearly no other."""
    return [
        result_json(
            {"net.mode": "pac" if n < sick or n == 40 else "none", "n": n % 7, "agent.version": f"7.{n % 3}.1"},
            f"PC-{n:03d}",
            ["blocked"] if n < sick else [],
        )
        for n in range(hosts)
    ]


def compared(results: list[bytes], **changes: Any) -> FleetReport:
    found = Collector().collect(Piece(f"{at}.json", data, MADE.timestamp()) for at, data in enumerate(results))
    question = Question(
        flow=changes.get("flow"),
        cause=changes.get("cause"),
        inventory=changes.get("inventory"),
        max_age_s=1e8,
        form_fields=FORM,
    )
    report, _ = compare(found, question, MADE, "0")
    return report


def test_who_is_affected_and_what_differs_is_said_in_a_sentence() -> None:
    report = compared(fleet())
    assert (report.counts.total, report.counts.affected, report.counts.healthy) == (60, 12, 48)
    assert [(cause.id, cause.affected, cause.primary) for cause in report.causes] == [("blocked", 12, 12)]
    (one,) = report.comparisons
    (claim,) = [difference for difference in one.differences if difference.strength == "claim"]
    assert (claim.affected_with, claim.affected_seen, claim.healthy_with, claim.healthy_seen) == (12, 12, 1, 48)
    assert claim.healthy_examples == ("PC-040",)
    assert claim.affected_exceptions == ()
    assert claim.p < 1e-6
    assert claim.sentence == Text(
        ja="「net.mode」が「pac」であるコンピュータは、影響のある 12 台のうち 12 台（100%）、"
        "正常な 48 台のうち 1 台（2%）です。",
        en="net.mode is pac on 12 of 12 affected computers (100%) and on 1 of 48 healthy ones (2%).",
    )
    assert "PC-" not in one.conclusion.ja + one.conclusion.en, "it goes to the vendor"
    assert [(visit.host, visit.stands_for) for visit in report.visit] == [("PC-011", 12)]


def test_what_a_cause_is_recognised_by_explains_nothing() -> None:
    results = [data.replace(b'"rests_on":[]', b'"rests_on":["facts.net.mode"]') for data in fleet()]
    (one,) = compared(results).comparisons
    assert [known.name for known in one.recognised_by] == ["facts.net.mode"]
    assert not one.differences


def test_unknown_ones_are_counted_apart_and_never_healthy() -> None:
    unknown = [result_json({"net.mode": "pac"}, f"U-{n}", outcome="unknown", status="unknown") for n in range(5)]
    report = compared([*fleet(), *unknown])
    assert (report.counts.total, report.counts.healthy, report.counts.unknown) == (65, 48, 5)
    assert (report.comparisons[0].healthy, report.comparisons[0].undecided) == (48, 5)


def test_the_inventory_is_the_denominator() -> None:
    names = [f"PC-{n:03d}" for n in range(10, 70)]
    inventory = Inventory({name.casefold(): name for name in names}, (4,), ())
    report = compared(fleet(), inventory=inventory)
    assert (report.counts.total, report.counts.affected, report.counts.missing) == (60, 2, 10)
    assert report.inventory is not None
    assert report.inventory.missing == tuple(f"PC-{n:03d}" for n in range(60, 70))
    assert report.inventory.outside == tuple(f"PC-{n:03d}" for n in range(10))
    assert report.incident["affected_count"] == 2
    assert report.incident["total_count"] == 60


def test_flows_are_not_mixed() -> None:
    others = [result_json({"x": 1}, f"PC-{n:03d}", ["else"], flow="connect") for n in range(4)]
    report = compared([*fleet(), *others])
    assert report.flow.id == "sample/update"
    assert [(flow.id, flow.hosts) for flow in report.other_flows] == [("sample/connect", 4)]
    assert compared([*fleet(), *others], flow="sample/connect").counts.affected == 4
    with pytest.raises(InputError):
        compared(fleet(), flow="sample/updat")
    with pytest.raises(InputError):
        compared(fleet(), cause="blocke")
    with pytest.raises(InputError):
        compared([b"{}"])


@pytest.mark.parametrize(("sick", "hosts"), [(12, 12), (1, 30), (0, 30), (2, 3)])
def test_too_few_of_either_kind_give_no_claim(sick: int, hosts: int) -> None:
    report = compared(fleet(hosts, sick))
    assert all(difference.strength == "candidate" for one in report.comparisons for difference in one.differences)
    for language in Language:
        assert render_text(report, language)
        assert render_html(report, language)
    assert ("healthy_agents_exist", "no") in report.incident.items() or hosts > sick


def test_the_page_has_both_languages_and_nothing_from_outside() -> None:
    report = compared(fleet())
    for language in Language:
        page = Page(render_html(report, language))
        assert not page.open
        checked = [attributes["id"] for tag, attributes in page.elements if tag == "input" and "checked" in attributes]
        assert checked == [f"show-{language}"]
        assert not page.values_of("src")
        assert all(link.startswith("#") for link in page.values_of("href"))
        ids = page.values_of("id")
        assert len(ids) == len(set(ids))
        assert set(page.values_of("aria-labelledby")) <= set(ids)
        assert "script" not in {tag for tag, _ in page.elements}
        assert "影響のある 12 台のうち 12 台（100%）" in page.text["ja"]
        assert "12 of 12 affected computers" in page.text["en"]


def test_hostile_names_and_values_stay_text() -> None:
    results = [
        result_json(
            {EVIL: EVIL if n < 12 else "none", "list": [EVIL]},
            f"{EVIL}{n:02d}",
            [EVIL] if n < 12 else [],
            known=[EVIL],
        )
        for n in range(60)
    ]
    report = compared(results)
    assert any(difference.strength == "claim" for difference in report.comparisons[0].differences)
    page = Page(render_html(report, Language.EN))
    assert "script" not in {tag for tag, _ in page.elements}
    for language in Language:
        text = render_text(report, language) + incident_yaml(report.incident, language)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)


def test_the_json_is_of_its_schema() -> None:
    plain = msgspec.json.decode(render_json(compared(fleet())))
    jsonschema.validate(plain, fleet_schema())
    assert plain["schema"] == "diagnose.fleet/1"
    assert msgspec.json.decode(render_json(compared(fleet())), type=FleetReport) == compared(fleet())


def test_no_cell_of_the_list_is_a_formula() -> None:
    hosts = ["=1+1", "+a", "-a", "@a", "\tx", " =x", "PC-1", "a,b\n=2"]
    lines = [HostLine(host, "pass", ("x",), 0.0, "s") for host in hosts]
    data = hosts_csv(lines, Language.JA)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+a", "'-a", "'@a", "x", "'=x", "PC-1", "a,b =2"]


def field(name: str, type_: str = "text", **more: Any) -> FormField:
    return msgspec.convert({"id": name, "title": {"ja": name, "en": name}, "type": type_, **more}, FormField)


def test_the_answers_are_read_back_as_an_incident_form(tmp_path: Path) -> None:
    yes_no = {word: {"ja": word, "en": word} for word in ("yes", "no")}
    form = (
        field("affected_count", "number"),
        field("total_count", "number"),
        field("healthy_agents_exist", "choice", choices=yes_no),
        field("difference_from_healthy"),
    )
    report = compared(fleet())
    for language, word in ((Language.JA, "コンピュータは"), (Language.EN, "computers")):
        file = tmp_path / f"{language}.yaml"
        file.write_text(incident_yaml(report.incident, language), encoding="utf-8")
        read = read_form(form, file, {})
        assert read["affected_count"] == 12
        assert read["total_count"] == 60
        assert read["healthy_agents_exist"] == "yes"
        assert word in str(read["difference_from_healthy"])


def write_fleet(folder: Path, results: list[bytes]) -> Path:
    folder.mkdir()
    for at, data in enumerate(results):
        (folder / f"{at}.json").write_bytes(data)
    return folder


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_command_shows_and_keeps(cli: Cli, language: str) -> None:
    folder = write_fleet(cli.folder / "結果", [*fleet(), b"garbage"])
    ran = cli("fleet", "compare", folder, "--lang", language, "--output", "比較", "--incident", "form.yaml")
    assert ran.code == 1
    assert ("60 台中 12 台" if language == "ja" else "12 of 60 computers are affected") in ran.out
    assert sorted(path.name for path in (cli.folder / "比較").iterdir()) == [
        "fleet.html", "fleet.json", "hosts.csv", "incident.yaml",
    ]  # fmt: skip
    assert (cli.folder / "form.yaml").read_text("utf-8").startswith("affected_count: 12\n")
    again = cli("fleet", "compare", folder, "比較", "--format", "json")
    assert msgspec.json.decode(again.out)["left_out_count"] == 1, "our own files beside results are no results"


def test_only_fields_of_the_products_form_are_written(cli: Cli) -> None:
    results = [data.replace(b'"id":"sample"', b'"id":"clamav"') for data in fleet()]
    folder = write_fleet(cli.folder / "r", results)
    cli("fleet", "compare", folder, "--incident", "form.yaml")
    assert (cli.folder / "form.yaml").read_text("utf-8") == "affected_count: 12\ntotal_count: 60\n"


def test_a_product_id_leads_to_no_folder(cli: Cli) -> None:
    results = [data.replace(b'"id":"sample"', b'"id":"../../etc"') for data in fleet()]
    ran = cli("fleet", "compare", write_fleet(cli.folder / "r", results), "--incident", "f.yaml")
    assert ran.code == 1
    assert "../../etc" in ran.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["none"], "no such file"),
        (["empty"], "there is no result here"),
        (["r", "--inventory", "none.csv"], "no such file"),
        (["r", "--flow", "sample/updat"], "sample/update"),
        (["r", "--cause", "blocket"], "blocked"),
        (["r", "--max-age", "0"], "--max-age"),
    ],
)
def test_wrong_input_is_one_line_and_code_2(cli: Cli, argv: list[str], said: str) -> None:
    write_fleet(cli.folder / "r", fleet())
    (cli.folder / "empty").mkdir()
    ran = cli("fleet", "compare", *argv)
    assert ran.code == 2
    assert len(ran.lines) == 1
    assert said in ran.err


def test_exit_codes_tell_whether_somebody_is_affected(cli: Cli) -> None:
    assert cli("fleet", "compare", write_fleet(cli.folder / "a", fleet(9, 0))).code == 0
    unknown = [result_json({}, "PC-1", outcome="unknown", status="unknown")]
    assert cli("fleet", "compare", write_fleet(cli.folder / "b", unknown)).code == 3


def test_a_table_gives_the_same_answer(cli: Cli) -> None:
    pytest.importorskip("duckdb")
    made = Fleet(5, 30)
    results = []
    for at, row in enumerate(made.rows(120)):
        causes = [cause for cause in ("pair", "number") if made.affected(row, cause)]
        odd = {"mixed": [1, "a", True, ["x", "y"]][at % 4], "old": at if at % 2 else f"{at}.0"}
        data = result_json({**made.lose_some(row), **odd}, f"PC-{at}", causes)
        results.append(data.replace(b'"absent":[]', b'"absent":["facts.net.site"]') if at % 5 else data)
    folder = write_fleet(cli.folder / "r", [*results, b"garbage"])
    first = cli("fleet", "compare", folder, "--table", "t.parquet", "--format", "json")
    second = cli("fleet", "compare", "t.parquet", "--format", "json")
    assert first.code == second.code == 1
    without = re.compile(r'"made": "[^"]*"')
    assert without.sub("", first.out) == without.sub("", second.out)


def test_what_is_no_table_is_refused(cli: Cli) -> None:
    duckdb = pytest.importorskip("duckdb")
    (cli.folder / "a.parquet").write_bytes(b"PAR1 nonsense PAR1")
    duckdb.execute(f"COPY (SELECT 1 AS x) TO '{cli.folder / 'b.parquet'}' (FORMAT parquet)")
    empty = '"columns":[],"titles":{},"words":[],"causes":[],"flows":{},"refused":[],"refused_count":0'
    meta = f'{{"schema":"diagnose.fleet-table/1",{empty}}}'
    duckdb.execute(
        f"COPY (SELECT 1 AS _host) TO '{cli.folder / 'c.parquet'}' (FORMAT parquet, KV_METADATA {{diagnose: '{meta}'}})"
    )
    for name in ("a", "b", "c", "none"):
        ran = cli("fleet", "compare", f"{name}.parquet")
        assert ran.code == 2, name
        assert len(ran.lines) == 1


def test_without_duckdb_tables_are_refused_in_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    ran = cli("fleet", "compare", write_fleet(cli.folder / "r", fleet()), "--table", "t.parquet")
    assert ran.code == 2
    assert "diagnose[fleet]" in ran.err


def test_shares_and_numbers_read_well() -> None:
    assert [share(*pair) for pair in ((0, 0), (0, 5), (1, 2000), (1999, 2000), (5, 5), (1, 3))] == [
        "–", "0%", "0.1%", "99.9%", "100%", "33%",
    ]  # fmt: skip
    assert [number(value) for value in (19045.0, -1.0, 0.25, 1e20)] == ["19045", "-1", "0.25", "1e+20"]


def test_every_word_has_the_same_places_in_both_languages() -> None:
    for name, words in WORDS.items():
        assert set(re.findall(r"\{(\w+)\}", words.ja)) == set(re.findall(r"\{(\w+)\}", words.en)), name
