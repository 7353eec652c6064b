"""The sentences behind `diagnose.messages`: id to (Japanese, English), in `str.format` notation."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "did-you-mean": ("「{name}」ではありませんか", "did you mean '{name}'?"),
    "file-not-found": ("ファイルがありません", "no such file"),
    "file-unreadable": ("ファイルを読めません: {error}", "cannot read this file: {error}"),
    "file-too-large": ("ファイルが大きすぎます（上限 {limit} バイト）", "this file is too large (limit {limit} bytes)"),
    "not-utf8": ("UTF-8 のテキストではありません", "this is not UTF-8 text"),
    "yaml-several-documents": (
        "1 つのファイルに書ける YAML 文書は 1 つだけです",
        "only one YAML document is allowed in a file",
    ),
    "yaml-too-deep": (
        "値が多すぎるか、入れ子が深すぎます（深さ {depth}、値 {values} 個まで）",
        "too many values or too deeply nested (limit: depth {depth}, {values} values)",
    ),
    "yaml-alias": ("アンカー（&）とエイリアス（*）は使えません", "anchors (&) and aliases (*) are not allowed"),
    "yaml-tag": (
        "タグ {tag} は使えません。「!」で始まる値は引用符で囲んでください",
        "tag {tag} is not allowed; quote a value that starts with !",
    ),
    "yaml-key": ("キーは単純な語で書いてください", "a key must be a plain word"),
    "yaml-key-twice": ("キー「{key}」が 2 回書かれています", "key '{key}' stands here twice"),
    "yaml-syntax": ("YAML の書き方が正しくありません: {error}", "not valid YAML: {error}"),
    "yaml-quote-hint": (
        "条件式は一重引用符で囲むか、「|」の次の行に書いてください",
        "put conditions in single quotes, or on their own line after |",
    ),
    "unknown-field": ("「{name}」という項目はありません", "unknown field '{name}'"),
    "missing-field": ("項目「{name}」がありません", "field '{name}' is missing"),
    "invalid-value": ("値「{value}」は使えません", "'{value}' is not an allowed value"),
    "wrong-type": ("値の型が違います: {detail}", "wrong type of value: {detail}"),
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
    "expected-got": ("{expected} が必要ですが、{got} が書かれています", "expected {expected}, got {got}"),
    "unknown-product": ("製品「{name}」は登録されていません", "unknown product '{name}'"),
    "unknown-flow": ("製品「{product}」にフロー「{name}」はありません", "product '{product}' has no flow '{name}'"),
    "id-not-folder": ("id「{id}」がフォルダー名と一致しません", "id '{id}' differs from the folder's name"),
    "id-not-file": ("id「{id}」がファイル名と一致しません", "id '{id}' differs from the file's name"),
    "folder-not-found": ("フォルダーがありません", "no such folder"),
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
        "情報源は 1 項目に 1 種類だけ書きます（system、registry、ini、log、command、file、answer）",
        "a source names exactly one of system, registry, ini, log, command, file, answer",
    ),
    "unknown-system-field": ("コンピューターの項目「{name}」はありません", "the computer has no field '{name}'"),
    "bad-pattern": ("正規表現が正しくありません: {error}", "not a valid RE2 pattern: {error}"),
    "pattern-groups": ("正規表現には括弧のグループが 1 つ必要です", "the pattern needs exactly one group"),
    "fact-cycle": ("情報項目「{name}」が自分自身を参照しています", "fact '{name}' refers to itself"),
    "reg-encoding": (
        "文字コードを判別できません（UTF-16、UTF-8、Shift_JIS のいずれかで保存してください）",
        "cannot tell the text encoding (save the file as UTF-16, UTF-8 or Shift_JIS)",
    ),
    "reg-header": (
        "レジストリファイルの先頭行は「{expected}」でなければなりません",
        "a registry file must start with the line '{expected}'",
    ),
    "reg-key": ("キーの行が「]」で終わっていません", "this key line does not end with ]"),
    "reg-hive": (
        "「{key}」は HKEY_LOCAL_MACHINE などのハイブ名で始まっていません",
        "'{key}' does not start with a hive such as HKEY_LOCAL_MACHINE",
    ),
    "reg-value-without-key": (
        "値の前に [キー] の行がありません",
        "a value stands here before any [key] line",
    ),
    "reg-line": (
        "キーでも値でもコメントでもない行です",
        "this line is neither a key nor a value nor a comment",
    ),
    "reg-name": (
        '値は「"名前"=データ」または「@=データ」の形で書いてください',
        'write a value as "name"=data or @=data',
    ),
    "reg-value": (
        'データは "文字列"、dword:、hex:、hex(種類): のいずれかで書いてください',
        'data must be "text", dword:, hex: or hex(type):',
    ),
    "reg-unfinished-text": (
        '文字列の終わりの「"」が正しい位置にありません。文字列の中では \\ は \\\\、" は \\" と書きます',
        'the closing quote of this text is missing or misplaced; inside text write \\\\ for \\ and \\" for "',
    ),
    "reg-escape": (
        "文字列の中の「{text}」は使えません。\\ は \\\\ と書きます",
        "'{text}' means nothing inside text; write \\\\ for a backslash",
    ),
    "reg-hex": (
        "16 進データは 2 桁の数をコンマで区切って書いてください",
        "hexadecimal data must be pairs of digits with commas between them",
    ),
    "reg-rest": ("行の終わりに余分な文字があります", "unexpected characters at the end of this line"),
    "reg-too-many": (
        "値またはキーが多すぎるか、深すぎます（値 {values} 個、キー {keys} 個、深さ {depth} まで）",
        "too many values or keys, or too deep (limit: {values} values, {keys} keys, depth {depth})",
    ),
    "machine-windows-not-yet": (
        "この版は Windows パソコンを直接は調べられません。記録（machine/）を --machine で指定してください",
        "this version cannot examine a Windows PC directly yet; name a recording (a machine/ folder) with --machine",
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
    "folder-unwritable": ("フォルダーに書き込めません: {error}", "cannot write to this folder: {error}"),
    "choose-flow": (
        "製品「{product}」のフローを指定してください: {flows}",
        "product '{product}' has several flows; name one of: {flows}",
    ),
    "no-cases": ("シナリオ（case.yaml）がありません", "no scenario (case.yaml) here"),
    "no-recording": (
        "この実行には記録（machine フォルダー）がないため、再判定できません",
        "this run has no recording (folder machine), so it cannot be judged again",
    ),
    "saved": ("結果を保存しました: {folder}", "Saved in {folder}"),
    "not-saved": (
        "結果を {folder} に保存できません（{error}）。診断は続けます",
        "Cannot save in {folder} ({error}); the run goes on",
    ),
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
    "bad-number": (
        "{name} には {low} から {high} までの数値を指定してください",
        "{name} takes a number from {low} to {high}",
    ),
    "option-without-value": ("オプション {name} の値を指定してください", "option {name} needs a value"),
    "extra-argument": ("余分な指定があります: {names}", "unexpected: {names}"),
    "bad-value": ("{name} の値が正しくありません: {detail}", "wrong value for {name}: {detail}"),
    "no-terminal": (
        "端末ではないため画面を表示できません。diagnose run を使用してください",
        "this is no terminal, so there is no screen to show; use: diagnose run",
    ),
    "no-screen-yet": (
        "対話画面はこの版にはまだありません。diagnose run を使用してください",
        "this version has no interactive screen yet; use: diagnose run",
    ),
    "product-any": ("どのコンピューターにも使えます", "for every computer"),
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
    "help-main": (
        "セキュリティ対策ソフトが更新できない、アップグレードできない、接続できない原因を調べます。"
        "コンピューターの設定は変更しません。\n\n\b\n例:\n"
        "  diagnose run                       検出した製品を調べる\n"
        "  diagnose run apex-one/agent-upgrade --lang ja\n"
        "  diagnose run machine/health --output ./結果",
        "Finds out why an endpoint-security agent does not update, upgrade or connect. "
        "It changes nothing on the computer.\n\n\b\nExamples:\n"
        "  diagnose run                       look at what is detected\n"
        "  diagnose run apex-one/agent-upgrade --lang ja\n"
        "  diagnose run machine/health --output ./result",
    ),
    "help-version": ("版を表示します。", "Show the version."),
    "help-lang": ("表示する言語。", "Language of what is shown."),
    "help-rules": (
        "追加のルールのフォルダー（rules/ と同じ構成）。繰り返し指定できます。",
        "A folder with more rules, shaped like rules/. May be given several times.",
    ),
    "help-format": ("標準出力に書く形式。", "Format of what is written to standard output."),
    "help-machine": (
        "このコンピューターの代わりに、記録したコンピューターのフォルダーを使います。",
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
        "結果（result.json、report.html、machine/）を保存するフォルダー。",
        "Folder for result.json, report.html and machine/.",
    ),
    "help-record": (
        "このコンピューターの記録を保存するフォルダー。あとで --machine に指定できます。",
        "Folder for a recording of this machine, for --machine later.",
    ),
    "help-only": ("この手順だけを確認します。", "Look only at this step."),
    "help-skip": ("この手順を確認しません。", "Leave this step out."),
    "help-timeout": ("診断全体の制限時間（秒）。", "Time for the whole run, in seconds."),
    "help-until": ("最初の「問題あり」で終了します。", "End at the first failing step."),
    "help-report": (
        "保存した結果を、別の言語や形式で表示します。RUN は結果のフォルダーです。",
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
    "help-test": (
        "シナリオ（case.yaml と machine/）を実行し、期待した結果と比べます。",
        "Run scenarios (case.yaml and machine/) and compare with what they expect.",
    ),
    "recording-no-folder": ("記録されたマシンのフォルダーがありません", "no such folder of a recorded machine"),
    "recording-no-machine": (
        "machine.yaml がないか、空です。少なくとも「platform: windows」のような行が必要です",
        "machine.yaml is missing or empty; it needs at least a line such as 'platform: windows'",
    ),
    "recording-time": (
        "「{value}」は日時ではありません。2026-11-21T09:00:00+09:00 の形で書いてください",
        "'{value}' is not a time; write it as 2026-11-21T09:00:00+09:00",
    ),
    "recording-outside": (
        "「{name}」は記録のフォルダーの外を指しています",
        "'{name}' lies outside of the recording's folder",
    ),
    "recording-too-many-files": (
        "ファイルが多すぎます（{limit} 個まで）",
        "too many files (limit: {limit})",
    ),
    "recording-drive": (
        "「{name}」はドライブではありません。files/ の直下にはドライブ文字のフォルダー（例: C）を置いてください",
        "'{name}' is not a drive; right under files/ put folders named by drive letter, such as C",
    ),
    "recording-no-certificate": (
        "証明書（DER または PEM）が入っていません",
        "this file holds no certificate (DER or PEM)",
    ),
    "recording-dns-answers": (
        "「{value}」は使えません。アドレスの一覧、または {words} のいずれかを書いてください",
        "'{value}' is not allowed; write a list of addresses, or one of {words}",
    ),
    "recording-empty-command": ("argv が空です", "argv is empty"),
    "recording-base64": ("base64 として読めません", "this is not base64"),
    "not-our-recording": (
        "このフォルダーにはほかのファイルがあります。別のフォルダーを指定してください",
        "this folder holds other files; name another one",
    ),
    "output-is-input": (
        "調べる記録と同じフォルダーには保存できません。別の --output を指定してください",
        "this would replace the recording that is being judged; name another --output",
    ),
    "recording-link-outside": (
        "記録のフォルダーの外を指すリンクは読みません",
        "a link that leads out of the recording's folder is not followed",
    ),
}
