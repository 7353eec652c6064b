"""Why something could not be seen, in words."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.machine.values import Reason
from diagnose.text import Text

_REASONS: Mapping[Reason, Text] = {
    Reason.NOT_RECORDED: Text(ja="記録に含まれていません", en="The recording does not hold it"),
    Reason.DENIED: Text(
        ja="権限不足、または製品の自己保護機能により読み取れません",
        en="Access was denied, by permissions or by the product's self-protection",
    ),
    Reason.UNSUPPORTED: Text(ja="この OS にはありません", en="This operating system has no such thing"),
    Reason.DEADLINE: Text(
        ja="診断の制限時間内に確認が終わりませんでした", en="The check did not finish before its deadline"
    ),
    Reason.TIMED_OUT: Text(ja="時間内に応答がありませんでした", en="There was no answer in time"),
    Reason.MALFORMED: Text(
        ja="存在しますが、読み取れる形式ではありません", en="It is there, but not in a readable form"
    ),
    Reason.NOT_A_FILE: Text(ja="通常のファイルではありません", en="It is not an ordinary file"),
    Reason.FAILED: Text(ja="OS がエラーを返しました", en="The operating system returned an error"),
    Reason.NO_SOURCE: Text(
        ja="このコンピュータ上で確認できる場所が知られていません",
        en="No place on this computer is known that tells it",
    ),
    Reason.MISSING: Text(ja="確認しましたが、値がありません", en="It was looked for, but there is no value"),
    Reason.NOT_ANSWERED: Text(ja="質問への回答がありません", en="The question was not answered"),
    Reason.CONTRADICTORY: Text(ja="複数の情報源が食い違っています", en="Two sources contradict each other"),
    Reason.CHECK_BROKE: Text(
        ja="診断ツール側のエラーです（PC の異常ではありません）",
        en="The diagnosis tool failed (not a fault of the PC)",
    ),
}


def reason_text(reason: Reason) -> Text:
    """The reason as a sentence without a full stop."""
    return _REASONS[reason]
