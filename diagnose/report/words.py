"""The fixed words of every report, in both languages, and the signs that go with a status."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.run.result import AnsweredBy, Outcome, RunResult, Status
from diagnose.text import Language, Text

STATUS_WORDS: Mapping[Status, Text] = {
    Status.PASS: Text(ja="問題なし", en="OK"),
    Status.WARN: Text(ja="要確認", en="Needs attention"),
    Status.FAIL: Text(ja="問題あり", en="Problem found"),
    Status.UNKNOWN: Text(ja="判定できず", en="Could not decide"),
    Status.NOT_APPLICABLE: Text(ja="対象外", en="Not applicable"),
    Status.BLOCKED: Text(ja="アクセス不可", en="Access blocked"),
    Status.ERROR: Text(ja="診断側のエラー", en="Tool error"),
    Status.NOT_CHECKED: Text(ja="未実施", en="Not checked"),
}

GLYPHS: Mapping[Status, str] = {
    Status.PASS: "✓",
    Status.WARN: "!",
    Status.FAIL: "✕",
    Status.UNKNOWN: "?",
    Status.NOT_APPLICABLE: "–",
    Status.BLOCKED: "⊘",
    Status.ERROR: "※",
    Status.NOT_CHECKED: "…",
}

ASCII_GLYPHS: Mapping[Status, str] = {
    Status.PASS: "o",
    Status.WARN: "!",
    Status.FAIL: "x",
    Status.UNKNOWN: "?",
    Status.NOT_APPLICABLE: "-",
    Status.BLOCKED: "/",
    Status.ERROR: "*",
    Status.NOT_CHECKED: ".",
}
"""For an output that cannot hold GLYPHS, such as a console with an old code page."""

LANGUAGE_NAMES: Mapping[Language, str] = {Language.JA: "日本語", Language.EN: "English"}

ANSWERED_BY_WORDS: Mapping[AnsweredBy, Text] = {
    AnsweredBy.OPERATOR: Text(ja="操作者", en="Operator"),
    AnsweredBy.FILE: Text(ja="回答ファイル", en="Answer file"),
    AnsweredBy.DEFAULT: Text(ja="回答なし（既定値）", en="Nobody (default)"),
}

_OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.PASS: Text(ja="問題は見つかりませんでした", en="No problem was found"),
    Outcome.WARN: Text(ja="注意が必要な点があります", en="Something needs attention"),
    Outcome.FAIL: Text(ja="問題が見つかりました", en="A problem was found"),
    Outcome.UNKNOWN: Text(
        ja="確認できない項目があるため、判定できませんでした",
        en="No verdict was possible, because something could not be seen",
    ),
}

_OUTCOMES_WITH_TITLE: Mapping[Outcome, Text] = {
    Outcome.WARN: Text(ja="注意が必要です：{title}", en="Needs attention: {title}"),
    Outcome.FAIL: Text(ja="問題が見つかりました：{title}", en="Problem found: {title}"),
}

_PARTLY_PASS = Text(
    ja="確認したステップに問題は見つかりませんでした（未実施 {count} 件）",
    en="No problem was found in the steps that were checked ({count} left out)",
)
_UNFINISHED_PASS = Text(
    ja="ここまでに確認した範囲では、問題は見つかりませんでした", en="No problem was found in what was checked so far"
)
_UNFINISHED = Text(ja="{sentence}（診断は途中で終わっています）", en="{sentence} (the run did not finish)")

UNSEEN_MEANING: Mapping[Outcome, Text] = {
    Outcome.PASS: Text(
        ja="判定に必要な情報はほかから得られています。次の項目は確認していないため、正常とも異常とも言えません。",
        en="The verdict rests on what could be seen. Nothing is said about the items below, neither good nor bad.",
    ),
    Outcome.WARN: Text(
        ja="判定は、確認できた情報だけに基づいています。次の項目に別の原因が隠れている可能性は残ります。",
        en="The verdict rests only on what could be seen. Another cause may still hide behind the items below.",
    ),
    Outcome.FAIL: Text(
        ja="見つかった原因は、確認できた情報だけに基づいています。次の項目に別の原因が隠れている可能性は残ります。",
        en="The causes found rest only on what could be seen. Another cause may still hide behind the items below.",
    ),
    Outcome.UNKNOWN: Text(
        ja="次の項目を確認できなかったため、判定できませんでした。確認できるようにしてから、もう一度診断してください。",
        en="Without the items below there is no verdict. Make them visible, then run the diagnosis again.",
    ),
}

WORDS: Mapping[str, Text] = {
    "report": Text(ja="診断レポート", en="Diagnosis report"),
    "language": Text(ja="表示言語", en="Language"),
    "computer": Text(ja="コンピュータ", en="Computer"),
    "system": Text(ja="OS", en="Operating system"),
    "product": Text(ja="製品", en="Product"),
    "version": Text(ja="バージョン {version}", en="version {version}"),
    "flow": Text(ja="診断内容", en="Diagnosis"),
    "recorded-at": Text(ja="記録の日時", en="Recorded at"),
    "when": Text(ja="診断日時", en="Date and time"),
    "tool": Text(ja="診断ツール", en="Diagnosis tool"),
    "tool-and-rules": Text(ja="diagnose {version}（ルール {rules}）", en="diagnose {version} (rules {rules})"),
    "unfinished": Text(
        ja="この診断は途中で終わっています。実施していないステップがあり、結論は変わる可能性があります。",
        en="This run did not finish. Some steps were not checked, and the conclusion may change.",
    ),
    "not-seen-count": Text(ja="確認できなかった項目が {count} 件あります", en="Items that could not be seen: {count}"),
    "primary-cause": Text(ja="主な原因", en="Main cause"),
    "other-causes": Text(ja="その他の原因", en="Other causes"),
    "explains": Text(ja="この原因から起きていると考えられる問題", en="Problems that follow from this cause"),
    "if-it-remains": Text(ja="解消しない場合の対処手順", en="What to do if it remains"),
    "because": Text(ja="判定の理由", en="Reason"),
    "seen": Text(ja="確認した内容", en="What was seen"),
    "item": Text(ja="項目", en="Item"),
    "value": Text(ja="値", en="Value"),
    "where": Text(ja="確認した場所", en="Where"),
    "raw": Text(ja="その他の測定値", en="Other measured values"),
    "full-value": Text(ja="全文を表示（{count} 文字）", en="Show the full value ({count} characters)"),
    "cut": Text(
        ja="（以下 {count} 文字は result.json にあります）", en="(the other {count} characters are in result.json)"
    ),
    "chart-summary": Text(ja="{title}（{y}）：{parts}", en="{title} ({y}): {parts}"),
    "chart-highest": Text(ja="最大 {value}", en="highest {value}"),
    "chart-limit": Text(ja="上限", en="Limit"),
    "chart-numbers": Text(ja="グラフの数値", en="The numbers of the chart"),
    "remedy": Text(ja="対処手順", en="What to do"),
    "source": Text(ja="出典", en="Source"),
    "cause-id": Text(ja="原因 ID", en="Cause ID"),
    "found-in": Text(ja="確認したステップ", en="Found in step"),
    "steps": Text(ja="各ステップの結果", en="Results step by step"),
    "step": Text(ja="ステップ", en="Step"),
    "number": Text(ja="番号", en="No."),
    "status": Text(ja="結果", en="Result"),
    "time": Text(ja="所要時間", en="Time taken"),
    "why": Text(ja="確認の目的", en="Why it matters"),
    "error-note": Text(
        ja="診断ツール側の都合でこのステップは完了していません。PC に問題があるという意味ではありません。",
        en="The diagnosis tool could not complete this step. This does not mean that the PC has a fault.",
    ),
    "not-seen": Text(ja="確認できなかったもの", en="What could not be seen"),
    "nothing-unseen": Text(ja="確認できなかった項目はありません。", en="Everything that was looked for could be seen."),
    "nothing-unseen-so-far": Text(
        ja="実施したステップの中に、確認できなかった項目はありません。",
        en="In the steps that ran, everything could be seen.",
    ),
    "see-the-steps": Text(
        ja="判定できなかった理由は、各ステップの結果をご覧ください。",
        en="The results step by step say why there is no verdict.",
    ),
    "reason": Text(ja="理由", en="Reason"),
    "place": Text(ja="場所", en="Place"),
    "detail": Text(ja="技術的な詳細", en="Technical detail"),
    "run-elevated": Text(
        ja="管理者として実行すると、権限が理由で見えなかった項目を確認できることがあります。",
        en="Items that were denied may become visible when the diagnosis runs as administrator.",
    ),
    "questions": Text(ja="質問と回答", en="Questions and answers"),
    "question": Text(ja="質問", en="Question"),
    "answer": Text(ja="回答", en="Answer"),
    "answered-by": Text(ja="回答者", en="Answered by"),
    "no-answer": Text(ja="わからない", en="Don't know"),
    "incident": Text(ja="お問い合わせ用の情報", en="Incident details"),
    "run": Text(ja="診断の記録", en="Run details"),
    "run-id": Text(ja="診断 ID", en="Run ID"),
    "started": Text(ja="開始", en="Started"),
    "finished": Text(ja="終了", en="Finished"),
    "not-finished": Text(ja="終了していません", en="Not finished"),
    "duration": Text(ja="所要時間", en="Duration"),
    "rules-digest": Text(ja="ルールのダイジェスト", en="Rules digest"),
    "privilege": Text(ja="実行権限", en="Privilege"),
    "elevated": Text(ja="管理者", en="Administrator"),
    "not-elevated": Text(ja="標準ユーザー", en="Standard user"),
    "evidence-from": Text(ja="調べた対象", en="Evidence from"),
    "recorded": Text(ja="保存された記録", en="A recording"),
    "live": Text(ja="稼働中のコンピュータ", en="The running computer"),
    "platform": Text(ja="プラットフォーム", en="Platform"),
    "unknown": Text(ja="不明", en="Unknown"),
    "yes": Text(ja="はい", en="Yes"),
    "no": Text(ja="いいえ", en="No"),
    "seconds": Text(ja="{seconds} 秒", en="{seconds} s"),
    "minutes": Text(ja="{minutes} 分 {seconds} 秒", en="{minutes} min {seconds} s"),
    "list-separator": Text(ja="、", en=", "),
    "colon": Text(ja="：", en=": "),
}

INCIDENT_WORDS: Mapping[str, Text] = {
    "affected_count": Text(ja="影響を受けている台数", en="Affected computers"),
    "total_count": Text(ja="全体の台数", en="Computers in total"),
    "update_agent_upgraded": Text(ja="アップデートエージェントの更新状況", en="Update agent already upgraded"),
    "healthy_agents_exist": Text(ja="正常なエージェントの有無", en="Healthy agents exist"),
    "difference_from_healthy": Text(ja="正常な PC との違い", en="Difference from healthy computers"),
    "update_now_helps": Text(ja="「今すぐアップデート」で改善するか", en="Update Now helps"),
    "manual_notification_helps": Text(ja="手動の通知で改善するか", en="Manual notification helps"),
    "first_seen": Text(ja="最初に発生した日時", en="First seen"),
    "what_changed": Text(ja="発生前の変更点", en="What changed before"),
    "contact": Text(ja="連絡先", en="Contact"),
}
"""The fields of the incident form; a field without a title here is shown by its id."""


def word(name: str, language: Language, **values: object) -> str:
    """The entry of WORDS in that language, with its places filled in."""
    return WORDS[name].in_language(language).format(**values)


def unfinished(result: RunResult) -> bool:
    """Whether the run was stopped, or was still going on when it was last saved."""
    return result.run.interrupted or result.run.finished is None


def outcome_sentence(result: RunResult, language: Language) -> str:
    """The verdict in one sentence without a full stop: the outcome, and the primary cause when there is one."""
    title = _leading_title(result)
    if title is not None and result.outcome in _OUTCOMES_WITH_TITLE:
        sentence = _OUTCOMES_WITH_TITLE[result.outcome].in_language(language).format(title=title.in_language(language))
    elif unfinished(result) and result.outcome is Outcome.PASS:
        sentence = _UNFINISHED_PASS.in_language(language)
    elif result.outcome is Outcome.PASS and (left_out := _left_out(result)):
        sentence = _PARTLY_PASS.in_language(language).format(count=left_out)
    else:
        sentence = _OUTCOMES[result.outcome].in_language(language)
    return _UNFINISHED.in_language(language).format(sentence=sentence) if unfinished(result) else sentence


def _left_out(result: RunResult) -> int:
    """How many steps were not looked at."""
    return sum(step.status is Status.NOT_CHECKED for step in result.steps)


def _leading_title(result: RunResult) -> Text | None:
    """The primary cause, or else the first step with the status of the outcome: a step may fail without a cause."""
    cause = next((cause for cause in result.causes if cause.id == result.primary_cause), None)
    if cause is not None:
        return cause.title
    return next((step.title for step in result.steps if step.status.value == result.outcome.value), None)
