"""About the results of many computers."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "help-fleet-group": ("多数のコンピュータの結果を扱います。", "Work with the results of many computers."),
    "help-fleet-compare": (
        "多数のコンピュータの結果を読み、何台中何台に問題があるか、正常なコンピュータと何が違うかを表示します。\n\n"
        "SOURCES は、結果のフォルダ、result.json、zip ファイル、JSON Lines（1 行に 1 件）です。\n\n"
        "\b\n例:\n"
        "  diagnose fleet compare ./results\n"
        "  diagnose fleet compare ./results --inventory 台帳.csv --output ./比較\n"
        "  diagnose fleet compare ./results --flow apex-one/agent-upgrade --incident form.yaml\n\n\b\n"
        "終了コード: 0 問題なし、1 問題のあるコンピュータあり、2 指定の誤り、3 判定できず",
        "Read the results of many computers: how many of how many are affected, and what differs from the healthy.\n\n"
        "SOURCES are folders with results, result.json files, zip files or JSON Lines (one result a line).\n\n"
        "\b\nExamples:\n"
        "  diagnose fleet compare ./results\n"
        "  diagnose fleet compare ./results --inventory hosts.csv --output ./comparison\n"
        "  diagnose fleet compare ./results --flow apex-one/agent-upgrade --incident form.yaml\n\n\b\n"
        "Exit codes: 0 nobody is affected, 1 somebody is, 2 wrong input, 3 nobody could be judged",
    ),
    "help-fleet-inventory": (
        "調査対象のコンピュータ名の一覧（1 行に 1 台。CSV は先頭の列）。",
        "The names of all computers, one a line (of a CSV the first column).",
    ),
    "help-fleet-flow": (
        "比較する診断（例: apex-one/agent-upgrade）。省くと、結果の最も多い診断です。",
        "The flow to compare, such as apex-one/agent-upgrade; by default the one with most results.",
    ),
    "help-fleet-cause": (
        "くわしく調べる原因の ID。省くと、最も多い原因です。",
        "The id of the cause to look into; by default the most frequent one.",
    ),
    "help-fleet-max-age": (
        "最も新しい結果からこの日数より古い結果を除きます。",
        "Leave out results that are this many days older than the newest one.",
    ),
    "help-fleet-output": (
        "fleet.html、fleet.json、incident.yaml を保存するフォルダ。",
        "Folder for fleet.html, fleet.json and incident.yaml.",
    ),
    "help-fleet-incident": (
        "お問い合わせ用の台数と違いを書くファイル。--answers や --form に指定できます。",
        "File for the incident form's counts and differences, for --answers and --form.",
    ),
    "help-fleet-table": (
        "読み取った値を Parquet ファイルに保存します（duckdb が必要）。次回から SOURCES に指定できます。",
        "Keep what was read as a Parquet file (needs duckdb); next time it may stand among SOURCES.",
    ),
    "fleet-nothing": (
        "診断の結果が見つかりません（読み取れなかったファイル {refused} 件）",
        "there is no result here (files that could not be used: {refused})",
    ),
    "fleet-no-flow": ("「{name}」の結果はありません", "there is no result of flow '{name}'"),
    "fleet-no-cause": ("原因「{name}」のあるコンピュータはありません", "no computer has the cause '{name}'"),
    "fleet-inventory-binary": ("テキストファイルではありません", "this is no text file"),
    "fleet-inventory-yaml": (
        "YAML のインベントリーは読めません。`ansible-inventory -i ファイル --list` などで、"
        "コンピュータ名を 1 行に 1 つ書いたファイルを作成してください",
        "YAML inventories are not read; make a file with a name a line, such as of `ansible-inventory -i FILE --list`",
    ),
    "fleet-inventory-empty": ("コンピュータ名がありません", "this file names no computer"),
    "fleet-no-duckdb": (
        "Parquet ファイルを扱うには duckdb が必要です（pip install 'diagnose[fleet]'）",
        "Parquet files need duckdb: pip install 'diagnose[fleet]'",
    ),
    "fleet-table-invalid": (
        "このコマンドで保存した表ではありません: {detail}",
        "this is no table that was kept by this command: {detail}",
    ),
    "fleet-reading": ("結果を読み取っています: {count} 件", "reading results: {count}"),
    "fleet-refused": (
        "読み取れなかったファイルが {count} 件あります（一覧は結果にあります）",
        "{count} files could not be used; the comparison lists them",
    ),
    "fleet-saved": ("{path} に保存しました", "saved in {path}"),
    "fleet-no-form": (
        "製品「{product}」のルールがないため、記入欄を確認せずに保存しました",
        "there are no rules for product '{product}', so nobody checked which fields its form has",
    ),
    "fleet-form-empty": (
        "製品「{product}」の記入欄には、比較で分かる項目がありません",
        "the incident form of product '{product}' has no field that a comparison could fill",
    ),
}
