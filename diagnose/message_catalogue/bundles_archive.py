"""About bundles as files: writing, verifying, encrypting."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "bundle-unwritable": ("バンドルを書き込めません: {error}", "cannot write the bundle: {error}"),
    "bundle-target-folder": (
        "ここにはフォルダがあります。バンドルのファイル名を指定してください",
        "this is a folder; name a file for the bundle",
    ),
    "bundle-target-taken": (
        "書き込み中に別の処理が同じバンドルを作り始めました。もう一度実行してください",
        "another run has begun to write the same bundle meanwhile; run it again",
    ),
    "bundle-manifest-leaks": (
        "マニフェストに元の値（種類: {kind}）が残っているため、バンドルを作成しませんでした",
        "an original value (kind: {kind}) is left in the manifest, so no bundle was made",
    ),
    "bundle-no-member": ("バンドルに「{name}」はありません", "the bundle holds no '{name}'"),
    "bundle-no-recording": (
        "バンドルに記録されたマシン（machine/）が入っていません",
        "the bundle holds no recorded machine (machine/)",
    ),
    "bundle-folder-not-empty": (
        "フォルダが空ではありません。新しいフォルダを指定してください",
        "this folder is not empty; name a new one",
    ),
    "age-recipient": (
        "「{value}」は age の公開鍵ではありません。age1 で始まる 62 文字の鍵を指定してください",
        "'{value}' is no age public key; it has 62 characters and begins with age1",
    ),
    "age-no-recipient": (
        "公開鍵かパスフレーズのどちらか一方を指定してください",
        "give either public keys or a passphrase",
    ),
    "age-passphrase-empty": ("パスフレーズが空です", "the passphrase is empty"),
    "age-no-identity": (
        "このファイルに age の秘密鍵（AGE-SECRET-KEY-1 で始まる行）がありません",
        "this file holds no age secret key (a line that begins with AGE-SECRET-KEY-1)",
    ),
    "age-not-age": ("age で暗号化されたファイルではありません", "this file is not encrypted with age"),
    "age-wrong-key": (
        "この鍵またはパスフレーズでは復号できません",
        "this key or passphrase does not open the file",
    ),
    "age-too-much-work": (
        "パスフレーズの計算量が大きすぎます（上限 2^{limit}）",
        "the passphrase asks for too much work (limit 2^{limit})",
    ),
    "age-damaged": (
        "暗号化されたファイルが途中で切れているか、壊れています",
        "the encrypted file is cut off or damaged",
    ),
    "bundle-fault-in": ("ファイル「{member}」: {fault}", "member '{member}': {fault}"),
    "bundle-fault-detail": ("{fault}（詳細: {detail}）", "{fault} (detail: {detail})"),
    "bundle-fault-not-a-zip": (
        "zip ファイルではないか、途中で切れています",
        "this is not a zip file, or it is cut off",
    ),
    "bundle-fault-age-file": (
        "age で暗号化されています。先に復号してください",
        "this is encrypted with age; decrypt it first",
    ),
    "bundle-fault-directory": ("zip の目録が壊れています", "the directory of the zip is damaged"),
    "bundle-fault-split": (
        "分割された zip は扱えません",
        "a zip in several volumes cannot be read",
    ),
    "bundle-fault-zip64": (
        "zip64 形式は使われないはずです",
        "a bundle never uses zip64 records",
    ),
    "bundle-fault-too-many-members": ("ファイルの数が多すぎます", "too many members"),
    "bundle-fault-total-too-large": (
        "展開後の合計サイズが大きすぎます",
        "the members are too large together",
    ),
    "bundle-fault-hidden-bytes": (
        "どのファイルにも属さないバイトがあります",
        "there are bytes that belong to no member",
    ),
    "bundle-fault-seal-missing": (
        "封印がありません。別のプログラムで作り直された可能性があります",
        "the seal is missing; another program may have packed this again",
    ),
    "bundle-fault-seal-broken": (
        "封印が一致しません。作成後に変更されたか、壊れています",
        "the seal does not match; the file was changed or damaged after it was made",
    ),
    "bundle-fault-overlap": ("ほかのファイルと重なっています", "it overlaps another member"),
    "bundle-fault-headers-disagree": (
        "zip の目録とヘッダーの内容が一致しません",
        "the directory and the header of the zip disagree",
    ),
    "bundle-fault-encrypted-member": ("zip のパスワードで暗号化されています", "it is encrypted with a zip password"),
    "bundle-fault-method": ("対応していない圧縮形式です", "it is packed in a way that bundles do not use"),
    "bundle-fault-not-a-file": (
        "通常のファイルではありません（リンクやフォルダ）",
        "it is not a regular file but a link or a folder",
    ),
    "bundle-fault-extra-field": (
        "使われないはずの追加情報が付いています",
        "it has an extra field, which bundles do not use",
    ),
    "bundle-fault-member-too-large": ("大きすぎます", "it is too large"),
    "bundle-fault-ratio": (
        "圧縮率が異常です（展開すると膨大になるファイルの疑い）",
        "its compression ratio is abnormal; this may be a decompression bomb",
    ),
    "bundle-fault-damaged": ("内容が壊れています", "its content is damaged"),
    "bundle-fault-name-encoding": ("名前の文字コードが正しくありません", "its name is not valid UTF-8"),
    "bundle-fault-name-absolute": (
        "名前が絶対パスまたはドライブ名です",
        "its name is an absolute path or has a drive letter",
    ),
    "bundle-fault-name-parent": ("名前に「..」が含まれています", "its name leads out of the bundle with '..'"),
    "bundle-fault-name-backslash": ("名前に「\\」が含まれています", "its name has a backslash"),
    "bundle-fault-name-invisible": (
        "名前に制御文字または見えない文字が含まれています",
        "its name has control, invisible or bidirectional characters",
    ),
    "bundle-fault-name-device": (
        "名前が Windows のデバイス名です",
        "its name is that of a Windows device",
    ),
    "bundle-fault-name-too-long": ("名前が長すぎます", "its name is too long"),
    "bundle-fault-name-unsafe": (
        "名前に Windows で使えない文字や末尾があります",
        "its name has characters or an ending that Windows does not take",
    ),
    "bundle-fault-name-twice": (
        "同じ名前（大文字と小文字の違いだけを含む）が 2 回あります",
        "its name stands twice, perhaps in another case",
    ),
    "bundle-fault-manifest-missing": ("マニフェストがありません", "the manifest is missing"),
    "bundle-fault-manifest-malformed": ("マニフェストを読み取れません", "the manifest cannot be understood"),
    "bundle-fault-manifest-key-twice": (
        "マニフェストに同じキーが 2 回あります",
        "a key stands twice in the manifest",
    ),
    "bundle-fault-manifest-schema": (
        "マニフェストの形式（schema）が違います",
        "the manifest has another schema",
    ),
    "bundle-fault-not-in-manifest": ("マニフェストに載っていません", "the manifest does not list it"),
    "bundle-fault-member-missing": (
        "マニフェストにありますが、バンドルに入っていません",
        "the manifest lists it, but the bundle does not hold it",
    ),
    "bundle-fault-listed-twice": ("マニフェストに 2 回載っています", "the manifest lists it twice"),
    "bundle-fault-size-differs": ("サイズがマニフェストと一致しません", "its size is not that of the manifest"),
    "bundle-fault-hash-differs": (
        "SHA-256 がマニフェストと一致しません",
        "its SHA-256 is not that of the manifest",
    ),
    "bundle-fault-proof-missing": (
        "匿名化の検査記録がありません",
        "there is no record that the redaction was proven",
    ),
    "bundle-fault-proof-hits": (
        "匿名化の検査で元の値が見つかっています",
        "the proof of the redaction has found original values",
    ),
    "bundle-fault-proof-doubtful": (
        "匿名化の検査記録がバンドルの内容と合いません",
        "the record of the redaction's proof does not fit the bundle",
    ),
}
