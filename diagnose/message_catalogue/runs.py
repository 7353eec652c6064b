"""About runs: answers, steps that were left out, what was saved, replays."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "result-invalid": (
        "診断結果のファイルに正しくない値があります: {detail}",
        "this result file holds a value that cannot be: {detail}",
    ),
    "result-no-schema": (
        "診断結果のファイルではありません（schema が「{schema}」ではありません）",
        "this is not a result file (no schema '{schema}')",
    ),
    "result-not-json": ("JSON として読み取れません: {detail}", "this is not valid JSON: {detail}"),
    "result-other-schema": (
        "スキーマ「{found}」のファイルです。このバージョンが読み取れるのは「{schema}」だけです",
        "this file has the schema '{found}'; this version reads only '{schema}'",
    ),
    "result-too-large": (
        "診断結果のファイルが大きすぎます（上限 {limit} MB）",
        "this result file is too large (limit {limit} MB)",
    ),
    "undecided": (
        "判断に必要な次の情報を確認できませんでした: {names}。",
        "This could not be decided, because the following could not be seen: {names}.",
    ),
    "undecided-no-match": (
        "確認できた内容は、この手順で判断できるどの場合にも当てはまりませんでした。",
        "What was seen fits none of the cases that this step knows.",
    ),
    "skipped-by-option": ("指定により確認しませんでした。", "Skipped on request."),
    "skipped-after-fail": (
        "原因が見つかった時点で終了する指定のため、確認しませんでした。",
        "Not checked, because the run was to stop at the first failure.",
    ),
    "skipped-by-flow": (
        "手順「{step}」の結果により、確認は不要でした。",
        "Not needed after the result of step '{step}'.",
    ),
    "skipped-by-operator": (
        "操作者がこのステップの確認を中止しました。",
        "The operator did not want to wait for this step.",
    ),
    "skipped-interrupted": ("確認の前に中断されました。", "The run was interrupted before this step."),
    "answer-choice": (
        "「{value}」は選択肢にありません（{choices} のいずれか）",
        "'{value}' is not one of the choices ({choices})",
    ),
    "answer-number": ("「{value}」は数値ではありません", "'{value}' is not a number"),
    "answer-range": (
        "「{value}」は範囲外です（{low} ～ {high}）",
        "'{value}' is outside the range ({low} to {high})",
    ),
    "answer-date": (
        "「{value}」は日付ではありません（例: 2026-11-21）",
        "'{value}' is not a date (example: 2026-11-21)",
    ),
    "answer-too-long": ("回答が長すぎます（{limit} 文字まで）", "the answer is too long (limit {limit} characters)"),
    "answer-wrong": ("質問「{name}」: {reason}", "question '{name}': {reason}"),
    "answer-form": ("回答は KEY=VALUE の形で指定してください: {text}", "write an answer as KEY=VALUE: {text}"),
    "answers-mapping": (
        "回答ファイルには「質問: 回答」を並べて書いてください",
        "an answers file is a list of 'question: answer' lines",
    ),
    "answers-plain": ("質問「{name}」の回答は 1 つの値にしてください", "the answer to '{name}' must be a single value"),
    "choose-flow": (
        "製品「{product}」のフローを指定してください: {flows}",
        "product '{product}' has several flows; name one of: {flows}",
    ),
    "no-recording": (
        "この実行には記録（machine フォルダ）がないため、再判定できません",
        "this run has no recording (folder machine), so it cannot be judged again",
    ),
    "saved": ("結果を保存しました: {folder}", "Saved in {folder}"),
    "recorded": ("記録を保存しました: {folder}", "Recorded in {folder}"),
    "still-running": (
        "… {title}: 確認中です（{waited} 秒経過、あと {left} 秒で打ち切ります）",
        "... {title}: still looking ({waited} s so far, given up in {left} s)",
    ),
    "prompt-choice": (
        "番号を入力してください（わからない場合は Enter、調べ方は ?）",
        "Type a number (Enter: don't know, ?: how to find out)",
    ),
    "prompt-number": (
        "数値を入力してください（わからない場合は Enter、調べ方は ?）",
        "Type a number (Enter: don't know, ?: how to find out)",
    ),
    "prompt-date": (
        "日付を入力してください（例: 2026-11-21。わからない場合は Enter、調べ方は ?）",
        "Type a date such as 2026-11-21 (Enter: don't know, ?: how to find out)",
    ),
    "prompt-text": (
        "入力してください（わからない場合は Enter、調べ方は ?）",
        "Type your answer (Enter: don't know, ?: how to find out)",
    ),
    "prompt-secret": (
        "入力してください。入力した文字は表示も保存もされません（省略する場合は Enter）",
        "Type it; it is neither shown nor kept (Enter: leave out)",
    ),
    "interrupted": ("中断しました", "Interrupted"),
    "product-any": ("どのコンピュータにも使えます", "for every computer"),
    "product-detected": ("検出されました（{roles}）", "detected ({roles})"),
    "product-absent": ("検出されませんでした", "not detected"),
    "product-undecided": ("検出できるだけの情報がありません", "cannot be told: not enough could be seen"),
    "replay-same": (
        "現在のルールで判定し直しても、すべての手順の結果は同じです（前回のルール {digest}）。",
        "Judged again with today's rules: every step comes out the same (rules then: {digest}).",
    ),
    "replay-changed": (
        "現在のルールで判定し直すと、{count} 件の手順の結果が変わります。",
        "Judged again with today's rules: {count} step(s) come out differently.",
    ),
    "not-our-recording": (
        "このフォルダにはほかのファイルがあります。別のフォルダを指定してください",
        "this folder holds other files; name another one",
    ),
    "output-is-input": (
        "調べる記録や、ほかの保存先と重なるフォルダには保存できません。別のフォルダを指定してください",
        "this folder overlaps with the recording that is judged, or with another target; name another one",
    ),
    "not-saved": (
        "結果を {folder} に保存できません（{error}）。診断は続けます",
        "Cannot save in {folder} ({error}); the run goes on",
    ),
    "not-kept": ("この結果は保存されません（{reason}）", "this run is not kept ({reason})"),
}
