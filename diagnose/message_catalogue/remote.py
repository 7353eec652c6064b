"""`diagnose remote`: help, what is wrong with its options, and what is said while hosts are worked on."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "help-remote": (
        "SSH で接続したほかのコンピュータで診断します。プログラムを 1 つのファイルとして送り、実行し、結果を受け取り、"
        "送ったものを削除します。HOST は user@host:port の形で指定します（ssh_config の名前も使えます）。\n\n\b\n例:\n"
        "  diagnose remote pc-0423 admin@192.0.2.7 --flow clamav/definitions\n"
        "  diagnose remote --hosts hosts.txt --output ./結果 --lang ja\n"
        "  diagnose remote pc-0423 --program diagnose-windows-x64.zip --bundle\n"
        "  diagnose remote --hosts 結果/missing.txt --output ./結果\n\n\b\n"
        "終了コード: 0 すべて問題なし、1 問題または要確認、2 指定の誤り、3 判定できず、\n"
        "4 接続できないコンピュータあり、5 診断ツールの失敗あり（5、4、1、3 の順に優先）、130 中断",
        "Runs on other computers over SSH: one file is put there, run, its result fetched, and all of it removed. "
        "HOST is user@host:port; names of your ssh_config will do.\n\n\b\nExamples:\n"
        "  diagnose remote pc-0423 admin@192.0.2.7 --flow clamav/definitions\n"
        "  diagnose remote --hosts hosts.txt --output ./result\n"
        "  diagnose remote pc-0423 --program diagnose-windows-x64.zip --bundle\n"
        "  diagnose remote --hosts result/missing.txt --output ./result\n\n\b\n"
        "Exit codes: 0 all pass, 1 warn or fail, 2 wrong input, 3 could not decide,\n"
        "4 a host was unreachable, 5 the tool failed on a host (5 before 4 before 1 before 3), 130 interrupted",
    ),
    "help-remote-hosts": (
        "接続先を 1 行に 1 つずつ書いたファイル（# 以降は注釈）。",
        "A file with one host a line; # begins a comment.",
    ),
    "help-remote-flow": (
        "診断する製品、または製品とフロー。省くと、それぞれのコンピュータで検出します。",
        "Product, or product and flow; without it, each computer detects its own.",
    ),
    "help-remote-output": (
        "結果を保存するフォルダ（index.html、summary.json、コンピュータごとのフォルダ）。以前の結果があれば、置き換えるか追加します。",
        "Folder for index.html, summary.json and a folder a host. What an earlier run left there is replaced or kept.",
    ),
    "help-remote-machine": (
        "接続先のコンピュータの代わりに、接続先にある記録（フォルダ）を診断します。",
        "A recorded machine's folder on the hosts, instead of the hosts themselves.",
    ),
    "help-remote-bundle": (
        "サポート窓口に送るファイルも接続先で作成し、受け取ります。",
        "Also make a support bundle on each host, and fetch it.",
    ),
    "help-remote-fit": ("--bundle のサイズの上限。", "How large a bundle may be."),
    "help-remote-program": (
        "送るプログラム（diagnose-windows-x64.zip、または --save-program で作成したファイル）。繰り返し指定できます。",
        "What is put on hosts: diagnose-windows-x64.zip, or what --save-program wrote. May be given several times.",
    ),
    "help-remote-save-program": (
        "このプログラムを、同じ OS と Python 向けの 1 つのファイルとして保存し、終了します。",
        "Write this program as one file for hosts with the same system and Python, and end.",
    ),
    "help-remote-at-once": ("同時に診断する台数。", "How many hosts at a time."),
    "help-remote-connect-timeout": ("接続の制限時間（秒）。", "Time to connect, in seconds."),
    "help-remote-known-hosts": (
        "ホスト鍵のファイル。指定すると、ほかの known_hosts は使いません。",
        "A file of host keys, instead of the usual known_hosts.",
    ),
    "help-remote-identity": (
        "サインインに使う秘密鍵。繰り返し指定できます。",
        "A private key to sign in with. May be given several times.",
    ),
    "help-remote-ssh-config": ("ssh の設定ファイル。", "A configuration file of ssh, instead of your own."),
    "help-remote-ask-password": (
        "サインインのパスワードを端末で尋ねます（すべての接続先で同じ）。",
        "Ask at the terminal for the password to sign in with, the same for all hosts.",
    ),
    "help-remote-password-fd": (
        "サインインのパスワードを、この番号のファイル記述子から 1 行読み取ります。",
        "Read the password from this file descriptor, one line.",
    ),
    "host-form": (
        "「{text}」は接続先として正しくありません（例: user@host:22、[2001:db8::7]:22）",
        "'{text}' names no host; write user@host:22 or [2001:db8::7]:22",
    ),
    "host-user": ("「{text}」のアカウント名は使えません", "'{text}': no such form of an account"),
    "host-port": (
        "「{text}」のポート番号は 1 から 65535 で書いてください",
        "'{text}': a port is a number from 1 to 65535",
    ),
    "host-none": ("接続先がありません", "no host is named"),
    "host-many": ("接続先が多すぎます（上限 {limit}）", "too many hosts (limit {limit})"),
    "ssh-missing": (
        "ssh と sftp が見つかりません。OpenSSH クライアントをインストールしてください",
        "ssh and sftp are not here; install the OpenSSH client",
    ),
    "ssh-path": ("このパスは ssh に渡せません", "a path with these characters cannot be given to ssh"),
    "password-here": (
        "Windows からの接続ではパスワードを使えません。鍵またはエージェントを使用してください",
        "passwords cannot be used from a Windows computer; use a key or an agent",
    ),
    "password-form": (
        "パスワードが空か、長すぎるか、使えない文字があります",
        "the password is empty, too long, or holds characters that cannot be handed over",
    ),
    "password-fd": (
        "ファイル記述子 {number} を読み取れません: {error}",
        "cannot read from file descriptor {number}: {error}",
    ),
    "password-twice": (
        "--ask-password と --password-fd は同時に指定できません",
        "--ask-password and --password-fd cannot be combined",
    ),
    "password-terminal": (
        "端末ではないため、パスワードを尋ねられません。--password-fd を使用してください",
        "this is no terminal at which a password could be asked for; use --password-fd",
    ),
    "password-prompt": ("接続先のパスワード", "Password of the hosts"),
    "program-not-one": (
        "diagnose のプログラムではありません（diagnose-windows-x64.zip か --save-program のファイルを指定します）",
        "this is no program of ours; take diagnose-windows-x64.zip, or what --save-program wrote",
    ),
    "program-not-here": (
        "この環境のプログラムは 1 つのファイルにできません。diagnose-windows-x64.zip をそのまま指定してください",
        "this installation cannot be made into one file; name diagnose-windows-x64.zip itself",
    ),
    "program-saved": (
        "保存しました: {path}（{size}、{system}、Python {python}）",
        "saved: {path} ({size}, {system}, Python {python})",
    ),
    "remote-output": (
        "このフォルダには別のものが入っています。新しいフォルダか、以前のリモート診断の結果のフォルダを指定してください",
        "this folder holds something else; name a new one, or one of an earlier remote run",
    ),
    "remote-summary": (
        "以前のリモート診断の summary.json を読めません: {detail}",
        "the summary.json of an earlier remote run cannot be read: {detail}",
    ),
    "remote-rules-large": (
        "追加のルールが大きすぎます（上限 {limit} バイト）",
        "these rules are too large to be sent (limit {limit} bytes)",
    ),
    "remote-connecting": ("接続しています", "connecting"),
    "remote-sending": ("プログラムを送信しています", "sending the program"),
    "remote-running": ("診断しています", "running"),
    "remote-fetching": ("結果を受信しています", "fetching the result"),
    "remote-removing": ("送ったものを削除しています", "removing what was put there"),
    "remote-left": (
        "フォルダ {folder} が残っている可能性があります",
        "the folder {folder} may still be there",
    ),
    "remote-bundle-missing": (
        "サポート窓口に送るファイルはありません: {problem}",
        "there is no bundle: {problem}",
    ),
    "remote-progress": (
        "{total} 台中 {done} 台が終わりました（実行中 {running} 台）",
        "{done} of {total} hosts done, {running} at work",
    ),
    "remote-totals": ("{hosts} 台（{counts}）", "Hosts: {hosts} ({counts})"),
    "remote-kept": ("結果を保存しました: {folder}", "result saved: {folder}"),
}
