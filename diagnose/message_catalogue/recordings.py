"""About recorded machines and their registry files."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
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
    "recording-no-folder": ("記録されたマシンのフォルダがありません", "no such folder of a recorded machine"),
    "recording-no-machine": (
        "machine.yaml がないか、空です。少なくとも「platform: windows」のような行が必要です",
        "machine.yaml is missing or empty; it needs at least a line such as 'platform: windows'",
    ),
    "recording-time": (
        "「{value}」は日時ではありません。2026-11-21T09:00:00+09:00 の形で書いてください",
        "'{value}' is not a time; write it as 2026-11-21T09:00:00+09:00",
    ),
    "recording-outside": (
        "「{name}」は記録のフォルダの外を指しています",
        "'{name}' lies outside of the recording's folder",
    ),
    "recording-too-many-files": (
        "ファイルが多すぎます（{limit} 個まで）",
        "too many files (limit: {limit})",
    ),
    "recording-drive": (
        "「{name}」はドライブではありません。files/ の直下にはドライブ文字のフォルダ（例: C）を置いてください",
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
    "recording-not-a-folder": ("ここにはフォルダが必要です", "this must be a folder"),
    "recording-registry-entry": (
        "registry/ に置けるのは .reg ファイルだけです（例: HKLM.reg）",
        "only .reg files belong into registry/, such as HKLM.reg",
    ),
    "recording-certificate-entry": (
        "証明書ストアのフォルダに置けるのは {suffixes} の証明書だけです。ほかの形式は変換してください",
        "only certificates ({suffixes}) belong into the folder of a store; convert other formats",
    ),
    "recording-store": (
        "「{name}」は証明書ストアのフォルダではありません。使える名前: {stores}",
        "'{name}' is not the folder of a certificate store; allowed: {stores}",
    ),
    "recording-link-outside": (
        "記録のフォルダの外を指すリンクは読みません",
        "a link that leads out of the recording's folder is not followed",
    ),
}
