"""What columns and values are called, and why a result, a file or a fact is not compared."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.fleet.collected import Collected
from diagnose.fleet.properties import Operand
from diagnose.fleet.wording import BUILT_IN, value_words
from diagnose.report.formats import one_line
from diagnose.text import Text

IDENTIFIER = Text(ja="ほぼすべてのコンピュータで値が異なります", en="It has another value on nearly every computer")
STRUCTURED = Text(ja="比較できない形の値です", en="Its values have a form that cannot be compared")
TYPES = Text(
    ja="値の型が結果によって異なります（{types}）。それぞれの型の中で比較しました",
    en="Its type differs between results ({types}); each type was compared by itself",
)
_TYPE_WORDS: Mapping[str, Text] = {
    "number": Text(ja="数値", en="number"),
    "flag": Text(ja="はい・いいえ", en="yes or no"),
    "list": Text(ja="一覧", en="list"),
    "text": Text(ja="文字列", en="text"),
}

WHY: Mapping[str, Text] = {
    "older": Text(ja="同じコンピュータのより新しい結果があります", en="There is a newer result of the same computer"),
    "twice": Text(ja="同じ結果が 2 回あります", en="The same result is there twice"),
    "reinstalled": Text(
        ja="同じ名前で再インストールまたは交換される前のコンピュータの結果です",
        en="It is from before this name was given to another installation or computer",
    ),
    "too-old": Text(ja="結果が古すぎます（--max-age）", en="It is too old (--max-age)"),
    "no-host": Text(ja="コンピュータ名がありません", en="It does not name its computer"),
    "not-in-inventory": Text(ja="一覧にないコンピュータです", en="The inventory does not name this computer"),
    "empty": Text(ja="空のファイルです", en="The file is empty"),
    "json": Text(ja="JSON ではありません", en="It is not JSON"),
    "schema": Text(ja="診断の結果ではありません", en="It is not a result of diagnose"),
    "invalid": Text(ja="結果として正しくない値があります", en="It has a value that no result has"),
    "large": Text(ja="大きすぎます", en="It is too large"),
    "packed": Text(ja="gzip の内容が壊れています", en="Its gzip content is damaged"),
    "encrypted": Text(ja="暗号化されています。先に復号してください", en="It is encrypted; decrypt it first"),
    "bundle": Text(ja="zip ファイルを確認できません", en="The zip file is no intact bundle"),
    "link": Text(ja="リンクはたどりません", en="Links are not followed"),
    "deep": Text(ja="フォルダの階層が深すぎます", en="The folders are nested too deeply"),
    "too-many": Text(ja="ファイルが多すぎます", en="There are too many files"),
    "unreadable": Text(ja="読み取れません", en="It cannot be read"),
    "table": Text(ja="表のファイルが正しくありません", en="It is not a table that was kept by this command"),
}


class Vocabulary:
    """Titles and values in words, as the results themselves tell them."""

    def __init__(self, found: Collected, flow: str) -> None:
        self._found = found
        self._flow = flow

    def title(self, name: str) -> Text:
        known = self._found.titles.get(name) or BUILT_IN.get(name)
        if known is not None:
            return known
        # Without a title the id is what both sides can look up.
        plain = one_line(name.partition(".")[2] if name.startswith(("facts.", "evidence.", "answers.")) else name)
        return Text(ja=plain, en=plain)

    def value(self, name: str, value: Operand) -> Text:
        words = self._found.words.get((name, value)) if isinstance(value, str) else None
        return value_words(one_line(value) if isinstance(value, str) else value, words)


def type_words(types: Mapping[str, int]) -> Text:
    """`number 40, text 60`."""
    return Text(
        ja="、".join(f"{_TYPE_WORDS[kind].ja} {count} 台" for kind, count in types.items()),
        en=", ".join(f"{_TYPE_WORDS[kind].en} on {count}" for kind, count in types.items()),
    )
