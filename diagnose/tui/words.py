"""What the screens say beside the texts of rules and reports, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.text import Language, Text

WORDS: Mapping[str, Text] = {
    # Keys, as the footer shows them: short.
    "key-help": Text(ja="ヘルプ", en="Help"),
    "key-language": Text(ja="English", en="日本語"),
    "key-commands": Text(ja="コマンド", en="Commands"),
    "key-leave-out": Text(ja="中止", en="Skip step"),
    "key-recheck": Text(ja="再確認", en="Re-check"),
    "key-form": Text(ja="お問い合わせ", en="Form"),
    "key-report": Text(ja="レポート", en="Report"),
    "key-bundle": Text(ja="情報収集", en="Bundle"),
    "key-answers": Text(ja="回答", en="Answers"),
    "key-quit": Text(ja="終了", en="Quit"),
    "key-back": Text(ja="戻る", en="Back"),
    "key-open": Text(ja="開く", en="Open"),
    "key-copy": Text(ja="コピー", en="Copy"),
    "key-make": Text(ja="作成", en="Make"),
    "key-conclusion": Text(ja="結論", en="Verdict"),
    # Start
    "start-title": Text(ja="セキュリティソフトの診断", en="Security agent diagnosis"),
    "start-computer": Text(ja="対象: {computer}", en="Computer: {computer}"),
    "start-search": Text(
        ja="症状や製品名で検索（日本語・英語）", en="Search by symptom or product (English, Japanese)"
    ),
    "start-looking": Text(ja="このコンピュータの製品を調べています...", en="Looking for products on this computer..."),
    "start-detected": Text(ja="検出された製品", en="Detected here"),
    "start-this-computer": Text(ja="このコンピュータ", en="This computer"),
    "start-resume": Text(ja="終わっていない診断を続ける", en="Continue an unfinished run"),
    "start-others": Text(ja="検出されていない製品", en="Not detected here"),
    "start-undecided": Text(ja="検出できたか判断できない製品", en="Could not be told whether it is here"),
    "start-nothing": Text(
        ja="一致する診断はありません。別の言葉で検索してください。", en="Nothing matches. Try another word."
    ),
    "start-run-of": Text(ja="{when} {flow}", en="{when} {flow}"),
    # Run
    "run-waiting": Text(ja="待機中", en="Waiting"),
    "run-running": Text(ja="確認中", en="Checking"),
    "run-asking": Text(ja="質問中", en="Question"),
    "run-stale": Text(ja="再判定", en="Stale"),
    "short-pass": Text(ja="問題なし", en="OK"),
    "short-warn": Text(ja="要確認", en="Attention"),
    "short-fail": Text(ja="問題あり", en="Problem"),
    "short-unknown": Text(ja="判定できず", en="Undecided"),
    "short-not_applicable": Text(ja="対象外", en="N/A"),
    "short-blocked": Text(ja="権限不足", en="Denied"),
    "short-error": Text(ja="診断エラー", en="Tool error"),
    "short-not_checked": Text(ja="未実施", en="Skipped"),
    "run-preparing": Text(ja="診断を準備しています...", en="Preparing the run..."),
    "run-now": Text(ja="確認中: {title}（{waited} 秒）", en="Checking: {title} ({waited} s)"),
    "run-slow": Text(
        ja="確認中: {title}（{waited} 秒経過、残り最大 {left} 秒。F4 でこのステップを中止）",
        en="Checking: {title} ({waited} s, at most {left} s more; F4 skips it)",
    ),
    "run-question": Text(ja="回答待ちです。Enter で質問を表示します。", en="A question is waiting. Enter shows it."),
    "run-done": Text(ja="診断が終わりました。F9 で結論を表示します。", en="Done. F9 shows the verdict."),
    "run-stopped": Text(ja="診断は途中で終わりました。", en="The run was stopped."),
    "run-not-judged": Text(ja="まだ確認していません。", en="Not looked at yet."),
    "run-is-running": Text(ja="いま確認しています。", en="Being looked at now."),
    "run-is-stale": Text(
        ja="回答が変わったため、判定し直しています。", en="An answer has changed; this is being judged again."
    ),
    "run-more": Text(ja="Enter で詳細を表示します。", en="Enter shows the details."),
    # Question
    "question-title": Text(ja="質問: {step}", en="Question: {step}"),
    "question-how": Text(ja="確認方法", en="How to find out"),
    "question-dont-know": Text(ja="わからない", en="Don't know"),
    "question-later": Text(ja="Esc: あとで答える", en="Esc: answer later"),
    "question-digits": Text(
        ja="数字キー、矢印キーと Enter、マウスで選べます。数字は半角で入力してください。",
        en="Choose with a digit, with arrows and Enter, or with the mouse.",
    ),
    "question-number": Text(
        ja="数値を入力して Enter（空欄は「わからない」）", en="A number, then Enter (empty: don't know)"
    ),
    "question-date": Text(
        ja="日付を入力して Enter（例: 2026-11-20、空欄は「わからない」）",
        en="A date, then Enter (such as 2026-11-20; empty: don't know)",
    ),
    "question-text": Text(ja="入力して Enter（空欄は「わからない」）", en="Type, then Enter (empty: don't know)"),
    "question-secret": Text(
        ja="入力して Enter。保存も表示もされません（空欄は「わからない」）",
        en="Type, then Enter. It is neither kept nor shown (empty: don't know)",
    ),
    "answers-title": Text(ja="回答の一覧。変更するものを選んでください。", en="Answers. Choose one to change it."),
    "answers-none": Text(ja="この診断に質問はありません。", en="This run has no questions."),
    "answers-not-asked": Text(ja="（未回答）", en="(not asked)"),
    # Step detail
    "detail-because": Text(ja="判定の理由", en="Reason"),
    "detail-why": Text(ja="確認の目的", en="Why it matters"),
    "detail-seen": Text(ja="確認した内容", en="What was seen"),
    "detail-unseen": Text(ja="確認できなかったもの", en="What could not be seen"),
    "detail-where": Text(ja="場所: {where}", en="Where: {where}"),
    "detail-branches": Text(ja="判定の分かれ道（上から順に確認）", en="The ways it might have gone, from the top"),
    "detail-source": Text(ja="出典", en="Source"),
    "detail-id": Text(ja="ステップ ID", en="Step ID"),
    "held-taken": Text(ja="採用", en="taken"),
    "held-no": Text(ja="該当せず", en="does not hold"),
    "held-unknown": Text(ja="判断できず（不明: {missing}）", en="cannot be told (unknown: {missing})"),
    "held-not_reached": Text(ja="確認不要（上で決定済み）", en="not reached (decided above)"),
    # Conclusion
    "conclusion-changed": Text(ja="再確認の結果", en="Since the re-check"),
    "conclusion-title": Text(ja="結論", en="Verdict"),
    "conclusion-remedy": Text(ja="対処手順（Enter で済みの印を付けます）", en="What to do (Enter marks it as done)"),
    "conclusion-next": Text(ja="次にすること", en="Next"),
    "conclusion-recheck": Text(ja="対処のあと、もう一度確認する", en="Check again after the remedy"),
    "conclusion-steps": Text(ja="各ステップの結果を見る", en="See the results step by step"),
    "conclusion-report": Text(ja="レポートをブラウザーで開く", en="Open the report in the browser"),
    "conclusion-form": Text(ja="お問い合わせ用の情報を入力する", en="Fill in the details for the vendor"),
    "conclusion-bundle": Text(ja="サポート情報を収集する", en="Collect the support bundle"),
    "conclusion-same": Text(ja="前回と判定は変わっていません。", en="No verdict has changed."),
    "conclusion-change": Text(ja="{title}: {before} -> {after}", en="{title}: {before} -> {after}"),
    # Incident form
    "form-title": Text(ja="お問い合わせ用の情報", en="Details for the vendor"),
    "form-hint": Text(
        ja="入力内容は自動的に保存されます。分からない項目は空欄のままで構いません。",
        en="What you type is saved by itself. Leave empty what you do not know.",
    ),
    "form-for-vendor": Text(ja="（この項目は仮名化されません）", en="(goes to the vendor as you write it)"),
    "form-empty": Text(ja="（未選択）", en="(not chosen)"),
    "form-saved": Text(ja="保存しました: {path}", en="Saved: {path}"),
    "form-none": Text(ja="この製品にお問い合わせ用の項目はありません。", en="This product has no form."),
    # Bundle
    "bundle-title": Text(ja="サポート情報の収集", en="Support bundle"),
    "bundle-planning": Text(ja="収集するログを調べています...", en="Looking for the logs..."),
    "bundle-total": Text(
        ja="収集量 {taken}、zip ファイルは約 {zip}。F8 で作成します。",
        en="{taken} to collect, about {zip} as a zip file. F8 makes it.",
    ),
    "bundle-source": Text(ja="{title}  {size}  {period}", en="{title}  {size}  {period}"),
    "bundle-absent": Text(ja="{title}  （ありません）", en="{title}  (not there)"),
    "bundle-preview": Text(ja="送付される内容の例: {path}", en="As it will leave: {path}"),
    "bundle-preview-loading": Text(ja="読み込んでいます...", en="Reading..."),
    "bundle-preview-none": Text(
        ja="ここに、仮名化した内容の例を表示します。", en="A sample of what leaves is shown here."
    ),
    "bundle-working": Text(ja="収集中: {done} / {total}", en="Collecting: {done} of {total}"),
    "bundle-finishing": Text(ja="検証しています...", en="Proving that nothing is left..."),
    "bundle-made": Text(
        ja="作成しました: {path}（{size}）。パスをコピーしました。", en="Written: {path} ({size}). The path was copied."
    ),
    "bundle-map": Text(
        ja="仮名の対応表はこのコンピュータだけに保存されます（送付しないでください）: {path}",
        en="What the pseudonyms stand for is kept here only (do not send it): {path}",
    ),
    "bundle-running": Text(ja="診断が終わってから収集できます。", en="The bundle can be made when the run has ended."),
    "bundle-cancelled": Text(ja="収集を中止しました。", en="Collecting was stopped."),
    "bundle-cancel": Text(ja="Esc で収集を中止します。", en="Esc stops it."),
    # Dialogs
    "quit-title": Text(ja="診断を実行しています。どうしますか。", en="A run goes on. What now?"),
    "quit-stay": Text(ja="診断を続ける", en="Go on"),
    "quit-stop": Text(ja="診断を中止して、ここまでの結果を見る", en="Stop the run and look at what there is"),
    "quit-save": Text(ja="ここまでの結果を保存して終了", en="Quit and keep what there is"),
    "quit-discard": Text(ja="結果を破棄して終了", en="Quit and throw the result away"),
    "commands-title": Text(
        ja="コマンド（日本語でも英語でも検索できます）", en="Commands (found in English and Japanese)"
    ),
    "commands-glyphs": Text(ja="記号の表示を切り替える（文字化けする場合）", en="Switch plain characters on or off"),
    "commands-theme": Text(ja="配色: {theme}", en="Colours: {theme}"),
    "guide-title": Text(ja="ヘルプ", en="Help"),
    "too-small": Text(
        ja="画面を広げてください（60 桁 16 行以上）。\n「diagnose run」なら画面なしで診断できます。",
        en="Make the window larger (60 x 16).\n'diagnose run' needs no screen.",
    ),
    "copied": Text(ja="コピーしました: {text}", en="Copied: {text}"),
    "opened": Text(ja="レポートを開きました: {path}", en="Opened: {path}"),
    "report-none": Text(ja="診断が終わるとレポートを開けます。", en="There is a report when the run has ended."),
    "crashed": Text(
        ja="画面の内部エラーが発生しました（{kind}、{place}）。診断の結果は保存されています。",
        en="This is a bug in the screens ({kind}, {place}). What the run found is saved.",
    ),
    "run-broke": Text(
        ja="診断ツールの内部エラーで中断しました（{kind}、{place}）。",
        en="This is a bug in diagnose ({kind}, {place}); the run has ended.",
    ),
}

HELP: Mapping[str, Text] = {
    "start": Text(
        ja="行いたい診断を選び、Enter を押してください。\n検索欄に症状や製品名を入力すると候補を絞り込めます。\n"
        "終わっていない診断は、回答を引き継いで続けられます。",
        en="Choose a run and press Enter.\nType a symptom or a product to narrow the list.\n"
        "An unfinished run goes on with the answers that were given.",
    ),
    "run": Text(
        ja="左の一覧は診断の手順です。上下の矢印で選び、Enter で詳細を表示します。\n"
        "右側に、確認した内容と判定の理由を表示します。\nF4 は時間のかかるステップの確認を中止します。\n"
        "F9 で結論を表示します。A キーで回答を変更できます。",
        en="The list on the left is the flowchart. Arrows choose a step, Enter shows its details.\n"
        "On the right: what was seen, and why it was judged so.\nF4 leaves out a step that takes too long.\n"
        "F9 shows the verdict. The A key changes an answer.",
    ),
    "conclusion": Text(
        ja="対処手順を上から順に行い、済んだものに Enter で印を付けてください。\n"
        "終わったら F5 で再確認すると、前回との違いを表示します。\n"
        "解消しない場合は F6 で情報を入力し、F8 で収集してください。",
        en="Follow the remedy from the top; Enter marks what is done.\n"
        "Then F5 checks again and shows what has changed.\n"
        "If it remains, fill in the form (F6) and collect the bundle (F8).",
    ),
    "incident": Text(
        ja="Tab で次の項目へ進みます。選択式の項目は左右の矢印で選びます。\n"
        "日本語の入力が難しい場合は、保存先のファイルをメモ帳で編集することもできます。",
        en="Tab goes to the next field; left and right choose where there are choices.\n"
        "The saved file may be edited with any editor, too.",
    ),
    "bundle": Text(
        ja="Enter で、送付するログを選びます。右側は送付される内容の例です。\nF8 で zip ファイルを作成します。",
        en="Enter chooses which logs leave. On the right: how they will look.\nF8 writes the zip file.",
    ),
    "keys": Text(
        ja="F1 ヘルプ  F2 言語  F3 コマンド  F5 再確認  F6 お問い合わせ情報\n"
        "F7 レポート  F8 情報収集  F9 結論  F10 終了  Esc 戻る",
        en="F1 help  F2 language  F3 commands  F5 re-check  F6 form\n"
        "F7 report  F8 bundle  F9 verdict  F10 quit  Esc back",
    ),
}


def say(name: str, language: Language, **values: object) -> str:
    """The entry of WORDS in that language, with its places filled in."""
    return WORDS[name].in_language(language).format(**values)
