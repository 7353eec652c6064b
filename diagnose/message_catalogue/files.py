"""About files that people give us: missing, unreadable, not of the right shape."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "did-you-mean": ("「{name}」ではありませんか", "did you mean '{name}'?"),
    "file-not-found": ("ファイルがありません", "no such file"),
    "file-unreadable": ("ファイルを読めません: {error}", "cannot read this file: {error}"),
    "file-too-large": ("ファイルが大きすぎます（上限 {limit} バイト）", "this file is too large (limit {limit} bytes)"),
    "not-utf8": ("UTF-8 のテキストではありません", "this is not UTF-8 text"),
    "yaml-several-documents": (
        "1 つのファイルに書ける YAML 文書は 1 つだけです",
        "only one YAML document is allowed in a file",
    ),
    "yaml-too-deep": (
        "値が多すぎるか、入れ子が深すぎます（深さ {depth}、値 {values} 個まで）",
        "too many values or too deeply nested (limit: depth {depth}, {values} values)",
    ),
    "yaml-alias": ("アンカー（&）とエイリアス（*）は使えません", "anchors (&) and aliases (*) are not allowed"),
    "yaml-tag": (
        "タグ {tag} は使えません。「!」で始まる値は引用符で囲んでください",
        "tag {tag} is not allowed; quote a value that starts with !",
    ),
    "yaml-key": ("キーは単純な語で書いてください", "a key must be a plain word"),
    "yaml-key-twice": ("キー「{key}」が 2 回書かれています", "key '{key}' stands here twice"),
    "yaml-syntax": ("YAML の書き方が正しくありません: {error}", "not valid YAML: {error}"),
    "yaml-quote-hint": (
        "条件式は一重引用符で囲むか、「|」の次の行に書いてください",
        "put conditions in single quotes, or on their own line after |",
    ),
    "unknown-field": ("「{name}」という項目はありません", "unknown field '{name}'"),
    "missing-field": ("項目「{name}」がありません", "field '{name}' is missing"),
    "invalid-value": ("値「{value}」は使えません", "'{value}' is not an allowed value"),
    "wrong-type": ("値の型が違います: {detail}", "wrong type of value: {detail}"),
    "expected-got": ("{expected} が必要ですが、{got} が書かれています", "expected {expected}, got {got}"),
    "folder-not-found": ("フォルダーがありません", "no such folder"),
    "folder-unwritable": ("フォルダーに書き込めません: {error}", "cannot write to this folder: {error}"),
}
