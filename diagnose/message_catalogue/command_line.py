"""Help, and what is wrong with a command."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "our-bug": (
        "diagnose の不具合です（{kind}、{place}）。この行を開発元にお知らせください",
        "this is a bug in diagnose ({kind}, {place}); please report this line",
    ),
    "usage": ("diagnose: {reason}", "diagnose: {reason}"),
    "usage-other": ("コマンドの指定が正しくありません: {detail}", "{detail}"),
    "no-such-option": ("オプション {name} はありません", "no such option: {name}"),
    "no-such-command": ("コマンド「{name}」はありません", "no such command: {name}"),
    "missing-argument": ("{name} を指定してください", "{name} is missing"),
    "bad-choice": ("{name} に指定できるのは {choices} です", "{name} takes one of: {choices}"),
    "bad-value": ("{name} の値が正しくありません: {detail}", "wrong value for {name}: {detail}"),
    "no-terminal": (
        "端末ではないため画面を表示できません。diagnose run を使用してください",
        "this is no terminal, so there is no screen to show; use: diagnose run",
    ),
    "help-glyphs": (
        "画面の記号。文字がずれる場合は ascii を指定します。",
        "How the screens draw signs; ascii where characters overlap.",
    ),
    "help-main": (
        "セキュリティ対策ソフトが更新できない、アップグレードできない、接続できない原因を調べます。"
        "コンピュータの設定は変更しません。\n\n\b\n例:\n"
        "  diagnose                           画面で順に案内する\n"
        "  diagnose --lang ja --machine ./PC-0423\n"
        "  diagnose run                       検出した製品を調べる\n"
        "  diagnose run apex-one/agent-upgrade --lang ja\n"
        "  diagnose run machine/health --output ./結果",
        "Finds out why an endpoint-security agent does not update, upgrade or connect. "
        "It changes nothing on the computer.\n\n\b\nExamples:\n"
        "  diagnose                           be led through it on the screen\n"
        "  diagnose --lang ja --machine ./PC-0423\n"
        "  diagnose run                       look at what is detected\n"
        "  diagnose run apex-one/agent-upgrade --lang ja\n"
        "  diagnose run machine/health --output ./result",
    ),
    "help-version": ("版を表示します。", "Show the version."),
    "help-lang": ("表示する言語。", "Language of what is shown."),
    "help-rules": (
        "追加のルールのフォルダ（rules/ と同じ構成）。繰り返し指定できます。",
        "A folder with more rules, shaped like rules/. May be given several times.",
    ),
    "help-format": ("標準出力に書く形式。", "Format of what is written to standard output."),
    "help-machine": (
        "このコンピュータの代わりに、記録したコンピュータのフォルダを使います。",
        "A recorded machine's folder instead of this computer.",
    ),
    "help-products": (
        "対応している製品と、ここで検出された製品を表示します。",
        "Show what is supported, and what is detected here in which role.",
    ),
    "help-flows": ("診断フローの一覧を表示します。", "List the flows, of one product or of all."),
    "help-run": (
        "診断を実行します。引数がなければ製品を検出し、何もなければ machine/health を実行します。\n\n\b\n例:\n"
        "  diagnose run apex-one/agent-upgrade\n"
        "  diagnose run apex-one --answer license_status=active --no-input --format json\n"
        "  diagnose run apex-one --machine ./PC-0423 --lang ja\n\n\b\n"
        "終了コード: 0 問題なし、1 問題または要確認、2 指定の誤り、3 判定できず、130 中断",
        "Run a flow. Without an argument the products are detected; if there are none, machine/health runs."
        "\n\n\b\nExamples:\n"
        "  diagnose run apex-one/agent-upgrade\n"
        "  diagnose run apex-one --answer license_status=active --no-input --format json\n"
        "  diagnose run apex-one --machine ./PC-0423 --lang ja\n\n\b\n"
        "Exit codes: 0 pass, 1 warn or fail, 2 wrong input, 3 could not decide, 130 interrupted",
    ),
    "help-answers": ("質問への回答を書いた YAML ファイル。", "A YAML file with answers to the flow's questions."),
    "help-answer": ("質問への回答。繰り返し指定できます。", "One answer. May be given several times."),
    "help-no-input": (
        "質問せず、未回答は「不明」として扱います。",
        "Ask nothing; what is not answered counts as unknown.",
    ),
    "help-output": (
        "結果（result.json、report.html、machine/）を保存するフォルダ。",
        "Folder for result.json, report.html and machine/.",
    ),
    "help-record": (
        "このコンピュータの記録を保存するフォルダ。あとで --machine に指定できます。",
        "Folder for a recording of this machine, for --machine later.",
    ),
    "help-only": ("この手順だけを確認します。", "Look only at this step."),
    "help-skip": ("この手順を確認しません。", "Leave this step out."),
    "help-timeout": ("診断全体の制限時間（秒）。", "Time for the whole run, in seconds."),
    "help-until": ("最初の「問題あり」で終了します。", "End at the first failing step."),
    "help-report": (
        "保存した結果を、別の言語や形式で表示します。RUN は結果のフォルダです。",
        "Show a saved run again, in another language or format. RUN is its folder.",
    ),
    "help-replay": (
        "保存した記録を現在のルールで判定し直し、変わった点を表示します。",
        "Judge a saved recording again with today's rules, and show what changed.",
    ),
    "help-rules-group": ("ルールを確認します。", "Check rules."),
    "help-lint": (
        "すべてのルールファイルの誤りを行番号付きで表示します。",
        "Show every mistake in the rule files, with its line.",
    ),
    "help-schema": ("ルールファイルなどの JSON Schema を表示します。", "Show the JSON Schema of a kind of file."),
    "help-graph": (
        "フローの図を、Mermaid または Graphviz のテキストで出力します。例: "
        "diagnose rules graph apex-one/agent-upgrade > flow.mmd",
        "Print the picture of a flow as text for Mermaid or Graphviz. Example: "
        "diagnose rules graph apex-one/agent-upgrade > flow.mmd",
    ),
    "help-graph-format": ("図のテキストの形式。", "For whom the text is."),
    "graph-which": ("フローを 1 つ指定してください: {flows}", "name one flow: {flows}"),
    "help-test": (
        "シナリオ（case.yaml と machine/）を実行し、期待した結果と比べます。",
        "Run scenarios (case.yaml and machine/) and compare with what they expect.",
    ),
    "extra-argument": ("余分な指定があります: {names}", "unexpected: {names}"),
    "option-without-value": ("オプション {name} の値を指定してください", "option {name} needs a value"),
    "bad-number": (
        "{name} には {low} から {high} までの数値を指定してください",
        "{name} takes a number from {low} to {high}",
    ),
    "output-failed": ("標準出力に書き込めません: {error}", "cannot write to standard output: {error}"),
    "no-step-left": ("確認する手順が残っていません", "no step is left to look at"),
    "product-platform": (
        "製品「{product}」は {platforms} 用です（このコンピュータは {this}）",
        "product '{product}' is for {platforms}; this computer is {this}",
    ),
}
