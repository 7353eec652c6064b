"""What was read, kept as one Parquet file: for questions in SQL, and to compare again without reading every result.

A row is a result, a column a fact, with null where nobody asked. `_unseen` and `_absent` name the columns that are null
because they could not be seen or are not there. What has no column (titles, causes, refused files) is in the file's
metadata. DuckDB is an optional library (`diagnose[fleet]`): nothing else needs it.
"""

from __future__ import annotations

import csv
import importlib
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from diagnose.errors import InputError, Place
from diagnose.fleet.collected import CauseWords, Collected, Collector, Refused, Row
from diagnose.fleet.columns import FALSE, TRUE, Column, Nothing, Plain
from diagnose.input_files import open_input
from diagnose.messages import message
from diagnose.text import Text
from diagnose.whole_file import rename

SCHEMA = "diagnose.fleet-table/1"
_MOST_ROWS = 2_000_000
_BATCH = 500
_CONFIG = {
    "threads": 2,
    "memory_limit": "600MB",
    # It would fetch them from the internet.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_ROW_FIELDS = {
    "_host": "VARCHAR", "_taken": "DOUBLE", "_received": "DOUBLE", "_source": "VARCHAR", "_run": "VARCHAR",
    "_flow": "VARCHAR", "_outcome": "VARCHAR", "_causes": "VARCHAR", "_primary": "VARCHAR", "_interrupted": "BOOLEAN",
    "_platform": "VARCHAR", "_architecture": "VARCHAR", "_build": "DOUBLE", "_unseen": "VARCHAR", "_absent": "VARCHAR",
}  # fmt: skip
"""Lists are JSON."""


class _ColumnInfo(msgspec.Struct):
    """`group`: facts, evidence, others or status. `json`: several types in one column, kept as JSON."""

    name: str
    group: str
    step: str
    key: str
    json: bool
    unusable: str | None = None


class _Cause(msgspec.Struct):
    flow: str
    id: str
    title: Text
    steps: list[str]
    definition: list[str]


class _Meta(msgspec.Struct):
    schema: str
    columns: list[_ColumnInfo]
    titles: dict[str, Text]
    words: list[tuple[str, str, Text]]
    causes: list[_Cause]
    flows: dict[str, tuple[Text, Text]]
    refused: list[tuple[str, str, str]]
    refused_count: int


def write_table(found: Collected, path: Path) -> None:
    """Write or replace the file. Raises InputError without DuckDB, OSError when it cannot be written."""
    duckdb = _duckdb()
    columns = list(_infos(found))
    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".diagnose-table-") as folder:
        aside, null = Path(folder) / "table.parquet", secrets.token_hex(8)
        _write_csv(Path(folder) / "rows.csv", found, columns, null)
        types = _ROW_FIELDS | {info.name: _type(column, info) for info, column in columns}
        meta = msgspec.json.encode(_meta(found, [info for info, _ in columns])).decode()
        connection = duckdb.connect(config={**_CONFIG, "temp_directory": folder})
        try:
            connection.execute(
                f"COPY (SELECT * FROM read_csv(?, header=true, delim=',', quote='\"', escape='\"', nullstr=?, "  # noqa: S608
                f"auto_detect=false, max_line_size=16000000, columns={{{_listed(types)}}})) "
                f"TO {_quoted(str(aside))} "
                f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{diagnose: {_quoted(meta)}}})",
                [str(Path(folder) / "rows.csv"), null],
            )
        finally:
            connection.close()
        rename(aside, path)


def read_table(path: Path, collector: Collector) -> None:
    """Add the rows of a table to what was collected. Raises InputError: no DuckDB, or not a table of ours."""
    duckdb = _duckdb()
    with open_input(path):
        pass  # missing, unreadable, no regular file: told in our words
    connection = duckdb.connect(config=_CONFIG)
    try:
        meta = _read_meta(connection, path)
        _check_columns(connection, path, meta)
        names = [*_ROW_FIELDS, *(info.name for info in meta.columns)]
        listed = ", ".join(_identifier(name) for name in names)
        rows = connection.execute(f"SELECT {listed} FROM read_parquet(?)", [str(path)])  # noqa: S608
        _add_rows(rows, meta, collector.found)
    except duckdb.Error as error:
        raise InputError(message("fleet-table-invalid", detail=str(error)[:200]), Place(str(path))) from None
    finally:
        connection.close()


def _duckdb() -> ModuleType:
    """Raises InputError."""
    try:
        return importlib.import_module("duckdb")
    except ImportError:
        raise InputError(message("fleet-no-duckdb")) from None


def _infos(found: Collected) -> Iterator[tuple[_ColumnInfo, Column]]:
    taken: set[str] = {name.casefold() for name in _ROW_FIELDS}
    groups = [("facts", "", found.facts), ("others", "", found.others), ("status", "", found.statuses)]
    groups += [("evidence", step, fields) for step, fields in found.evidence.items()]
    for group, step, columns in groups:
        for key, column in columns.items():
            wanted = f"status.{column.name}" if group == "status" else column.name
            name, number = wanted.replace("\0", ""), 2
            while name.casefold() in taken:  # DuckDB's names have no case
                name, number = f"{wanted}~{number}", number + 1
            taken.add(name.casefold())
            yield _ColumnInfo(name, group, step, key, _is_mixed(column), column.unusable), column


def _is_mixed(column: Column) -> bool:
    return len(_kinds(column)) > 1 or any(isinstance(key, tuple) for key in column.texts)


def _kinds(column: Column) -> set[type]:
    codes = set(column.codes)
    found: set[type] = {bool} if codes & {FALSE, TRUE} else set()
    return found | ({float} if column.numbers is not None else set()) | ({str} if column.texts else set())


def _type(column: Column, info: _ColumnInfo) -> str:
    if info.json:
        return "VARCHAR"
    kinds = _kinds(column)
    return "DOUBLE" if float in kinds else "BOOLEAN" if bool in kinds else "VARCHAR"


def _write_csv(path: Path, found: Collected, columns: Sequence[tuple[_ColumnInfo, Column]], null: str) -> None:
    """CSV is what DuckDB takes fastest without a further library; a word that nobody knows stands for null."""
    values = [column.values(range(len(found.rows))) for _, column in columns]
    with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*_ROW_FIELDS, *(info.name for info, _ in columns)])
        for row in found.rows:
            unseen: list[str] = []
            absent: list[str] = []
            cells = []
            for (info, _), iterator in zip(columns, values, strict=True):
                value = next(iterator)
                if value is None:
                    unseen.append(info.name)
                elif value is Nothing.ABSENT:
                    absent.append(info.name)
                cells.append(_cell(value, info.json, null))
            writer.writerow([*_row_cells(row, unseen, absent, null), *cells])


def _cell(value: Plain, as_json: bool, null: str) -> str:
    if value is None or isinstance(value, Nothing):
        return null
    if as_json:
        return _json(list(value) if isinstance(value, tuple) else value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _row_cells(row: Row, unseen: list[str], absent: list[str], null: str) -> list[str]:
    received = null if row.received is None else repr(row.received)
    build = null if row.build is None else str(row.build)
    interrupted = "true" if row.interrupted else "false"
    return [
        row.host, repr(row.taken), received, row.source, row.run, row.flow, row.outcome, _json(row.causes),
        null if row.primary is None else row.primary, interrupted, row.platform, row.architecture, build,
        _json(unseen), _json(absent),
    ]  # fmt: skip


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _meta(found: Collected, columns: list[_ColumnInfo]) -> _Meta:
    return _Meta(
        schema=SCHEMA,
        columns=columns,
        titles=found.titles,
        words=[(name, value, words) for (name, value), words in found.words.items()],
        causes=[
            _Cause(flow, cause, known.title, sorted(known.steps), sorted(known.definition))
            for (flow, cause), known in found.causes.items()
        ],
        flows=found.flows,
        refused=[(one.source, one.reason, one.detail) for one in found.refused],
        refused_count=found.refused_count,
    )


def _read_meta(connection: Any, path: Path) -> _Meta:
    """Raises InputError."""
    query = "SELECT value FROM parquet_kv_metadata(?) WHERE key = 'diagnose'"
    found = connection.execute(query, [str(path)]).fetchone()
    try:
        meta = msgspec.json.decode(found[0] if found is not None else b"", type=_Meta)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(message("fleet-table-invalid", detail=str(error)[:200]), Place(str(path))) from None
    if meta.schema != SCHEMA:
        raise InputError(message("fleet-table-invalid", detail=meta.schema[:100]), Place(str(path)))
    return meta


def _check_columns(connection: Any, path: Path, meta: _Meta) -> None:
    """Raises InputError: other columns or types than we write, or too many rows."""
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    types = {str(row[0]): str(row[1]) for row in described}
    wrong = [name for name, kind in _ROW_FIELDS.items() if types.get(name) != kind]
    wrong += [info.name for info in meta.columns if types.get(info.name) not in {"VARCHAR", "DOUBLE", "BOOLEAN"}]
    (count,) = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()
    if wrong or count > _MOST_ROWS:
        raise InputError(message("fleet-table-invalid", detail=", ".join(wrong[:3]) or str(count)), Place(str(path)))


def _add_rows(rows: Any, meta: _Meta, found: Collected) -> None:
    """Raises duckdb.Error, InputError."""
    columns = [_column(found, info) for info in meta.columns]
    places = {info.name: column for info, column in zip(meta.columns, columns, strict=True)}
    decoded = [info.json for info in meta.columns]
    fixed = len(_ROW_FIELDS)
    while batch := rows.fetchmany(_BATCH):
        for cells in batch:
            number = len(found.rows)
            try:
                row, unseen, absent = _row(cells[:fixed])
                for column, value, as_json in zip(columns, cells[fixed:], decoded, strict=True):
                    if value is not None:
                        column.add(number, msgspec.json.decode(value) if as_json else value)
            except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
                raise InputError(message("fleet-table-invalid", detail=str(number))) from None
            for names, nothing in ((unseen, None), (absent, Nothing.ABSENT)):
                for name in names:
                    if name in places:
                        places[name].add(number, nothing)
            found.rows.append(row)
    _add_meta(meta, found)


def _row(cells: Sequence[Any]) -> tuple[Row, list[str], list[str]]:
    """Raises msgspec.MsgspecError, ValueError, TypeError."""
    host, taken, received, source, run, flow, outcome, causes, primary, interrupted, platform, architecture, build = (
        cells[:-2]
    )
    row = Row(
        host=host or "",
        taken=float(taken),
        received=received,
        source=str(source),
        run=run or "",
        flow=str(flow),
        outcome=str(outcome),
        causes=tuple(msgspec.json.decode(causes, type=list[str])),
        primary=primary,
        interrupted=bool(interrupted),
        platform=platform or "",
        architecture=architecture or "",
        build=None if build is None else int(build),
    )
    return row, msgspec.json.decode(cells[-2], type=list[str]), msgspec.json.decode(cells[-1], type=list[str])


def _column(found: Collected, info: _ColumnInfo) -> Column:
    """The one of that name, new when there is none yet."""
    groups = {"facts": found.facts, "others": found.others, "status": found.statuses}
    columns = groups.get(info.group) if info.group != "evidence" else found.evidence.setdefault(info.step, {})
    name = {"facts": f"facts.{info.key}", "evidence": f"evidence.{info.step}.{info.key}"}.get(info.group, info.key)
    column = (columns if columns is not None else {}).setdefault(info.key, Column(name))
    column.unusable = column.unusable or info.unusable
    return column


def _add_meta(meta: _Meta, found: Collected) -> None:
    for name, title in meta.titles.items():
        found.titles.setdefault(name, title)
    for name, value, words in meta.words:
        found.words.setdefault((name, value), words)
    for cause in meta.causes:
        known = found.causes.setdefault((cause.flow, cause.id), CauseWords(cause.title))
        known.steps.update(cause.steps)
        known.definition.update(cause.definition)
    for flow, words_of in meta.flows.items():
        found.flows.setdefault(flow, words_of)
    found.refused += [Refused(*one) for one in meta.refused]
    found.refused_count += meta.refused_count


def _listed(types: dict[str, str]) -> str:
    return ", ".join(f"{_quoted(name)}: '{kind}'" for name, kind in types.items())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
