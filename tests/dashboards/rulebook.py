"""Rules as pages see them: what `detections` loads has these attributes, and more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Layer:
    """One way to fire."""

    name: str
    kind: str
    window: int | None = None
    at_least: int | None = None
    distinct: list[str] | None = None
    measure: str | None = None
    and_distinct: Any = None
    where: str = "true"
    title_ja: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What people read of a rule."""

    code: str
    title_ja: str
    sentence_ja: str
    nature: str
    clause: Sequence[str]
    clause_quote: str
    layers: Sequence[Layer]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    runbook_ja: str = "台帳で端末と課室を確かめる。\n登録済みの診断でないか確かめる。\n団体へ電話し、切離しを依頼する。\n感染確認の結果を受け取る。\n切離し後に同じ通信がないか見る。"
    action_ja: str = "端末の切離しとマルウェア感染確認"
    attack: Sequence[str] = ()
    false_positives_ja: Sequence[str] = ("資産管理ソフトの探索範囲の設定誤り",)
    incident_class: int = 6
    deny_only: str = "works"
    deny_only_ja: str = "同じ端末の許可された通信は、団体に確かめてください。"


MINUTE = 60_000_000
QUOTE_B = (
    "LGWAN の規約上で許可されているプロトコル(DNS、NTP、SMTP、HTTP、HTTPS、LDAP 等)以外のプロトコルを使用したアクセスを"
    "自動的に遮断(パケットを破棄)し、遮断したアクセスログから、使用されたプロトコルを取得・分析する"
)
QUOTE_C = "不正なファイル交換ソフト(Winny 等)のアクセスに対するアクセスログから通信元を確認し、削除指示を行う"
QUOTE_D = "サービス妨害攻撃を疑われる大量アクセスの通信元を確認し、遮断等の対応を行う"
QUOTE_A = "不正な通信元からのアクセスを自動的に遮断(パケットを破棄)し、遮断したアクセスログから通信元を確認する"

RULES: dict[str, Rule] = {
    "lgwan_source": Rule(
        "LGW-A1",
        "不正な通信元(注８(a))",
        "{terminal}が、団体のどの領域にも属さないアドレスから LGWAN へ接続しようとして、ファイアウォールで止められました。",
        "violation",
        ["MUN-A"],
        QUOTE_A,
        [Layer("no_zone", "match")],
    ),
    "lgwan_protocol": Rule(
        "LGW-B1",
        "許可プロトコル以外の通信(注８(b))",
        "{terminal}が、LGWAN の {dst_count} 台に、許可されていない方式({protocols})で接続しようとして、ファイアウォールで止められました。",
        "violation",
        ["MUN-B"],
        QUOTE_B,
        [Layer("spread", "spread", 10 * MINUTE, 5, ["dst_ip"]), Layer("any", "match")],
        attack=["T1021.002", "T1046"],
        deny_only="reduced",
    ),
    "lgwan_p2p": Rule(
        "LGW-C1",
        "ファイル交換ソフト(注８(c))",
        "{terminal}が、ファイル交換ソフトとみられる方式で {dst_count} 台に接続しようとして、ファイアウォールで止められました。",
        "violation",
        ["MUN-C"],
        QUOTE_C,
        [Layer("fanout", "spread", 10 * MINUTE, 20, ["dst_ip"])],
        deny_only="reduced",
    ),
    "lgwan_mass": Rule(
        "LGW-D1",
        "大量アクセス(注８(d))",
        "{terminal}が、{destinations} へ {attempts} 回の接続を試みて、ファイアウォールで止められました。",
        "violation",
        ["MUN-D"],
        QUOTE_D,
        [Layer("main", "threshold", 10 * MINUTE, 300, measure="attempts")],
    ),
    "flow_allowed": Rule(
        "FLW-16",
        "禁止通信(許可されていた)",
        "{terminal}から {destinations} への、領域をまたぐ通信({ports})が許可されていました。",
        "violation",
        ["FLOW-16"],
        "インターネットにアクセス可能なネットワークとの通信は、直接、間接を問わず禁止すること",
        [Layer("main", "match")],
    ),
    "inside_scan": Rule(
        "SCN-3",
        "内部走査(複数ポート)",
        "{terminal}が、{dst_count} 台の {ports_count} 個のポートを順に調べていました。",
        "precursor",
        ["LOG-5"],
        "庁内ネットワークへの侵入を防御するために",
        [Layer("main", "spread", 10 * MINUTE, 10, ["dst_port"])],
    ),
    "remote_control": Rule(
        "RMT-2",
        "遠隔操作ソフトとみられる通信",
        "{terminal}が、遠隔操作ソフトとみられる方式で {destinations} に接続しようとして、ファイアウォールで止められました。",
        "violation",
        ["FLOW-24"],
        "特定通信としての設定がされており、かつ IP－VPN 等の閉域網または LGWAN で接続されなければならない",
        [Layer("main", "match")],
    ),
    "dns_across": Rule(
        "FLW-12",
        "ほかの領域の DNS への参照",
        "{terminal}が、ほかの領域の DNS({destinations})を参照しようとしました。",
        "misconfiguration",
        ["FLOW-12"],
        "他の領域との通信をできないようにしなければならない",
        [Layer("main", "match")],
    ),
    "config_noise": Rule(
        "CFG-1",
        "設定不備(除外した通信)",
        "{terminal}が、設定の見直しが必要な通信を続けています。",
        "misconfiguration",
        ["OPS-3"],
        "不要なサービスは、不正アクセスによる侵入や悪用に利用される可能性が高いため",
        [Layer("main", "match")],
    ),
    "web_mass": Rule(
        "WEB-1",
        "公開サイトへの大量アクセス",
        "{terminal}から {destinations} へ {count} 回の要求がありました。",
        "intrusion",
        ["WEB-2"],
        QUOTE_D,
        [Layer("main", "threshold", MINUTE, 600, measure="events")],
    ),
}
