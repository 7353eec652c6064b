"""What was found, in sentences that can be sent to the vendor, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagnose.fleet.ordering import time_key
from diagnose.fleet.report import Condition
from diagnose.text import Text

BUILT_IN: Mapping[str, Text] = {
    "machine.platform": Text(ja="プラットフォーム", en="platform"),
    "machine.architecture": Text(ja="アーキテクチャ", en="architecture"),
    "machine.elevated": Text(ja="管理者としての診断", en="diagnosis as administrator"),
    "machine.os.name": Text(ja="OS の名前", en="operating system"),
    "machine.os.version": Text(ja="OS のバージョン", en="OS version"),
    "machine.os.build": Text(ja="OS のビルド", en="OS build"),
    "machine.os.ubr": Text(ja="OS の更新リビジョン", en="OS update revision"),
    "product.role": Text(ja="製品の役割", en="role of the product"),
    "product.version": Text(ja="製品のバージョン", en="product version"),
    "run.tool_version": Text(ja="診断ツールのバージョン", en="version of the diagnosis tool"),
    "run.rules_digest": Text(ja="診断ルールの版", en="version of the diagnosis rules"),
}
"""Titles of what every result has."""

_YES_NO: Mapping[bool, Text] = {True: Text(ja="はい", en="yes"), False: Text(ja="いいえ", en="no")}

# Before `コンピュータ`, before a further condition, and in English.
_FORMS: Mapping[str, tuple[str, str, str]] = {
    "is": ("「{title}」が「{value}」である", "「{title}」が「{value}」であり", "{title} is {value}"),
    "not": ("「{title}」が「{value}」ではない", "「{title}」が「{value}」ではなく", "{title} is not {value}"),
    "has": ("「{title}」に「{value}」が含まれる", "「{title}」に「{value}」が含まれ", "{title} includes {value}"),
    "lacks": (
        "「{title}」に「{value}」が含まれない",
        "「{title}」に「{value}」が含まれず",
        "{title} does not include {value}",
    ),
    "below": ("「{title}」が {value} 未満である", "「{title}」が {value} 未満であり", "{title} is below {value}"),
    "from": ("「{title}」が {value} 以上である", "「{title}」が {value} 以上であり", "{title} is {value} or higher"),
    "before": ("「{title}」が {value} より前である", "「{title}」が {value} より前であり", "{title} is before {value}"),
    "since": ("「{title}」が {value} 以降である", "「{title}」が {value} 以降であり", "{title} is {value} or later"),
    "absent": ("「{title}」がない", "「{title}」がなく", "there is no {title}"),
    "present": ("「{title}」がある", "「{title}」があり", "there is a {title}"),
    "unseen": ("「{title}」を確認できない", "「{title}」を確認できず", "{title} could not be seen"),
}

_DIFFERENCE = Text(
    ja="{conditions}コンピュータは、影響のある {affected} 台のうち {affected_with} 台（{affected_share}）、"
    "正常な {healthy} 台のうち {healthy_with} 台（{healthy_share}）です。",
    en="{conditions} on {affected_with} of {affected} affected computers ({affected_share}) and on {healthy_with} of "
    "{healthy} healthy ones ({healthy_share}).",
)
CHANCE = Text(
    ja="偶然だけでこれほどの差が生じる確率は、比較した {tried} 通りを考慮しても{p}です。",
    en="Chance alone would make something differ that much with a probability of {p}, all {tried} comparisons counted.",
)
CANDIDATE = Text(
    ja="ただし、偶然の可能性があり、確かなことは言えません。",
    en="This may be chance, though: there are too few computers to be sure.",
)
NEEDED = Text(
    ja="同じ割合のまま、影響のあるコンピュータの結果があと {count} 台ほど集まれば判断できます。",
    en="At the same rates, results of about {count} more affected computers would decide.",
)
NOTHING = Text(
    ja="影響のある {affected} 台と正常な {healthy} 台を {facts} 項目について比較しましたが、"
    "偶然では説明できない違いはありませんでした。",
    en="{affected} affected and {healthy} healthy computers were compared in {facts} facts; nothing differs by more "
    "than chance.",
)
NO_HEALTHY = Text(
    ja="比較できる正常なコンピュータが {healthy} 台しかないため、違いは調べられません。",
    en="Only {healthy} healthy computers can be compared with, so nothing can be said about differences.",
)
UNEXPLAINED = Text(
    ja="影響のあるコンピュータのうち {count} 台は、これらに当てはまりません。",
    en="On {count} affected computers none of this is the case.",
)
NOT_A_PROOF = Text(
    ja="以上は結果の集計から分かる関連であり、原因であることの証明ではありません。",
    en="These are correlations in the results, not proof of a cause.",
)

NOT_SEEN = Text(ja="（確認できず）", en="(could not be seen)")


def filled(text: Text, **values: object) -> Text:
    """The same text with its places filled in; a Text among the values goes in by language."""
    return Text(
        ja=text.ja.format(**{name: _in(value, "ja") for name, value in values.items()}),
        en=text.en.format(**{name: _in(value, "en") for name, value in values.items()}),
    )


def joined(texts: Sequence[Text]) -> Text:
    """Sentences one after the other."""
    return Text(ja="".join(text.ja for text in texts), en=" ".join(text.en for text in texts))


def value_words(value: str | float | bool, words: Text | None) -> Text:
    """A value as people read it: its own words, yes and no, or the number without superfluous digits."""
    if words is not None:
        return words
    if isinstance(value, bool):
        return _YES_NO[value]
    text = value if isinstance(value, str) else number(value)
    return Text(ja=text, en=text) if text else Text(ja="（空）", en="(empty)")


def number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"


def share(part: int, whole: int) -> str:
    """`90%`, `0.3%`; never 0% or 100% when it is not quite."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if 0 < part < whole and (percent < 1 or percent > 99):
        return f"{min(max(percent, 0.1), 99.9):.1f}%"
    return f"{percent:.0f}%"


def chance(p: float) -> Text:
    """A probability for people."""
    if p < 0.001:
        return Text(ja="0.1% 未満", en="less than 0.1%")
    return Text(ja=f"約 {100 * p:.1f}%", en=f"about {100 * p:.1f}%")


def conditions_text(conditions: Sequence[Condition]) -> Text:
    """All of them at once: Japanese to stand before a noun, English as a clause."""
    forms = [(_FORMS[_form(one)], one) for one in conditions]
    last = len(forms) - 1
    ja = [
        form[0 if at == last else 1].format(title=one.title.ja, value=one.value_text.ja)
        for at, (form, one) in enumerate(forms)
    ]
    en = [form[2].format(title=one.title.en, value=one.value_text.en) for form, one in forms]
    return Text(ja="、かつ".join(ja), en=" and ".join(en))


def difference_text(conditions: Sequence[Condition], counts: tuple[int, int, int, int]) -> Text:
    """`counts`: affected with it, affected, healthy with it, healthy."""
    affected_with, affected, healthy_with, healthy = counts
    what = conditions_text(conditions)
    return filled(
        _DIFFERENCE,
        conditions=Text(ja=what.ja, en=_capital(what.en)),
        affected_with=affected_with,
        affected=affected,
        affected_share=share(affected_with, affected),
        healthy_with=healthy_with,
        healthy=healthy,
        healthy_share=share(healthy_with, healthy),
    )


def _capital(text: str) -> str:
    """An id such as `drv.nic` stays as it is."""
    first = text.partition(" ")[0]
    return text if "." in first or "_" in first else text[:1].upper() + text[1:]


def _form(condition: Condition) -> str:
    """The key of _FORMS: a time is not below but before."""
    is_time = isinstance(condition.value, str) and time_key(condition.value) is not None
    words = {"below": "before", "from": "since"} if is_time else {}
    return words.get(condition.relation, condition.relation)


def _in(value: object, language: str) -> object:
    return getattr(value, language) if isinstance(value, Text) else value
