"""`diagnose fleet run`: help, and what is said while Ansible works."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "help-fleet-run": (
        "Ansible を使って、インベントリのすべてのコンピュータで診断します。プログラムを 1 つのファイルとして送り、"
        "実行し、結果を受け取って、送ったものを削除します。接続先に Python は不要です。\n\n"
        "「--」より後ろは、そのまま ansible-playbook に渡します。\n\n\b\n例:\n"
        "  diagnose fleet run -i hosts.ini --flow clamav/definitions --output ./結果\n"
        "  diagnose fleet run -i hosts.ini --limit @結果/missing.txt --output ./結果\n"
        "  diagnose fleet run -i hosts.ini --program diagnose-windows-x64.zip\n"
        "  diagnose fleet run -i hosts.ini -- --become --ask-become-pass\n\n\b\n"
        "終了コード: 0 すべて問題なし、1 問題または要確認、2 指定の誤り、3 判定できず、\n"
        "4 接続できないコンピュータあり、5 診断ツールの失敗あり（5、4、1、3 の順に優先）、130 中断",
        "Runs on all computers of an inventory through Ansible: one file is put there, run, its result fetched, "
        "and all of it removed again. They need no Python.\n\n"
        "What stands behind -- goes to ansible-playbook as it is.\n\n\b\nExamples:\n"
        "  diagnose fleet run -i hosts.ini --flow clamav/definitions --output ./results\n"
        "  diagnose fleet run -i hosts.ini --limit @results/missing.txt --output ./results\n"
        "  diagnose fleet run -i hosts.ini --program diagnose-windows-x64.zip\n"
        "  diagnose fleet run -i hosts.ini -- --become --ask-become-pass\n\n\b\n"
        "Exit codes: 0 all pass, 1 warn or fail, 2 wrong input, 3 could not decide,\n"
        "4 a host was unreachable, 5 the tool failed on a host (5 before 4 before 1 before 3), 130 interrupted",
    ),
    "help-fleet-run-inventory": (
        "Ansible のインベントリ（ファイル、フォルダ、スクリプト、または「host1,host2,」）。繰り返し指定できます。",
        "An inventory of Ansible: a file, a folder, a script, or 'host1,host2,'. May be given several times.",
    ),
    "help-fleet-run-limit": (
        "対象を絞ります（グループ名、コンピュータ名、@ファイル）。",
        "Only these hosts: a group, a pattern, or @FILE with one a line.",
    ),
    "help-fleet-run-forks": (
        "Ansible が同時に扱う台数。",
        "How many hosts Ansible works on at a time.",
    ),
    "help-fleet-run-program": (
        "Windows のコンピュータに送るプログラム（diagnose-windows-x64.zip）。Linux 用はこのプログラムから作成します。",
        "What is put on Windows hosts: diagnose-windows-x64.zip. That for Linux is made of this installation.",
    ),
    "fleet-run-no-ansible": (
        "Ansible がありません。diagnose[fleet-run]、または ansible-core 2.19 以上をインストールしてください",
        "Ansible is not installed; install diagnose[fleet-run], or ansible-core 2.19 or newer",
    ),
    "fleet-run-not-on-windows": (
        "Ansible は Windows では動作しません。WSL か Linux のコンピュータで実行してください",
        "Ansible does not run on Windows; use WSL or a Linux computer",
    ),
    "fleet-run-program": (
        "Windows 用のプログラムではありません（diagnose-windows-x64.zip を指定してください）",
        "this is not the program for Windows; take diagnose-windows-x64.zip",
    ),
    "fleet-run-making": (
        "送信するプログラムを作成しています（この版では初回だけです）",
        "making the program for the hosts (only the first time with this version)",
    ),
    "fleet-run-no-ldd": (
        "送信するプログラムを作成できません（ldd: {error}）",
        "the program for the hosts cannot be made (ldd: {error})",
    ),
    "fleet-run-no-host": ("対象のコンピュータがありません", "no host is named"),
    "fleet-run-refused": ("Ansible を開始できません: {detail}", "Ansible did not begin: {detail}"),
    "fleet-run-warning": ("Ansible の警告: {text}", "Ansible warns: {text}"),
    "fleet-run-stopping": (
        "中断します。接続先に送ったものを削除しています（もう一度 Ctrl+C を押すと待たずに終了します）",
        "stopping; removing what was put on hosts (Ctrl+C again does not wait for that)",
    ),
    "fleet-run-total": (
        "{total} 台中 {done} 台が終わりました（実行中 {running} 台）",
        "{done} of {total} hosts done, {running} at work",
    ),
    "fleet-run-left": (
        "送ったものが {hosts} 台に残っている可能性があります（フォルダは index.html を参照してください）",
        "what was put there may still be on {hosts} host(s); index.html names the folders",
    ),
    "fleet-run-again": (
        "結果がないコンピュータだけをもう一度診断するには: --limit @{file}",
        "to run again only hosts without a result: --limit @{file}",
    ),
}
