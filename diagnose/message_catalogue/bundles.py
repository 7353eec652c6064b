"""About support bundles: the incident form, what is written, what is left out."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "bundle-left-out": (
        "含めなかったファイルが {count} 件あります（理由は manifest.json の left_out にあります）",
        "{count} file(s) were left out; manifest.json says why under left_out",
    ),
    "bundle-proven": (
        "確認しました: 元の名前 {values} 件は、書き込んだ {size} のどこにも残っていません",
        "proven: none of {values} original values is left in the {size} that were written",
    ),
    "bundle-replay-differs": (
        "匿名化により、次の手順は再判定の結果が変わります: {steps}",
        "what could not be shown changes the verdict of these steps when it is judged again: {steps}",
    ),
    "bundle-too-large": (
        "サポート窓口の上限（{limit}）を超えています。--fit を小さくするか、分けて送ってください",
        "this is more than the ticket takes ({limit}); give a smaller --fit, or send it another way",
    ),
    "bundle-written": (
        "作成しました: {path}（{size}、ファイル {count} 件）",
        "written: {path} ({size}, {count} files)",
    ),
    "bundle-working": ("採取しています: {done} / {total}", "collecting: {done} of {total}"),
    "map-kept": (
        "仮名の対応表は {path} に保存しました。この表は送らないでください",
        "what the pseudonyms stand for is kept in {path}; do not send that file",
    ),
    "map-not-kept": (
        "仮名の対応表を {folder} に保存できませんでした（{error}）。仮名を元に戻すことはできません",
        "what the pseudonyms stand for could not be kept in {folder} ({error}); they cannot be turned back",
    ),
    "no-map": (
        "仮名の対応表がありません。--map で指定してください",
        "there is no file that says what pseudonyms stand for; name one with --map",
    ),
    "no-run-kept": (
        "保存された診断がありません。先に diagnose run を実行するか、フォルダを指定してください",
        "no run has been kept; run 'diagnose run' first, or name a run's folder",
    ),
    "plan-absent": ("ありません", "not there"),
    "plan-does-not-fit": (
        "上限に収まりません。古いファイルを除きます（zip の見込み {zip}）",
        "not everything fits; older files are dropped (about {zip} as a zip file)",
    ),
    "plan-fits": ("上限に収まります（zip の見込み {zip}）", "everything fits (about {zip} as a zip file)"),
    "plan-not-applicable": ("対象外", "does not apply here"),
    "plan-older": ("さらに古いファイル {count} 件", "{count} older files"),
    "plan-take-left-out": ("採取対象から除外", "left out by the operator"),
    "plan-take-no-room": ("上限のため除外", "dropped, no room"),
    "plan-take-nothing": ("読み取れません", "cannot be taken"),
    "plan-take-parts": ("先頭・発生時刻付近・末尾のみ", "beginning, time of the incident and end"),
    "plan-take-whole": ("全体", "whole"),
    "plan-total": ("採取する量: {taken}（見つかったもの {found}）", "to be collected: {taken} of {found} found"),
    "plan-unseen": ("確認できません", "could not be looked at"),
    "preview-locked": (
        "ほかのプログラムが使用しているため、読み取れません",
        "another program keeps this file to itself at the moment",
    ),
    "preview-long-line": (
        "1 行が長すぎるため、内容の例を表示できません",
        "its last line is too long to be shown",
    ),
    "preview-not-text": (
        "テキストファイルではないため、zip ファイルに含まれません",
        "this is no text file, so it stays out of the bundle",
    ),
    "preview-unplanned": ("採取対象のファイルではありません", "this file is not among those to be collected"),
    "preview-unreadable": ("ファイルを読み取れません（{reason}）", "this file cannot be read ({reason})"),
    "ticket-left-out": ("（操作者が採取対象から除外）", " (left out by the operator)"),
    "verify-content": ("ファイル {count} 件（{size}）を照合しました", "{count} files ({size}) were compared"),
    "verify-failed": ("{path}: 問題が {count} 件あります", "{path}: {count} problem(s)"),
    "verify-made": (
        "診断 {run}、diagnose {tool}、{time} 作成",
        "run {run}, made by diagnose {tool} at {time}",
    ),
    "verify-ok": ("{path}: 問題はありません", "{path}: nothing is wrong"),
    "verify-proof": (
        "匿名化の確認: 元の名前 {values} 件のうち、残っているもの {hits} 件",
        "redaction: of {values} original values, {hits} are left",
    ),
    "help-bundle": (
        "サポート窓口に送る zip ファイルを作成します。ログ、診断結果、事象の詳細を匿名化して入れます。\n\n"
        "RUN は diagnose run の結果のフォルダです。省くと、最後に保存された診断を使います。\n\n"
        "\b\n例:\n"
        "  diagnose bundle --list\n"
        "  diagnose bundle ./result --output ticket.zip --incident affected_count=12\n"
        "  diagnose bundle ./result --form incident.yaml --fit 25MB\n"
        "  diagnose bundle ./result --encrypt-to age1...\n"
        "  diagnose bundle --reveal reply.txt",
        "Make the zip file for the vendor's ticket: logs, result and incident form, with every name replaced.\n\n"
        "RUN is the folder of a 'diagnose run'; without it the last run that was kept.\n\n"
        "\b\nExamples:\n"
        "  diagnose bundle --list\n"
        "  diagnose bundle ./result --output ticket.zip --incident affected_count=12\n"
        "  diagnose bundle ./result --form incident.yaml --fit 25MB\n"
        "  diagnose bundle ./result --encrypt-to age1...\n"
        "  diagnose bundle --reveal reply.txt",
    ),
    "help-bundle-around": (
        "事象の発生時刻（例: '2026-11-20 08:30'、または日付だけ）。大きなログから、その前後も採取します。",
        "When it happened, such as '2026-11-20 08:30' or a day: of large logs that time is taken too.",
    ),
    "help-bundle-encrypt-to": (
        "窓口の age 公開鍵で暗号化します。繰り返し指定できます。",
        "Encrypt to the vendor's age public key; may be repeated.",
    ),
    "help-identity": (
        "age の秘密鍵のファイル。暗号化された zip ファイルを開きます。",
        "File with the age secret key that opens an encrypted bundle.",
    ),
    "help-passphrase": (
        "パスフレーズで暗号化または復号します。端末で尋ね、端末でなければ標準入力の 1 行目を読みます。",
        "Encrypt or decrypt with a passphrase: asked for at a terminal, else the first line of stdin.",
    ),
    "help-bundle-fit": (
        "サポート窓口の上限（例: 25MB）。収まるように古いログから除きます。",
        "What the ticket takes, such as 25MB; older logs are dropped until it fits.",
    ),
    "help-bundle-form": (
        "事象の詳細を書いた YAML ファイル（項目: 値）。",
        "YAML file with the incident form, field: value.",
    ),
    "help-bundle-incident": (
        "事象の詳細の 1 項目。繰り返し指定できます。",
        "One field of the incident form; may be repeated.",
    ),
    "help-bundle-list": (
        "作成せずに、何をどれだけ採取するかを表示します。",
        "Show what would be collected and how large it is, and write nothing.",
    ),
    "help-bundle-map": (
        "使用する仮名の対応表。同じ名前が以前のファイルと同じ仮名になります。",
        "A kept file of pseudonyms: the same names get the same pseudonyms as before.",
    ),
    "help-bundle-output": (
        "作成する zip ファイル。省くと、現在のフォルダに診断の名前で作成します。",
        "The zip file to write; by default one named after the run, in the current folder.",
    ),
    "help-bundle-reveal": (
        "窓口からの返信などの文章（またはファイル）にある仮名を、元の名前に戻して表示します。",
        "Print a text or a file, such as the vendor's answer, with pseudonyms turned back into names.",
    ),
    "help-verify": (
        "作成された zip ファイルが欠けておらず、改変されておらず、匿名化が確認されているかを調べます。",
        "Check that a bundle is whole and unchanged, and that its redaction was proven.",
    ),
    "passphrase": ("パスフレーズを入力してください", "the passphrase, please"),
    "passphrase-again": ("もう一度入力してください", "once more, please"),
    "passphrase-differs": ("2 回の入力が一致しません", "the two passphrases differ"),
    "passphrase-long": (
        "パスフレーズは {limit} 文字以内で入力してください",
        "the passphrase has more than {limit} characters",
    ),
    "passphrase-new": ("暗号化に使うパスフレーズを入力してください", "a passphrase to encrypt with, please"),
    "bundle-smaller": (
        "{size} になり上限を超えたため、採取するログを減らして作り直します",
        "it became {size}, more than the limit; making it again with fewer logs",
    ),
    "around-form": (
        "「{text}」は時刻ではありません。'2026-11-20 08:30' または 2026-11-20 のように指定してください",
        "'{text}' is no time; write it like '2026-11-20 08:30' or 2026-11-20",
    ),
    "size-form": (
        "「{text}」は大きさではありません。25MB のように指定してください",
        "'{text}' is no size; write it like 25MB",
    ),
    "map-invalid": (
        "仮名の対応表のファイルではありません",
        "this is not a file of pseudonyms and what they stand for",
    ),
    "form-mapping": (
        "事象の詳細は「項目: 値」の形式で記入してください",
        "the incident form must be lines of 'field: value'",
    ),
    "unknown-form-field": (
        "事象の詳細に「{name}」という項目はありません",
        "the incident form has no field '{name}'",
    ),
}
