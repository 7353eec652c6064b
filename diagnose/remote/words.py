"""What became of a host, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.remote.outcomes import HostRecord, Reason, State
from diagnose.report.words import GLYPHS, STATUS_WORDS
from diagnose.run.result import Status
from diagnose.text import Text

STATE_WORDS: Mapping[State, Text] = {
    State.DONE: Text(ja="診断済み", en="Diagnosed"),
    State.UNREACHABLE: Text(ja="接続できず", en="Unreachable"),
    State.TOOL_FAILED: Text(ja="診断ツールの失敗", en="Tool failed"),
    State.NOT_RUN: Text(ja="未実施", en="Not run"),
}
STATE_STATUS: Mapping[State, Status] = {
    State.UNREACHABLE: Status.BLOCKED,
    State.TOOL_FAILED: Status.ERROR,
    State.NOT_RUN: Status.NOT_CHECKED,
}
"""Whose sign and colour a state has."""

REASONS: Mapping[Reason, Text] = {
    Reason.NAME_NOT_RESOLVED: Text(ja="ホスト名を解決できません", en="its name cannot be resolved"),
    Reason.REFUSED: Text(
        ja="接続が拒否されました（SSH サーバが動いていないか、ポート番号が違います）",
        en="the connection was refused: no SSH server is running, or it has another port",
    ),
    Reason.NO_ROUTE: Text(ja="ネットワークに経路がありません", en="there is no route to it"),
    Reason.TIMEOUT: Text(
        ja="応答がありません（電源が切れているか、途中のファイアウォールで止められています）",
        en="it does not answer: it is switched off, or a firewall is in between",
    ),
    Reason.CLOSED: Text(ja="接続がすぐに切断されました", en="it closed the connection at once"),
    Reason.NO_COMMON_ALGORITHM: Text(
        ja="暗号方式が一致しません（SSH サーバが古い可能性があります）",
        en="no cipher or key type in common: its SSH server may be an old one",
    ),
    Reason.HOST_KEY_UNKNOWN: Text(
        ja="ホスト鍵が登録されていないため接続しません。指紋を管理者に確認し、一度 ssh で接続して登録するか、"
        "--known-hosts で鍵のファイルを指定してください",
        en="its host key is not known, so it was not trusted. Compare the fingerprint with its administrator's, then "
        "sign in once with ssh to accept it, or name a file of keys with --known-hosts",
    ),
    Reason.HOST_KEY_CHANGED: Text(
        ja="ホスト鍵が登録時と違うため接続しません。再インストールの予定がなければ、なりすましの可能性があります。"
        "管理者に確認してから、古い鍵を ssh-keygen -R で削除してください",
        en="its host key is another one than before, so it was not trusted. Unless it was reinstalled, somebody may be "
        "in between. Ask its administrator before you remove the old key with ssh-keygen -R",
    ),
    Reason.DENIED: Text(
        ja="サインインできません（アカウント、鍵、パスワードのどれかが受け付けられませんでした）",
        en="it does not let us sign in: account, key or password was not accepted",
    ),
    Reason.NOT_CONNECTED: Text(ja="接続できません", en="no connection"),
    Reason.NO_ANSWER: Text(
        ja="サインインはできましたが、コマンドを実行できません",
        en="signed in, but no command can be run there",
    ),
    Reason.NO_PYTHON: Text(ja="Python 3 がありません", en="there is no Python 3, and the program needs one there"),
    Reason.NO_PROGRAM: Text(
        ja="この環境で動くプログラムがありません。--program で指定してください",
        en="there is no program for such a computer; name one with --program",
    ),
    Reason.NO_SPACE: Text(
        ja="プログラムを置ける場所がありません（空き容量、書き込み、実行の許可のどれかが不足しています）",
        en="there is no folder with enough space in which programs may run",
    ),
    Reason.STALLED: Text(ja="転送が止まりました", en="the transfer came to a stop"),
    Reason.LATE: Text(ja="制限時間内に終わりませんでした", en="it did not end in its time"),
    Reason.DROPPED: Text(ja="途中で接続が切れました", en="the connection was lost"),
    Reason.REFUSED_ORDER: Text(ja="診断を開始できませんでした", en="the program there could not begin"),
    Reason.CRASHED: Text(ja="プログラムが結果を残さずに終了しました", en="the program ended without a result"),
    Reason.GARBAGE: Text(ja="結果ではないものが送られてきました", en="what it sent is no result"),
    Reason.TOO_LARGE: Text(ja="送られてきたものが大きすぎます", en="what it sent is too large"),
    Reason.OTHER_RUN: Text(
        ja="今回とは別の診断の結果が送られてきました", en="what it sent is the result of another run"
    ),
    Reason.INVALID_RESULT: Text(ja="結果の形式が正しくありません", en="its result is not valid"),
    Reason.NOT_KEPT: Text(ja="結果を保存できません", en="the result could not be kept here"),
    Reason.OUR_BUG: Text(
        ja="diagnose の不具合です。開発元にお知らせください", en="this is a bug in diagnose; please report it"
    ),
    Reason.INTERRUPTED: Text(ja="中断しました", en="interrupted"),
}

BUNDLE_LATE = Text(ja="制限時間内に作成できませんでした", en="it was not finished in its time")

PAGE: Mapping[str, Text] = {
    "remote": Text(ja="リモート診断", en="Remote diagnosis"),
    "remote-found": Text(
        ja="{hosts} 台のうち {judged} 台を診断し、{found} 台で問題または要確認の点が見つかりました",
        en="{judged} of {hosts} computers were diagnosed; {found} of them have a problem or need attention",
    ),
    "remote-clean": Text(
        ja="{hosts} 台のうち {judged} 台を診断し、問題は見つかりませんでした",
        en="{judged} of {hosts} computers were diagnosed; no problem was found",
    ),
    "remote-undecided": Text(
        ja="{hosts} 台のうち {judged} 台を診断し、そのうち {unknown} 台は判定できませんでした",
        en="{judged} of {hosts} computers were diagnosed; {unknown} of them could not be decided",
    ),
    "remote-nothing": Text(
        ja="{hosts} 台のどれも診断できませんでした", en="None of {hosts} computers could be diagnosed"
    ),
    "remote-unfinished": Text(
        ja="この診断は途中で終わっています。未実施のコンピュータがあります。",
        en="This run did not finish. Some computers were not looked at.",
    ),
    "remote-counts": Text(ja="結果の内訳", en="Results"),
    "remote-hosts": Text(ja="診断したコンピュータ", en="Computers that were diagnosed"),
    "remote-missing": Text(ja="結果がないコンピュータ", en="Computers without a result"),
    "remote-missing-meaning": Text(
        ja="「接続できず」はコンピュータの状態がわからないこと、「診断ツールの失敗」は接続後に診断できなかったことを表します。"
        "どちらも、そのコンピュータに問題があるという意味ではありません。"
        "missing.txt を使って、これらだけをもう一度診断できます。",
        en="'Unreachable' says that nothing is known about the computer, 'Tool failed' that we were connected and got "
        "no result. Neither means that the computer has a fault. With missing.txt they alone can be run again.",
    ),
    "remote-host": Text(ja="接続先", en="Host"),
    "remote-what": Text(ja="主な原因", en="Main cause"),
    "remote-why": Text(ja="理由", en="Reason"),
    "remote-count": Text(ja="台数", en="Computers"),
    "remote-bundle": Text(ja="サポート窓口に送るファイル", en="Support bundle"),
    "remote-left": Text(ja="接続先に残っている可能性があるフォルダ", en="Folder that may still be on the host"),
}


def status_of(record: HostRecord) -> Status:
    """Whose sign and colour it has."""
    return Status(record.verdict.outcome) if record.verdict is not None else STATE_STATUS[record.state]


def standing_word(record: HostRecord) -> Text:
    """What is said first of a host. A fault of the tool never has a word of the computer's faults."""
    if record.verdict is not None:
        return STATUS_WORDS[Status(record.verdict.outcome)]
    return STATE_WORDS[record.state]


def glyph(record: HostRecord) -> str:
    return GLYPHS[status_of(record)]
