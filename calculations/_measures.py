"""The six measures against a large update, weighed for one environment: what speaks for each, what against it.

They are those of the ESET operation guide "base updates" (4.1 and 4.2, tables 2 to 8). The guide says what each is good
for and calls sizes small, medium and large without numbers; the weights and the two numbers here are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from calculations._amounts import number
from calculations._update_plan import Plan
from diagnose.text import Text

MEDIUM, LARGE = 100, 1000
"""Clients from which on an environment counts as medium or large."""


@dataclass(frozen=True, slots=True)
class Environment:
    """None: not known."""

    plan: Plan
    mirror_overloaded: bool
    mirrors_needed: int
    web_server: bool
    managed: bool | None
    can_change_network: bool | None
    can_change_settings: bool | None

    @property
    def line_overloaded(self) -> bool:
        return not self.plan.line_fits

    @property
    def sites_overloaded(self) -> bool:
        return self.plan.sites_fit is False

    @property
    def large(self) -> bool:
        return self.plan.clients >= LARGE

    @property
    def small(self) -> bool:
        return self.plan.clients < MEDIUM

    @property
    def clients(self) -> str:
        return number(self.plan.clients)


@dataclass(frozen=True, slots=True)
class Reason:
    weight: int
    """How much it speaks for the measure; below zero against it. IMPOSSIBLE ends the matter."""
    text: Text


IMPOSSIBLE = -1000


@dataclass(frozen=True, slots=True)
class Measure:
    id: str
    number: int
    """Of the guide."""
    title: Text
    weigh: Callable[[Environment], Iterator[Reason]]


def _no_settings() -> Reason:
    return Reason(
        IMPOSSIBLE,
        Text(
            ja="クライアントの設定を変更できないため、使えません。",
            en="It cannot be used, because the settings of the clients cannot be changed.",
        ),
    )


def _no_network() -> Reason:
    return Reason(
        IMPOSSIBLE,
        Text(
            ja="サーバーやネットワーク機器を追加、変更できないため、使えません。",
            en="It cannot be used, because neither servers nor network devices can be added or changed.",
        ),
    )


def _spread(where: Environment) -> Iterator[Reason]:
    plan = where.plan
    overloaded = where.line_overloaded or where.sites_overloaded
    if where.can_change_settings is False:
        yield _no_settings()
    elif plan.groups is None:
        yield Reason(
            IMPOSSIBLE,
            Text(
                ja="1台分の取得だけで時間枠を超えるため、時間を分けても効果がありません。",
                en="A single download already takes longer than the window, so other times do not help.",
            ),
        )
    elif overloaded and plan.within_a_day:
        yield Reason(
            3,
            Text(
                ja=f"{number(plan.groups)} グループに分けて {plan.interval} 分ずつずらすと、時間枠に収まります。",
                en=f"In {number(plan.groups)} groups, {plan.interval} minutes apart, it fits the window.",
            ),
        )
    elif overloaded:
        yield Reason(
            -2,
            Text(
                ja=f"{number(plan.groups)} グループが必要で、1日では一巡しません。",
                en=f"It takes {number(plan.groups)} groups, more than have their turn on one day.",
            ),
        )
    if where.mirror_overloaded:
        yield Reason(
            1,
            Text(
                ja="同時に接続する台数が減り、ミラーサーバーの負荷が軽くなります。",
                en="Fewer clients connect at a time, which eases the mirror server.",
            ),
        )
    if where.can_change_network is False:
        yield Reason(
            2,
            Text(
                ja="サーバーやネットワークを変えずに実施できます。",
                en="Neither servers nor network have to be changed.",
            ),
        )
    if where.managed:
        yield Reason(
            1,
            Text(
                ja="スケジュールの変更を管理サーバーから一括で配布できます。",
                en="The management server can send the new schedules to everyone.",
            ),
        )
    if where.managed is False:
        yield Reason(
            -1 if where.small else -3,
            Text(
                ja=f"管理サーバーがないため、{where.clients} 台の設定を1台ずつ変更する手間がかかります。",
                en=f"Without a management server, {where.clients} clients have to be set one by one.",
            ),
        )
    if where.large:
        yield Reason(
            -1, Text(ja="小～中規模の環境に向く方法です。", en="It suits small and medium environments better.")
        )


def _web_server(where: Environment) -> Iterator[Reason]:
    if not where.plan.mirrors:
        yield Reason(
            IMPOSSIBLE,
            Text(
                ja="公開するミラーサーバーがありません。使う場合は、先にミラーサーバーを構築します。",
                en="There is no mirror server to publish; it would have to be built first.",
            ),
        )
    elif where.web_server:
        yield Reason(
            IMPOSSIBLE,
            Text(ja="すでに Web サーバーで公開しています。", en="A web server publishes the mirror already."),
        )
    if where.mirror_overloaded:
        yield Reason(
            5,
            Text(
                ja="1台のミラーサーバーに多くのクライアントが接続するため、多数の接続に強い IIS が適しています。",
                en="Many clients connect to one mirror server, and IIS is made for many connections.",
            ),
        )
    if where.line_overloaded:
        yield Reason(
            1,
            Text(
                ja="帯域や接続数を制限して、ほかの通信への影響を抑えられます（送る量は減りません）。",
                en="Bandwidth and connections can be limited to spare other traffic; the amount stays the same.",
            ),
        )
    if where.sites_overloaded:
        yield Reason(
            -1, Text(ja="拠点の回線を通る量は減りません。", en="What passes the lines of the sites does not get less.")
        )
    if where.can_change_network is False:
        yield Reason(
            -2,
            Text(
                ja="ミラーサーバーに IIS の役割を追加する必要があります。",
                en="The role IIS has to be added to the mirror server.",
            ),
        )
    if not where.small:
        yield Reason(1, Text(ja="中～大規模の環境に向く方法です。", en="It suits medium and large environments."))


def _site_mirrors(where: Environment) -> Iterator[Reason]:
    plan = where.plan
    if where.can_change_settings is False:
        yield _no_settings()
    if where.can_change_network is False:
        yield _no_network()
    if plan.mirror_at_site:
        yield Reason(
            -3, Text(ja="拠点にはすでにミラーサーバーがあります。", en="The sites have mirror servers already.")
        )
    elif where.sites_overloaded:
        yield Reason(
            6,
            Text(
                ja="拠点の回線を通る量が、ミラーサーバー1台分だけになります。",
                en="Only one download, that of the mirror server, passes the line of each site.",
            ),
        )
    elif plan.sites:
        yield Reason(
            2,
            Text(
                ja=f"拠点が {plan.sites} か所あり、取得先を分けられます。",
                en=f"There are sites ({plan.sites}) among which the downloads can be divided.",
            ),
        )
    if where.mirror_overloaded:
        yield Reason(
            2,
            Text(
                ja=f"ミラーサーバーを {number(where.mirrors_needed)} 台にすると、1台あたりの目安に収まります。",
                en=f"With {number(where.mirrors_needed)} mirror servers, each has as many clients as it should.",
            ),
        )
    if where.line_overloaded:
        yield Reason(
            3 if not plan.mirrors else 2,
            Text(
                ja="取得先が分かれ、1本の回線を通る量が大幅に減ります。",
                en="The downloads are divided, and much less passes each line.",
            ),
        )
    if where.managed is False and not where.small:
        yield Reason(
            -2,
            Text(
                ja=f"管理サーバーがないため、{where.clients} 台のアップデート先を1台ずつ変更する手間がかかります。",
                en=f"Without a management server, {where.clients} clients have to be given new servers one by one.",
            ),
        )
    yield Reason(
        -1, Text(ja="ミラーサーバーの構築と管理が必要です。", en="Mirror servers have to be built and looked after.")
    )


def _task(where: Environment) -> Iterator[Reason]:
    if where.managed is False:
        yield Reason(
            IMPOSSIBLE,
            Text(
                ja="クライアントを管理サーバーで管理していないため、使えません。",
                en="It cannot be used, because no management server manages the clients.",
            ),
        )
    if where.can_change_settings is False:
        yield _no_settings()
    if where.line_overloaded or where.sites_overloaded or where.mirror_overloaded:
        yield Reason(
            1,
            Text(
                ja="一部のクライアントで確認してから、任意の時刻に少しずつ更新できます。",
                en="A few clients can go first, and the others in parts at any time.",
            ),
        )
    if where.managed is None:
        yield Reason(
            -1,
            Text(
                ja="管理サーバーで管理している場合だけ使えます。",
                en="It needs a management server that manages the clients.",
            ),
        )
    yield Reason(
        -2 if where.large else -1,
        Text(ja="アップデートのたびに配布の操作が必要です。", en="The task has to be sent at every update."),
    )


def _shaping(where: Environment) -> Iterator[Reason]:
    if where.can_change_network is False:
        yield _no_network()
    if where.can_change_settings is False:
        yield Reason(
            4,
            Text(
                ja="クライアントの設定を変えずに実施できます。",
                en="The settings of the clients do not have to be changed.",
            ),
        )
    if where.line_overloaded or where.sites_overloaded:
        yield Reason(
            2,
            Text(
                ja="更新に使う帯域を抑え、ほかの通信を守れます（完了までの時間は延びます）。",
                en="It limits what updates may use and spares other traffic; updates then take longer.",
            ),
        )
    elif where.mirror_overloaded:
        yield Reason(
            -1,
            Text(
                ja="ミラーサーバーに接続する台数は減りません。",
                en="As many clients as before connect to the mirror server.",
            ),
        )
    if where.large:
        yield Reason(
            -1, Text(ja="小～中規模の環境に向く方法です。", en="It suits small and medium environments better.")
        )
    yield Reason(
        -1,
        Text(
            ja="帯域制御ができるネットワーク機器が必要です。", en="Network devices that can limit bandwidth are needed."
        ),
    )


def _offline(where: Environment) -> Iterator[Reason]:
    plan = where.plan
    if where.can_change_settings is False:
        yield _no_settings()
    if plan.groups is None:
        yield Reason(
            5,
            Text(
                ja="回線が細く、1台分の取得も時間枠に収まらないため、回線を使わない方法が適しています。",
                en="Not even one download fits the window; here a way without the line is best.",
            ),
        )
    elif where.sites_overloaded or where.line_overloaded:
        yield Reason(1, Text(ja="回線に負荷がかかりません。", en="It puts no load on the line."))
    weight = -1 if where.small else -6 if where.large else -3
    yield Reason(
        weight,
        Text(
            ja=f"アップデートのたびに {where.clients} 台を1台ずつ操作する手間がかかります。",
            en=f"At every update, {where.clients} clients have to be updated one by one.",
        ),
    )


MEASURES = (
    Measure(
        "spread",
        1,
        Text(ja="クライアントのアップデート時間を分散する", en="Spread the update times of the clients"),
        _spread,
    ),
    Measure(
        "web-server",
        2,
        Text(ja="IIS サーバーで検出エンジンを公開する", en="Publish the mirror with IIS"),
        _web_server,
    ),
    Measure(
        "site-mirrors",
        3,
        Text(ja="拠点ごとにミラーサーバーを構築する", en="Build a mirror server at each site"),
        _site_mirrors,
    ),
    Measure(
        "task",
        4,
        Text(ja="管理サーバーからアップデートタスクを配布する", en="Send update tasks from the management server"),
        _task,
    ),
    Measure(
        "shaping",
        5,
        Text(ja="ネットワーク機器で帯域を制御する", en="Limit the bandwidth with network devices"),
        _shaping,
    ),
    Measure(
        "offline",
        6,
        Text(ja="USB メモリなどでオフライン更新する", en="Update offline from USB sticks or discs"),
        _offline,
    ),
)
