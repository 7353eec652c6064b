"""Run results as a flow would make them, for the tests of everything that reads results."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace

from diagnose.machine.values import Reason
from diagnose.run.reasons import reason_text
from diagnose.run.result import (
    AnsweredBy,
    CauseResult,
    EvidenceLabel,
    FactRecord,
    FlowInfo,
    MachineInfo,
    OsInfo,
    Outcome,
    ProductInfo,
    QuestionResult,
    RunInfo,
    RunResult,
    Status,
    StepError,
    StepResult,
    UnseenRecord,
)
from diagnose.text import Language, Lines, Text

TOKYO = timezone(timedelta(hours=9))
STARTED = datetime(2026, 11, 21, 9, 0, 12, tzinfo=TOKYO)
MISC = "HKLM\\SOFTWARE\\WOW6432Node\\TrendMicro\\PC-cillinNTCorp\\CurrentVersion\\Misc. : NoProgramUpgrade"

TITLES = {
    "waited": Text(ja="アップグレード完了までの待機", en="Time given to the upgrade"),
    "license": Text(ja="ライセンスの状態", en="Licence state"),
    "update-scope": Text(ja="アップデート設定権限の確認", en="Update permission scope"),
    "update-source": Text(ja="アップデート元の確認", en="Update source"),
    "signing-certificates": Text(ja="署名用ルート証明書の確認", en="Root certificates for signatures"),
    "connectivity": Text(ja="サーバとの通信確認", en="Connection to the server"),
    "system-requirements": Text(ja="システム要件の確認", en="System requirements"),
    "reinstall": Text(ja="上書きインストールの前提確認", en="Prerequisites of an overwrite install"),
    "collect": Text(ja="調査用ログの収集", en="Logs for the vendor"),
}
WHY = Text(
    ja="この設定が有効な場合、エージェントはパターンファイルだけを更新し、プログラムは更新しません。",
    en="With this setting the agent updates its patterns only and never the program.",
)


def step(step_id: str, status: Status = Status.PASS, **changes: Any) -> StepResult:
    plain = StepResult(
        id=step_id,
        title=TITLES.get(step_id, Text(ja=f"ステップ {step_id}", en=f"Step {step_id}")),
        status=status,
        evidence={},
        facts={},
        because=Text(ja="基準を満たしています。", en="It meets what is needed."),
        cause=None,
        started=STARTED,
        duration_s=0.42,
        why=WHY,
        source="KA-0009550 手順 2",
    )
    return replace(plain, **changes)


def cause(cause_id: str, step: str, status: Status = Status.FAIL, explained_by: str | None = None) -> CauseResult:
    return CauseResult(
        id=cause_id,
        step=step,
        status=status,
        explained_by=explained_by,
        title=Text(ja=f"{cause_id} の説明", en=f"Title of {cause_id}"),
        because=Text(ja=f"{cause_id} を示す値が見つかりました。", en=f"A value that shows {cause_id} was found."),
        remedy=Lines(
            ja=("管理コンソールを開きます。", "設定を保存します。"), en=("Open the console.", "Save the setting.")
        ),
        source="KA-0009550 https://success.example.com/ja-JP/solution/KA-0009550",
    )


def unseen(name: str = "update.last_success", reason: Reason = Reason.DENIED) -> UnseenRecord:
    return UnseenRecord(
        name=name,
        title=Text(ja="最後に成功したアップデートの日時", en="Time of the last successful update"),
        reason=reason,
        reason_text=reason_text(reason),
        where=r"C:\Program Files (x86)\Trend Micro\Security Agent\AU_Data\AU_Log\TmuDump.txt",
        detail="[WinError 5] アクセスが拒否されました。",
    )


def healthy() -> RunResult:
    return RunResult(
        run=RunInfo(
            id="20261121-090012-pc-0423",
            started=STARTED,
            finished=STARTED + timedelta(seconds=18),
            duration_s=18.3,
            tool_version="0.1.0",
            rules_digest="sha256:9f3a6c1e5b7d",
            language="ja",
            interrupted=False,
        ),
        machine=MachineInfo(
            hostname="営業-PC-0423",
            platform="windows",
            os=OsInfo(name="Windows 10 Pro", version="10.0.19045", build=19045, ubr=3570),
            architecture="x86_64",
            recorded=False,
            elevated=True,
        ),
        product=ProductInfo(
            id="apex-one",
            name=Text(ja="Trend Micro Apex One", en="Trend Micro Apex One"),
            role="agent",
            role_title=Text(ja="セキュリティエージェント", en="security agent"),
            version="14.0.0.12032",
        ),
        flow=FlowInfo(
            id="agent-upgrade",
            title=Text(ja="エージェントのアップグレードが完了しない", en="The agent's upgrade does not complete"),
            source="KA-0009550",
        ),
        outcome=Outcome.PASS,
        primary_cause=None,
        causes=(),
        steps=tuple(
            step(name, labels={"build": label("ビルド", "Build", "12032", MISC)}, evidence={"build": 12032})
            for name in TITLES
        ),
        questions=(
            QuestionResult(
                id="license_status",
                text=Text(
                    ja="管理コンソールに表示されているライセンスの状態は？",
                    en="Which licence state does the console show?",
                ),
                answer="active",
                answer_text=Text(ja="有効", en="Active"),
                answered_by=AnsweredBy.OPERATOR,
            ),
            QuestionResult(
                id="hours_since_start",
                text=Text(ja="アップグレードの開始から何時間経過しましたか？", en="How many hours since it started?"),
                answer=None,
                answer_text=None,
                answered_by=AnsweredBy.DEFAULT,
            ),
        ),
        incident={},
    )


def label(ja: str, en: str, value: str, source: str = "") -> EvidenceLabel:
    return EvidenceLabel(title=Text(ja=ja, en=en), value=Text(ja=value, en=value), source=source)


def failing() -> RunResult:
    """One cause, with labelled evidence, a fact with its source, a measured value without a label, and an incident."""
    found = replace(
        cause("update-scope-excludes-program", "update-scope"),
        title=Text(
            ja="アップデート設定でプログラムの更新が除外されています", en="The update settings leave the program out"
        ),
        because=Text(
            ja="エージェントの設定 NoProgramUpgrade が 1 であり、コンソールの設定も「パターンファイルのみ」です。",
            en="The agent's setting NoProgramUpgrade is 1, and the console says 'patterns only'.",
        ),
        remedy=Lines(
            ja=(
                "Web コンソールで［エージェント］＞［エージェント管理］を開き、対象のエージェントを選びます。",
                "［設定］＞［権限とその他の設定］＞［その他の設定］タブを開きます。",
                "［セキュリティエージェントでアップデートするコンポーネント］で「すべてのコンポーネント」を選び、保存します。",
                "30 分待ってから、エージェントのビルド番号を確認します。",
            ),
            en=(
                "In the web console open Agents > Agent Management and select the agent.",
                "Open Settings > Privileges and Other Settings > Other Settings.",
                "Under 'Security agents only update the following components' choose 'All components' and save.",
                "Wait 30 minutes, then look at the agent's build number.",
            ),
        ),
    )
    scope = step(
        "update-scope",
        Status.FAIL,
        because=found.because,
        cause=found.id,
        evidence={"program_upgrade": "blocked", "witnesses": 2, "hosts": ["10.1.2.3", "10.1.2.4"]},
        labels={"program_upgrade": label("プログラムのアップグレード", "Program upgrade", "ブロック (blocked)", MISC)},
        facts={
            "agent.version": FactRecord(
                value="14.0.0.11110",
                source="HKLM\\SOFTWARE\\WOW6432Node\\TrendMicro\\PC-cillinNTCorp\\CurrentVersion\\Misc. : TmListen_Ver",
                title=Text(ja="エージェントのバージョン", en="Agent version"),
            ),
            "server.name": FactRecord(value=None, source=""),
        },
    )
    return with_steps(healthy(), Outcome.FAIL, [found], scope, incident={"affected_count": 12, "社内番号": "INC-7"})


def two_causes() -> RunResult:
    """A clock that explains an untrusted certificate, and one more cause on its own."""
    clock = cause("clock-wrong", "waited")
    tls = cause("tls-untrusted", "connectivity", explained_by="clock-wrong")
    disk = cause("disk-below-minimum", "system-requirements", Status.WARN)
    steps = (
        step("waited", Status.FAIL, cause=clock.id),
        step("connectivity", Status.FAIL, cause=tls.id, duration_s=75.4),
        step("system-requirements", Status.WARN, cause=disk.id),
    )
    return with_steps(healthy(), Outcome.FAIL, [tls, clock, disk], *steps, primary="clock-wrong")


def undecided() -> RunResult:
    """Nothing found, and things that could not be seen for several reasons; run without privilege."""
    result = healthy()
    steps = (
        step("license", Status.UNKNOWN, because=None, unseen=(unseen("license.status", Reason.NOT_ANSWERED),)),
        step("update-source", Status.BLOCKED, because=None, unseen=(unseen(),)),
        step(
            "connectivity",
            Status.ERROR,
            because=None,
            error=StepError(reason="timed_out", detail="deadline 20 s"),
            unseen=(unseen("tls.answer", Reason.TIMED_OUT),),
        ),
        step(
            "reinstall",
            Status.NOT_APPLICABLE,
            because=None,
            skipped_because=Text(ja="対象外です。", en="It does not apply."),
        ),
    )
    machine = replace(result.machine, elevated=False, recorded=True)
    return replace(with_steps(result, Outcome.UNKNOWN, [], *steps), machine=machine)


def interrupted() -> RunResult:
    result = healthy()
    rest = tuple(
        step(name, Status.NOT_CHECKED, because=None, started=None, duration_s=None, skipped_because=INTERRUPTED)
        for name in list(TITLES)[4:]
    )
    run = replace(result.run, interrupted=True, finished=None)
    return replace(with_steps(result, Outcome.PASS, [], *rest), run=run)


INTERRUPTED = Text(ja="操作者が診断を中断しました。", en="The operator stopped the run.")
HOSTILE = (
    "<script>alert('侵入')</script> <img src=https://evil.example/x.png onerror=alert(1)> ]]> --> &lt; \" ' `a` | "
    "**b** {{ 7*7 }} {% raw %} \x00\x1b[31m\u202egpj.exe\ud800"
)
LONG_PATH = "C:\\Program Files (x86)\\" + "とても長いフォルダー名\\" * 60 + "TmListen.exe"


def hostile() -> RunResult:
    """Every text that could come from the machine holds markup, control characters or far too much."""
    both = Text(ja=HOSTILE, en=HOSTILE)
    bad = replace(
        cause("log-signature", "license"),
        title=both,
        because=both,
        remedy=Lines(ja=(HOSTILE, "a" * 5000), en=(HOSTILE, "a" * 5000)),
        source="javascript:alert(1) " + HOSTILE,
    )
    records = {
        HOSTILE: FactRecord(value=HOSTILE, source=LONG_PATH, title=both),
        "long": FactRecord(value="値" * 30_000, source=HOSTILE),
        "nested": FactRecord(value={"鍵": [{HOSTILE: None}, 2**70, 1.5, True]}, source=""),
    }
    steps = (
        step(
            "license",
            Status.FAIL,
            title=both,
            because=both,
            why=both,
            cause=bad.id,
            facts=records,
            evidence={"raw": HOSTILE, "list": ["あ", None, False], "deep": _deep(5000)},
            labels={"x": EvidenceLabel(title=both, value=both, source=HOSTILE)},
            unseen=(replace(unseen(), title=None, name=HOSTILE, where=LONG_PATH, detail=HOSTILE),),
            source=HOSTILE,
        ),
        step(HOSTILE, Status.ERROR, title=both, error=StepError(reason=HOSTILE, detail=HOSTILE)),
    )
    result = with_steps(healthy(), Outcome.FAIL, [bad], *steps, incident={HOSTILE: HOSTILE})
    question = QuestionResult(id=HOSTILE, text=both, answer=HOSTILE, answer_text=None, answered_by=AnsweredBy.FILE)
    product = replace(result.product, name=both, role=HOSTILE, role_title=None, version=HOSTILE)
    machine = replace(result.machine, hostname=HOSTILE)
    return replace(
        result, questions=(question,), product=product, machine=machine, flow=replace(result.flow, title=both)
    )


def _deep(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def every_kind() -> dict[str, RunResult]:
    return {
        "healthy": healthy(),
        "failing": failing(),
        "two_causes": two_causes(),
        "undecided": undecided(),
        "interrupted": interrupted(),
        "hostile": hostile(),
    }


def with_steps(
    result: RunResult,
    outcome: Outcome,
    causes: list[CauseResult],
    *steps: StepResult,
    primary: str | None = None,
    incident: dict[str, Any] | None = None,
) -> RunResult:
    """The result with these steps in the place of those with the same id, or behind the others."""
    changed = {one.id: one for one in steps}
    merged = [changed.pop(one.id, one) for one in result.steps]
    return replace(
        result,
        outcome=outcome,
        causes=tuple(causes),
        primary_cause=primary or (causes[0].id if causes else None),
        steps=(*merged, *changed.values()),
        incident=incident or {},
    )


every_kind_of_result = pytest.mark.parametrize("result", every_kind().values(), ids=every_kind().keys())
every_language = pytest.mark.parametrize("language", list(Language))
