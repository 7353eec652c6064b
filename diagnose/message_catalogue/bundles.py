"""About support bundles: the incident form, what is written, what is left out."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "map-invalid": (
        "仮名の対応表のファイルではありません",
        "this is not a file of pseudonyms and what they stand for",
    ),
    "form-mapping": (
        "事象の詳細は「項目: 値」の形式で記入してください",
        "the incident form must be lines of 'field: value'",
    ),
    "unknown-form-field": (
        "事象の詳細に「{name}」という項目はありません",
        "the incident form has no field '{name}'",
    ),
}
