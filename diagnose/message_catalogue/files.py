"""About files that people give us: missing, unreadable, not of the right shape."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "did-you-mean": ("「{name}」ではありませんか", "did you mean '{name}'?"),
    "file-not-found": ("ファイルがありません", "no such file"),
    "file-unreadable": ("ファイルを読めません: {error}", "cannot read this file: {error}"),
    "file-too-large": ("ファイルが大きすぎます（上限 {limit} バイト）", "this file is too large (limit {limit} bytes)"),
    "file-not-regular": (
        "通常のファイルではありません（フォルダ、パイプ、装置などは読めません）",
        "not a regular file (folders, pipes and devices cannot be read)",
    ),
    "not-utf8": ("UTF-8 のテキストではありません", "this is not UTF-8 text"),
    "yaml-several-documents": (
        "1 つのファイルに書ける YAML 文書は 1 つだけです",
        "only one YAML document is allowed in a file",
    ),
    "yaml-too-deep": ("入れ子が深すぎます（深さ {depth} まで）", "too deeply nested (limit: {depth} levels)"),
    "yaml-too-many-values": ("値が多すぎます（{values} 個まで）", "too many values (limit: {values})"),
    "yaml-character": (
        "文字 {code} は YAML では使えません",
        "the character {code} is not allowed in YAML",
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
    "invalid-value-of": (
        "値「{value}」は使えません。使える値: {allowed}",
        "'{value}' is not an allowed value; allowed: {allowed}",
    ),
    "number-too-small": ("{limit} 以上の数を書いてください", "this number must be at least {limit}"),
    "number-too-large": ("{limit} 以下の数を書いてください", "this number must be at most {limit}"),
    "wrong-type": ("値の型が違います: {detail}", "wrong type of value: {detail}"),
    "expected-got": ("{expected} が必要ですが、{got} が書かれています", "expected {expected}, got {got}"),
    "folder-not-found": ("フォルダがありません", "no such folder"),
    "folder-unreadable": ("フォルダを読めません: {error}", "cannot read this folder: {error}"),
    "folder-unwritable": ("フォルダに書き込めません: {error}", "cannot write to this folder: {error}"),
}
