"""About conditions in rule files."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "expr-too-long": (
        "長すぎます（上限 {limit} 文字）",
        "this is too long (limit {limit} characters)",
    ),
    "expr-too-deep": ("入れ子が深すぎます（上限 {limit} 段）", "this is nested too deeply (limit {limit} levels)"),
    "expr-empty": ("式が空です", "the expression is empty"),
    "expr-unexpected": ("ここに「{found}」は書けません", "unexpected '{found}'"),
    "expr-unexpected-end": ("式が途中で終わっています", "the expression ends too early"),
    "expr-expected": ("「{expected}」が必要ですが「{found}」があります", "expected '{expected}' but found '{found}'"),
    "expr-expected-end": (
        "「{expected}」が必要ですが、式が終わっています",
        "expected '{expected}' but the expression ends",
    ),
    "expr-expected-name": ("「.」の後には名前が必要です", "expected a name after '.'"),
    "expr-full-width": (
        "全角などの文字「{found}」は使えません。半角の「{plain}」を書いてください",
        "'{found}' is not a plain character; write '{plain}'",
    ),
    "expr-unterminated-string": ("文字列が引用符で閉じられていません", "this string has no closing quote"),
    "expr-bad-escape": ("文字列の中に「{text}」は書けません", "'{text}' is not a valid escape in a string"),
    "expr-bad-number": ("「{text}」は扱える数値ではありません", "'{text}' is not a usable number"),
    "expr-reserved-word": ("「{word}」は CEL の予約語です", "'{word}' is a reserved word of CEL"),
    "expr-unknown-name": ("「{name}」という名前はありません", "unknown name '{name}'"),
    "expr-no-field": ("{type} 型の値に項目「{field}」はありません", "a value of type {type} has no field '{field}'"),
    "expr-unknown-function": ("「{name}」という関数はありません", "unknown function '{name}'"),
    "expr-function-shape": ("関数「{name}」の書き方が違います", "the function '{name}' is not written like this"),
    "expr-argument-count": (
        "関数「{name}」の引数は {expected} 個ですが、{found} 個あります",
        "the function '{name}' takes {expected} argument(s), not {found}",
    ),
    "expr-argument-type": (
        "関数「{name}」には {expected} 型が必要ですが、これは {found} 型です",
        "the function '{name}' needs {expected} here, but this is {found}",
    ),
    "expr-not-bool": (
        "真偽（bool）が必要ですが、これは {found} 型です",
        "this must be true or false (bool), but it is {found}",
    ),
    "expr-wrong-result": (
        "{expected} 型が必要ですが、この式の結果は {found} 型です",
        "this must give {expected}, but it gives {found}",
    ),
    "expr-operands": (
        "{left} 型と {right} 型の間で「{operator}」は使えません",
        "'{operator}' does not work between {left} and {right}",
    ),
    "expr-operand": ("{found} 型に「{operator}」は使えません", "'{operator}' does not work on {found}"),
    "expr-never-equal": (
        "{left} 型と {right} 型が等しくなることはありません",
        "{left} and {right} can never be equal",
    ),
    "expr-never-in": (
        "{left} 型の値が {right} 型に含まれることはありません",
        "a value of type {left} is never in a {right}",
    ),
    "expr-never-one-of": (
        "「{value}」という値になることはありません（あり得る値: {values}）",
        "this is never '{value}'; it is one of: {values}",
    ),
    "expr-no-common-value": (
        "等しくなることはありません（一方は {left}、他方は {right}）",
        "these can never be equal: one is one of {left}, the other one of {right}",
    ),
    "expr-branches": (
        "「? :」の二つの値の型が違います（{left} と {right}）",
        "the two values of '? :' have different types ({left} and {right})",
    ),
    "expr-null-place": (
        "null は == と != の相手にだけ使えます",
        "null may only stand beside == or !=",
    ),
    "expr-not-a-list": ("リストが必要ですが、これは {found} 型です", "a list is needed here, but this is {found}"),
    "expr-bad-index": ("リストの番号は int 型です。これは {found} 型です", "an index is an int, but this is {found}"),
    "expr-loop-shape": (
        "「{name}」には変数名と条件を書きます（例: list.{name}(x, x > 0)）",
        "'{name}' takes a variable and a condition, as in list.{name}(x, x > 0)",
    ),
    "expr-has-needs-name": (
        "has には名前を一つ書きます（例: has(evidence.days_left)）",
        "has takes one name, as in has(evidence.days_left)",
    ),
    "expr-bad-pattern": (
        "正規表現（RE2）として読めません: {detail}",
        "this is not a regular expression (RE2): {detail}",
    ),
    "expr-pattern-not-literal": (
        "matches の正規表現は文字列でそのまま書いてください",
        "the pattern of matches must be written out as a string",
    ),
    "expr-bad-version": (
        "「{text}」はバージョンではありません（例: 14.0.12033）",
        "'{text}' is not a version such as 14.0.12033",
    ),
    "expr-bad-timestamp": (
        "「{text}」は時差付きの日時ではありません（例: 2026-11-21T09:00:00+09:00）",
        "'{text}' is not a time with a zone such as 2026-11-21T09:00:00+09:00",
    ),
    "expr-bad-duration": (
        "「{text}」は時間の長さではありません（例: 24h、1h30m、90s）",
        "'{text}' is not a duration such as 24h, 1h30m or 90s",
    ),
    "expr-template-brace": (
        "「}}」に対応する「{{」がありません（文字としては「}}}}」と書きます）",
        "this '}}' closes nothing (write '}}}}' for the character itself)",
    ),
    "expr-template-unclosed": (
        "「{{」が「}}」で閉じられていません（文字としては「{{{{」と書きます）",
        "this '{{' is not closed by '}}' (write '{{{{' for the character itself)",
    ),
    "expr-hint-write": ("「{text}」と書きます", "write {text}"),
    "expr-hint-raw": (
        '\\ をそのまま書くには r"…" とします',
        'to write \\ itself, use r"…"',
    ),
    "expr-hint-has": ("値が分かっているかどうかは has(名前) で調べます", "has(name) tells whether a value is known"),
    "expr-hint-version": ("文字列は version(…) でバージョンにします", "version(…) turns a string into a version"),
    "expr-hint-mixed-numbers": (
        "int と double は混ぜて計算できません。2 ではなく 2.0 と書くなど、型をそろえます",
        "int and double do not mix in arithmetic; write 2.0 instead of 2, for example",
    ),
}
