"""`make bench`: ratios within one run, as a table and as JSON lines. `--small` for a quick look, `--book` for the million
policies alone (`make bench BENCH=--book`), `--quotes` for batch quoting alone, `--no-book` for all but the book.

Absolute times say little on a shared machine; the project, plain ORM and raw SQL take turns, so that drift hits all alike.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifeops.settings")
os.environ.setdefault("LIFEOPS_ENV", "test")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from lifeops.cases import escalation  # noqa: E402
from lifeops.cases.models import Case, Clock, ClockRule, Finding  # noqa: E402
from lifeops.cases.perform import perform  # noqa: E402
from lifeops.cases.queues import pool, take_next  # noqa: E402
from lifeops.insight.counters import fold, prove  # noqa: E402
from lifeops.org.models import User  # noqa: E402
from lifeops.policies.models import Policy, PolicySnapshot  # noqa: E402
from tests.bench import rivals  # noqa: E402
from tests.bench.book import book, compare, signed_in  # noqa: E402
from tests.bench.book_fill import TwoBooks  # noqa: E402
from tests.bench.lookups import lookups  # noqa: E402
from tests.bench.measure import at, scans, statements, times  # noqa: E402
from tests.bench.quotes import quotes  # noqa: E402
from tests.bench.scratch import fill, pattern, scratch  # noqa: E402
from tests.cast import Cast, hire  # noqa: E402
from tests.factories import PAPERS, accept, claim_inputs, make_policy, overrides_at_counter, overrides_for  # noqa: E402

SMALL = "--small" in sys.argv
SHALLOW, DEEP = (2_000, 20_000) if SMALL else (10_000, 200_000)
ROUNDS, TAKES, LIVES, DUE, PAGES = (2, 10, 3, 500, 30) if SMALL else (3, 40, 8, 5_000, 120)
BOOK = {"many": 40_000, "few": 10_000, "rounds": 20, "due": 50} if SMALL else {"many": 1_000_000, "few": 10_000, "rounds": 60, "due": 200}
RESULTS: list[dict[str, Any]] = []


def report(name: str, value: float, goal: str, met: bool, **more: Any) -> None:
    RESULTS.append({"name": name, "value": round(value, 3), "goal": goal, "met": met, **more})
    sys.stdout.write(json.dumps(RESULTS[-1], ensure_ascii=False) + "\n")
    sys.stdout.flush()


def in_turns(contenders: dict[str, Callable[[int], list[float]]]) -> dict[str, float]:
    """Median milliseconds per act, the contenders taking turns."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(ROUNDS):
        for name, run in contenders.items():
            found[name].append(median(run(turn)))
    return {name: median(values) for name, values in found.items()}


def versus(name: str, ms: dict[str, float], goal: float) -> None:
    share = ms["plain ORM"] / ms["project"]
    report(f"{name}: project ÷ plain ORM, rate", share, f"≥ {goal}", share >= goal, ms={k: round(v, 2) for k, v in ms.items()},
           of_raw=round(ms["raw SQL"] / ms["project"], 3))


def next_case(cast: Cast, reviewers: list[User]) -> None:
    fresh = iter(reviewers)

    def project(turn: int) -> list[float]:
        people = [next(fresh) for _ in range(TAKES)]
        for person in people:
            person.active_postings()  # read by the page's guard before
        return times([lambda p=p: take_next(p, "claims") for p in people])

    def rival(kind: Any) -> Callable[[int], list[float]]:
        return lambda turn: times([lambda: rivals.next_case(kind(), cast.cl_reviewer)] * TAKES)

    ms = in_turns({"project": project, "plain ORM": rival(rivals.Plain), "raw SQL": rival(rivals.Raw)})
    count = len(statements(lambda: take_next(next(fresh), "claims")))
    versus("next case", ms, 0.6)
    report("next case: statements", count, "≤ 14", count <= 14)


def life(cast: Cast) -> None:
    made = [make_policy(cast.county, cast.clerk).pk for _ in range(3 * ROUNDS * LIVES + 4)]
    # whom a page has found before a step begins is no part of the step
    policies = iter(Policy.objects.filter(pk__in=made).select_related("insured").order_by("pk"))
    claim = claim_inputs()
    reasons: dict[str, dict[str, str]] = {}

    def one() -> Case:
        case = accept(cast, policy=next(policies))
        # what the pages show beforehand is no part of the steps: the reasons typed are those of the first case
        if "counter" not in reasons:
            reasons["counter"] = overrides_at_counter(case)
        perform(case, "pass_precheck", actor=cast.clerk, overrides=reasons["counter"])
        perform(case, "save_record", actor=cast.entry, **claim | {"payee": case.policy.insured.name})
        perform(case, "complete_entry", actor=cast.entry)
        perform(case, "complete_scan", actor=cast.scan, reason="无影像")
        if "line" not in reasons:
            reasons["line"] = overrides_for(case)
        perform(case, "hand_over", actor=cast.clerk, overrides=reasons["line"])
        perform(case, "take", actor=cast.cl_reviewer)
        perform(case, "conclude", actor=cast.cl_reviewer, outcome="PAY", opinion="事实清楚")
        return case

    sample = sample_of(one(), cast)  # once beforehand: imports, caches of rules
    serial = iter(range(10_000))

    def rival(kind: Any) -> Callable[[int], list[float]]:
        def acts() -> Iterator[Callable[[], Any]]:
            for _ in range(LIVES):
                policy = next(policies)
                cover = policy.coverages.values_list("pk", flat=True)[0]  # read outside the clock
                yield lambda policy=policy, cover=cover: rivals.life(kind(), f"BENCH-{next(serial)}", policy, cover, sample)

        return lambda turn: times(acts())

    ms = in_turns({"project": lambda turn: times([one] * LIVES), "plain ORM": rival(rivals.Plain), "raw SQL": rival(rivals.Raw)})
    count = len(statements(one))
    versus("full life of a medical claim", ms, 0.5)
    report("full life: statements", count, "told, no goal", True)


def sample_of(case: Case, cast: Cast) -> rivals.Sample:
    """What a life has left behind, for the rivals to write the like."""
    rows = Finding.objects.filter(case=case).values("stage", "code", "level", "message", "value", "limit", "source")
    stages: dict[str, list[dict[str, Any]]] = {"precheck": [], "entry": []}
    for row in rows:
        stages[row.pop("stage")].append(row)
    record = {f.attname: getattr(case.record, f.attname) for f in case.record._meta.concrete_fields if not f.primary_key}
    return rivals.Sample(
        clerk=cast.clerk, reviewer=cast.cl_reviewer, rules=clocks_of(case), papers=list(PAPERS["CL05"]),
        record=record, findings=stages, kept=PolicySnapshot.objects.get(case_number=case.number).content,
    )


def clocks_of(case: Case) -> list[ClockRule]:
    """The rules of the clocks of a life, in the order in which they started."""
    return [clock.rule for clock in case.clocks.select_related("rule").order_by("pk")]


def queue_pages(cast: Cast) -> None:
    """The same page over a shallow and a deep pool of one table, in turns."""
    found: dict[str, list[float]] = {"claims": [], "servicing": []}
    asked: dict[str, Callable[[], Any]] = {}
    for line, person in (("claims", cast.cl_reviewer2), ("servicing", cast.ps_reviewer2)):
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        url = reverse("cases:queue", args=[line]) + "?tab=pool"
        asked[line] = lambda client=client, url=url: client.get(url)
        times([asked[line]] * 5)
    for _ in range(PAGES):
        for line, act in asked.items():
            found[line] += times([act])
    deep, shallow = at(found["claims"], 0.95), at(found["servicing"], 0.95)
    report(f"queue page: p95 at {DEEP:,} ÷ at {SHALLOW:,} waiting", deep / shallow, "≤ 1.2", deep / shallow <= 1.2,
           ms={"shallow": round(shallow, 1), "deep": round(deep, 1)},
           medians=round(median(found["claims"]) / median(found["servicing"]), 3))
    scanned = scans(statements(asked["claims"]))
    report("queue page: statements that scan", len(scanned), "0", not scanned, scans=scanned)


def boards(books: TwoBooks, manager: Client) -> None:
    """看板 of head office over few and over many cases, in turns; the counts are of the cases as they stand."""
    for size in (False, True):
        books.use(size)
        prove(repair=True)
        fold()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    url = reverse("insight:board")
    found = compare(books, PAGES // 4, lambda n: manager.get(url))
    p95 = {size: at(values, 0.95) for size, values in found.items()}
    share = p95[True] / p95[False]
    report(f"dashboard: p95 at {DEEP:,} ÷ at {SHALLOW:,} cases", share, "≤ 1.2", share <= 1.2,
           ms={"shallow": round(p95[False], 1), "deep": round(p95[True], 1)},
           medians=round(median(found[True]) / median(found[False]), 3))
    books.use(True)
    scanned = scans(statements(lambda: manager.get(url)))
    report("dashboard: statements that scan", len(scanned), "0", not scanned, scans=scanned)


def sweep() -> None:
    now = timezone.now()
    due = list(Clock.objects.running().order_by("-pk").values_list("pk", flat=True)[: 2 * DUE])
    mine, theirs = due[:DUE], due[DUE:]
    Clock.objects.filter(pk__in=theirs).update(next_at=now)
    (raw,) = times([lambda: raw_sweep(now)])
    Clock.objects.filter(pk__in=mine).update(next_at=now)
    (project,) = times([lambda: escalation.escalate_due(now, publish=False)])
    report("sweep: project ÷ raw SQL, time", project / raw, "≤ 3", project / raw <= 3, due=DUE, clocks=DEEP,
           ms={"project": round(project), "raw SQL": round(raw)})
    steady = median(times([lambda: escalation.escalate_due(now, publish=False)] * 20))
    found = scans(statements(lambda: escalation.escalate_due(now, publish=False)))
    report("sweep with nothing due: ms", steady, "no scan", not found, scans=found)


def raw_sweep(now: Any) -> None:
    """Mark and tell in one statement; no hash, nobody asked who is to be told."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH k AS (UPDATE cases_clock SET level = level + 1, next_at = NULL WHERE stopped_at IS NULL AND next_at <= %s "
            "RETURNING id, case_id), c AS (UPDATE cases_case SET event_seq = event_seq + 1 FROM k WHERE cases_case.id = k.case_id "
            "RETURNING cases_case.id, event_seq, state, version) "
            "INSERT INTO cases_caseevent (case_id, seq, step, label, from_state, to_state, version, reason, data, at, prev_hash, hash) "
            "SELECT id, event_seq, 'clock.level1', 'x', state, state, version, '', '{}', %s, '', repeat('0', 64) FROM c", [now, now],
        )


def run() -> None:
    with scratch() as cast:
        case = pattern(cast)
        reviewers = [hire(f"bench{n}", "cl_reviewer", cast.hq, staff_no=f"B{n:04d}") for n in range(ROUNDS * TAKES * 2 + 4)]
        life(cast)
        fill(case, SHALLOW, "servicing", "PS02")
        manager = signed_in(cast.manager)
        books = TwoBooks()
        try:
            books.use(True)
            fill(case, DEEP, "claims", "CL05")
            boards(books, manager)
            books.use(True)
            queue_pages(cast)
            next_case(cast, reviewers)
            first = pool(cast.cl_reviewer2, "claims", timezone.now()).order_by("rank", "due_at", "pk")[:1]
            found = scans(statements(lambda: list(first)))
            report("next case: statements that scan", len(found), "0", not found, scans=found)
            sweep()
            quotes(report)
            assert Case.objects.filter(number__startswith=case.number).exists()
        finally:
            books.drop()


def table() -> str:
    head = f"{'what':58} {'value':>9}  {'goal':14} met"
    rows = [f"{r['name']:58} {r['value']:>9}  {r['goal']:14} {'yes' if r['met'] else 'NO'}" for r in RESULTS]
    return "\n".join([head, *rows])


def run_book() -> None:
    with scratch() as cast:
        lookups(cast, report)
        book(cast, report, **BOOK)


def run_quotes() -> None:
    with scratch():
        quotes(report)


if __name__ == "__main__":
    if "--quotes" in sys.argv:
        run_quotes()
    else:
        if "--book" not in sys.argv:
            run()
        if "--no-book" not in sys.argv:
            run_book()
    sys.stdout.write("\n" + table() + "\n")
