"""The fixed words of the comparison's page and text, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.text import Language, Text

WORDS: Mapping[str, Text] = {
    "title": Text(ja="複数コンピュータの比較", en="Comparison of computers"),
    "language": Text(ja="表示言語", en="Language"),
    "headline": Text(
        ja="{total} 台中 {affected} 台に問題または要確認の点があります",
        en="{affected} of {total} computers are affected",
    ),
    "headline-none": Text(
        ja="{total} 台のうち、問題のあるコンピュータは見つかっていません", en="None of {total} computers is affected"
    ),
    "headline-unknown": Text(
        ja="{total} 台のどれについても判定できませんでした", en="None of {total} computers could be judged"
    ),
    "product": Text(ja="製品", en="Product"),
    "flow": Text(ja="診断内容", en="Diagnosis"),
    "made": Text(ja="集計日時", en="Compared at"),
    "made-at": Text(ja="診断日時", en="Diagnosed at"),
    "results": Text(ja="読み取った結果", en="Results read"),
    "results-value": Text(
        ja="{results} 件（うち対象外 {left_out} 件）", en="{results} ({left_out} files or results left out)"
    ),
    "inventory": Text(ja="コンピュータの一覧", en="Inventory"),
    "inventory-value": Text(
        ja="{hosts} 台（結果なし {missing} 台、一覧にない結果 {outside} 台）",
        en="{hosts} computers ({missing} without a result, {outside} results from others)",
    ),
    "no-inventory": Text(
        ja="指定なし。結果のあるコンピュータだけを数えています",
        en="none given; only computers with a result are counted",
    ),
    "state": Text(ja="結果", en="Result"),
    "computers": Text(ja="台数", en="Computers"),
    "computer": Text(ja="コンピュータ", en="Computer"),
    "hosts": Text(ja="コンピュータ", en="Computers"),
    "share": Text(ja="割合", en="Share"),
    "affected": Text(ja="影響あり", en="Affected"),
    "healthy": Text(ja="正常", en="Healthy"),
    "unknown": Text(ja="判定できず", en="Could not decide"),
    "missing": Text(ja="結果なし", en="No result"),
    "counts": Text(ja="台数の内訳", en="How many computers"),
    "causes": Text(ja="原因ごとの台数", en="Computers by cause"),
    "causes-note": Text(ja="1 台に複数の原因が見つかることがあります。", en="One computer may have several causes."),
    "cause": Text(ja="原因", en="Cause"),
    "primary": Text(ja="うち主な原因", en="As main cause"),
    "no-causes": Text(ja="原因は見つかっていません。", en="No cause was found."),
    "without-cause": Text(
        ja="原因の特定されていない、影響のあるコンピュータ: {count} 台",
        en="Affected, but without a named cause: {count}",
    ),
    "compare": Text(ja="正常なコンピュータとの違い", en="What differs from healthy computers"),
    "compare-groups": Text(
        ja="影響あり {affected} 台、正常 {healthy} 台を比較。判定できず {undecided} 台、別の問題 {other} 台、"
        "対象外 {not_applicable} 台は比較から除いています。",
        en="Compared: {affected} affected and {healthy} healthy. Left out: {undecided} undecided, {other} with another "
        "finding, {not_applicable} to which it does not apply.",
    ),
    "recognised": Text(
        ja="この原因の判定に使う値（違って当然のため、比較から除外）",
        en="What the cause is recognised by (differs by definition, so not compared)",
    ),
    "claim": Text(ja="偶然では説明できない違い", en="More than chance"),
    "goes_along": Text(ja="上の違いに伴うもの", en="Goes along with the above"),
    "candidate": Text(ja="手がかり（偶然の可能性あり）", en="A hint, maybe chance"),
    "condition": Text(ja="条件", en="Condition"),
    "chance": Text(ja="偶然の確率", en="Chance"),
    "also": Text(ja="ほぼ同じコンピュータを指す別の言い方", en="Nearly the same computers, said otherwise"),
    "counter": Text(ja="当てはまるのに正常なコンピュータ", en="Healthy although it applies"),
    "exceptions": Text(ja="当てはまらないのに影響のあるコンピュータ", en="Affected although it does not apply"),
    "needed": Text(ja="判断に必要な台数（影響あり、追加）", en="More affected computers that would decide"),
    "to-send": Text(ja="お問い合わせに使える文", en="A text to send"),
    "visit": Text(ja="最初に確認するコンピュータ", en="Computers to look at first"),
    "visit-note": Text(
        ja="すべての原因と違いを確認できる、最も少ない台数の組です（原因と違いの組み合わせは {combinations} 通り）。",
        en="The fewest that show every cause and difference; there are {combinations} combinations of them.",
    ),
    "stands-for": Text(ja="同じ状態の台数", en="Stands for"),
    "missing-hosts": Text(ja="結果のないコンピュータ", en="Computers without a result"),
    "outside-hosts": Text(ja="一覧にないコンピュータの結果", en="Results of computers outside the inventory"),
    "unclear-lines": Text(
        ja="コンピュータ名のない行（行番号）", en="Lines of the inventory that name nothing (line numbers)"
    ),
    "repeated": Text(ja="一覧に 2 回以上あるコンピュータ", en="Named more than once in the inventory"),
    "left-out": Text(ja="数えていない結果とファイル", en="Results and files that do not count"),
    "reason": Text(ja="理由", en="Reason"),
    "source": Text(ja="ファイル", en="File"),
    "clocks": Text(ja="時計が 1 日以上進んでいるコンピュータ", en="Computers whose clock is more than a day ahead"),
    "shared": Text(
        ja="2 台が同じ名前を使用していると思われるコンピュータ", en="Names that two computers seem to share"
    ),
    "facts": Text(ja="比較した項目", en="What was compared"),
    "facts-value": Text(ja="{count} 項目を比較しました。", en="{count} facts were compared."),
    "facts-left-out": Text(ja="比較しなかった項目", en="Facts that were not compared"),
    "types": Text(ja="型が一定でない項目", en="Facts whose type differs"),
    "other-flows": Text(ja="ほかの診断の結果（--flow で指定）", en="Results of other flows (choose with --flow)"),
    "not-compared": Text(
        ja="台数が少ないなどの理由で比較していない原因", en="Causes not compared, such as for too few computers"
    ),
    "more": Text(ja="ほか {count} 件は fleet.json にあります", en="{count} more are in fleet.json"),
    "show": Text(ja="{count} 件を表示", en="Show {count}"),
    "of": Text(ja="{part} / {whole}", en="{part} of {whole}"),
    "item": Text(ja="項目", en="Item"),
    "colon": Text(ja="：", en=": "),
    "separator": Text(ja="、", en=", "),
    "chart-causes": Text(
        ja="原因ごとの台数の棒グラフ。数値は次の表にあります。",
        en="Bars of computers by cause; the table below has the numbers.",
    ),
}


def word(name: str, language: Language, **values: object) -> str:
    """The entry in that language, with its places filled in."""
    return WORDS[name].in_language(language).format(**values)


def count_text(count: int) -> str:
    return f"{count:,}"
