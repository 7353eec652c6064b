"""About rule files and scenarios."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "unknown-product": ("製品「{name}」は登録されていません", "unknown product '{name}'"),
    "unknown-flow": ("製品「{product}」にフロー「{name}」はありません", "product '{product}' has no flow '{name}'"),
    "id-not-folder": ("id「{id}」がフォルダ名と一致しません", "id '{id}' differs from the folder's name"),
    "id-not-file": ("id「{id}」がファイル名と一致しません", "id '{id}' differs from the file's name"),
    "placeholders-differ": (
        "日本語と英語で差し込む値が異なります: {names}",
        "the Japanese and the English text use different values: {names}",
    ),
    "id-twice": ("id「{id}」が 2 回使われています", "id '{id}' is used twice"),
    "remedy-lengths": (
        "対処の手順は日本語と英語で同じ数だけ、1 つ以上必要です（日本語 {ja}、英語 {en}）",
        "a remedy needs at least one step and as many in Japanese ({ja}) as in English ({en})",
    ),
    "unknown-fact": ("「{name}」という情報項目はありません", "unknown fact '{name}'"),
    "unknown-question": ("「{name}」という質問はありません", "unknown question '{name}'"),
    "unknown-check": ("「{name}」という検査はありません", "unknown check '{name}'"),
    "unknown-branches": ("branches.yaml に「{name}」はありません", "branches.yaml has no '{name}'"),
    "unknown-calculation": ("「{name}」という計算はありません", "unknown calculation '{name}'"),
    "unknown-input": ("計算に「{name}」という入力はありません", "the calculation takes no '{name}'"),
    "input-missing": (
        "計算に必要な入力「{name}」がありません。given で指定してください",
        "the calculation needs the input '{name}'; give it under given:",
    ),
    "unknown-cause": ("「{name}」という原因はありません", "unknown cause '{name}'"),
    "unknown-step": ("「{name}」という手順はありません", "unknown step '{name}'"),
    "unknown-parameter": ("検査に「{name}」というパラメーターはありません", "no check of this step takes '{name}'"),
    "unknown-product-part": ("製品ファイルに「{name}」という部分はありません", "the product file has no part '{name}'"),
    "goto-back": (
        "goto は後の手順にだけ進めます（「{name}」は前にあります）",
        "goto leads only forward ('{name}' stands before this step)",
    ),
    "evidence-twice": (
        "検査「{check}」の {names} は、この手順のほかの検査と重なっています",
        "{names} of check '{check}' is also given by another check of this step",
    ),
    "evidence-unlabelled": (
        "検査「{check}」の {names} に表示名がありません（rules/evidence）",
        "{names} of check '{check}' has no label in rules/evidence",
    ),
    "no-branches": ("decide に分岐がありません", "decide has no branches"),
    "pass-without-evidence": (
        "pass には確認できた事実の条件が必要です",
        "pass needs a condition on something that was seen",
    ),
    "because-missing": (
        "原因を示さない分岐には because が必要です",
        "a branch that names no cause needs a because",
    ),
    "explains-alone": (
        "手順の explains は otherwise の分岐のためのものですが、この手順に otherwise がありません",
        "a step's explains is for the branches of its otherwise, and this step has none",
    ),
    "then-one": ("then には fail か warn を 1 つだけ書きます", "then takes one of fail and warn"),
    "value-missing": (
        "原因「{cause}」に必要な値「{name}」がありません。with で指定してください",
        "cause '{cause}' needs the value '{name}'; give it under with:",
    ),
    "step-unreachable": ("手順「{name}」にはどこからも進めません", "step '{name}' cannot be reached"),
    "question-unasked": ("質問「{name}」を尋ねる手順がありません", "no step asks question '{name}'"),
    "question-choices": (
        "choices は choice の質問にだけ、1 つ以上必要です（{name}）",
        "choices belong to questions of type choice, and only to them ('{name}')",
    ),
    "source-one": (
        "情報源は 1 項目に 1 種類だけ書きます（system、registry、ini、log、command、file、security_product、answer）",
        "a source names exactly one of system, registry, ini, log, command, file, security_product, answer",
    ),
    "unknown-system-field": ("コンピュータの項目「{name}」はありません", "the computer has no field '{name}'"),
    "bad-pattern": ("正規表現が正しくありません: {error}", "not a valid RE2 pattern: {error}"),
    "pattern-groups": ("正規表現には括弧のグループが 1 つ必要です", "the pattern needs exactly one group"),
    "fact-cycle": ("情報項目「{name}」が自分自身を参照しています", "fact '{name}' refers to itself"),
    "no-cases": ("シナリオ（case.yaml）がありません", "no scenario (case.yaml) here"),
    "lint-clean": (
        "問題はありません（ファイル {files} 件、フロー {flows} 件）",
        "No problems ({files} files, {flows} flows)",
    ),
    "test-right": ("合格", "ok  "),
    "test-wrong": ("不合格", "MISS"),
    "test-totals": (
        "シナリオ {cases} 件: すべて一致 {right}、結果が正しい {outcomes}、主因が正しい {causes}、"
        "正常な {healthy} 件での誤検知 {alarms}",
        "{cases} cases: all as expected {right}, outcome right {outcomes}, primary cause right {causes}, "
        "false alarms on {healthy} healthy ones {alarms}",
    ),
    "secret-in-form": (
        "秘密の質問「{name}」と同じ名前の項目は、事象の記入欄に置けません",
        "the incident form must not have a field with the name of the secret question '{name}'",
    ),
}
