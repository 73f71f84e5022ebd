"""Rows of the benchmarks that are programs of their own and print JSON: `python -m benchmarks` asks them; each runs alone, too."""

import json
import subprocess
import sys
from typing import Any

from benchmarks.table import ROOT, Row

Json = dict[str, Any]  # Any: JSON


def rows(long: bool) -> list[Row]:  # noqa: FBT001  called by the collector
    found = [*routing(long=long), *likeness(), *offers(long=long), *idle(long=long), *complaints(long=long)]
    return [*found, *postgres_router(), *ramp()] if long else found


def asked(name: str, *words: str) -> Json:
    command = [sys.executable, f"benchmarks/{name}.py", *words]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: Json = json.loads(done.stdout)
    return found


def routing(*, long: bool) -> list[Row]:
    found = asked("bench_routing", "--json", *([] if long else ["--quick"]))
    return [Row(one["name"], one["found"], "", one["limit"], not one["at_most"]) for one in found["targets"]]


def likeness() -> list[Row]:
    found = asked("bench_likeness")["parts"]["test"]["meaning"]
    both = found["all"]
    note = f"{100 * both['found_wrongly']:.0f} % of the unlike"
    return [
        Row("like facts told apart, by meaning (AUC)", both["auc"], ""),
        Row("pairs that are alike, found", 100 * both["found"], "%", note=note),
    ]


def offers(*, long: bool) -> list[Row]:
    rates = "5,10,20,30,50" if long else "20"
    found = asked("bench_create_to_offer", "--rates", rates)
    result = []
    for pace in found["paces"]:
        name = f"HTTP create → offer on the agent's socket, {pace['tickets_per_s']:.0f} a second"
        note = f"lost {pace['lost']}, {pace['cpu_busy_pct']:.0f} % of the processors, {sum(pace['cpu_ms_per_ticket'].values()):.0f} ms a ticket"
        target = 300 if pace["tickets_per_s"] == 20 else None
        result += [
            Row(f"{name}, p50", pace["offer_ms_p50"], "ms"),
            Row(f"{name}, p99", pace["offer_ms_p99"], "ms", target, note=note),
        ]
    return result


def idle(*, long: bool) -> list[Row]:
    found = asked(
        "bench_idle_sockets", *(["--sockets", "2000"] if long else ["--sockets", "500", "--seconds", "15"])
    )
    note = f"{found['web_mib_without']:.0f} → {found['web_mib_with']:.0f} MiB, {found['web_cpu_pct_of_one']} % of one processor"
    return [
        Row(f"{found['sockets']} idle sockets, memory of each", found["kib_per_socket"], "KiB", note=note)
    ]


def complaints(*, long: bool) -> list[Row]:
    """The desk with few and with ten times the cases."""
    many = 10_000 if long else 3000
    few, found = (asked("bench_complaints", "--cases", str(n)) for n in (many // 10, many))
    result = []
    for name, title in (("case", "case page"), ("desk", "complaints desk"), ("rules", "rules of one step")):
        key = f"{name}_ms_p95"
        result.append(Row(f"{title}, {many:,} cases, p95", found[key], "ms", found["targets"][key]))
        growth = found[f"{name}_ms_p50"] / few[f"{name}_ms_p50"]
        result.append(Row(f"{title}, {many // 10:,} → {many:,} cases, median", growth, "×", 1.5))
    return result


def postgres_router() -> list[Row]:
    found = asked("bench_router_postgres")
    return [Row("guarded offers, one turn of the router, p50", found["turn_ms_p50"], "ms")]


def ramp() -> list[Row]:
    """The paces that are carried, at a short look; `bench_load.py` says more."""
    found = asked("bench_load", "--rates", "0.5,1,1.5", "--seconds", "40")
    carried = [pace for pace in found["paces"] if pace["seen"].get("p95", 0) <= 150]
    note = "; ".join(
        f"{pace['conversations_per_s']}: p95 {pace['seen'].get('p95', 0)} ms" for pace in found["paces"]
    )
    most = max((pace["conversations_per_s"] for pace in carried), default=0)
    return [
        Row(
            "new conversations a second with p95 ≤ 150 ms",
            most,
            "a second",
            3,
            at_least=True,
            note=f"{note}; lost {found['end']['lost']}",
        )
    ]
