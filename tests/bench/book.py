"""A million policies beside ten thousand: pages, searches and the day run of two databases, asked in turns.

Keys are such that both answer with the same number of rows, so that what is compared is finding them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lifeops.policies.models import Party, Policy
from lifeops.policies.services.comparing import propose_duplicates
from lifeops.policies.services.life import run_policy_day
from tests.bench.book_fill import KNOWN, LATER, MANY, POPULAR, TwoBooks, grow, make_known, pools, turns
from tests.bench.measure import at, reads, statements, times
from tests.cast import Cast

Report = Callable[..., None]
#: Rows that one statement may look at: pages show twenty to two hundred.
MOST_ROWS = 5_000
BEST_OF = 3


def book(cast: Cast, report: Report, *, many: int, few: int, rounds: int, due: int) -> None:
    rows = pools(cast)
    day_rounds = 3
    slices = 2 * day_rounds + 2
    grow(rows, 1, few, waiting=slices * due)
    make_known(rows)
    clerk, reviewer = signed_in(cast.clerk), signed_in(cast.cl_reviewer2)
    asked = keys(rows)
    books = TwoBooks()
    try:
        books.use(True)
        sys.stderr.write(f"filling {many:,} policies\n")
        (took,) = times([lambda: grow(rows, few + 1, many, waiting=0)])
        sys.stderr.write(f"filled in {took / 1000:.0f} s\n")
        pages(books, report, asked, clerk, reviewer, rounds, many, few)
        day_run(books, report, rows, due, day_rounds, many, few)
        night(books, report)
    finally:
        books.drop()


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def keys(rows: dict[str, Any]) -> dict[str, list[str]]:
    """What is typed, by kind: for names, initials and tails such as fill the page already at the smaller size."""
    first = rows["base"][Party]
    known = Party.objects.filter(pk__gt=first, pk__lte=first + KNOWN)
    full = {
        name: [key for key, n in Party.objects.values_list(name).annotate(n=Count("pk")).order_by("-n")[:KNOWN] if n >= 20]
        for name in ("name", "initials")
    }
    short = [name[:2] for name in Party.objects.values_list("name", flat=True)[:2_000]]
    begins = sorted({s for s in short if short.count(s) >= 5})
    return {
        "policy number": [f"LB{n:09d}" for n in range(1, 8_000, 37)],
        "identity number": [p.id_number for p in known],
        "name": full["name"] + begins,
        "pinyin initials": full["initials"],
        "telephone tail": [f"{n:04d}" for n in range(POPULAR)],
        "telephone number": [p.phone for p in known],
    }


def compare(books: TwoBooks, rounds: int, act: Callable[[int], Any]) -> dict[bool, list[float]]:
    """Each key is asked for three times at either size, in turns, and the best counts: what differs then is the key and the
    size of the book, not what else the machine did."""
    found: dict[bool, list[float]] = {False: [], True: []}
    for size in (False, True):
        books.use(size)
        for n in range(5):
            act(n)
    for n in range(rounds):
        took: dict[bool, list[float]] = {False: [], True: []}
        for size in turns(BEST_OF):
            books.use(size)
            took[size] += times([lambda n=n: act(n)])
        for size, values in took.items():
            found[size].append(min(values))
    return found


def told(report: Report, name: str, found: dict[bool, list[float]], many: int, few: int) -> None:
    p95 = {size: at(values, 0.95) for size, values in found.items()}
    share = p95[True] / p95[False]
    report(
        f"{name}: p95 at {many:,} ÷ at {few:,}", share, "≤ 1.2", share <= 1.2,
        ms={"p50": [round(median(found[s]), 1) for s in (False, True)], "p95": [round(p95[s], 1) for s in (False, True)]},
        medians=round(median(found[True]) / median(found[False]), 3),
    )


def pages(
    books: TwoBooks, report: Report, asked: dict[str, list[str]], clerk: Client, reviewer: Client, rounds: int, many: int, few: int
) -> None:
    acts: dict[str, Callable[[int], Any]] = {}
    numbers = list(asked["policy number"])
    acts["policy page"] = lambda n: ok(reviewer.get(reverse("policies:detail", args=[numbers[n % len(numbers)]])))
    first = Party.objects.order_by("pk").filter(name__gt="").values_list("pk", flat=True)
    people = list(first[: KNOWN])
    acts["customer page"] = lambda n: ok(reviewer.get(reverse("policies:customer", args=[people[n % len(people)]])))
    url = reverse("cases:search")
    for kind, texts in asked.items():
        acts[f"search by {kind}"] = lambda n, texts=texts: ok(clerk.post(url, {"q": texts[n % len(texts)]}))
    # the first customer is the one with two hundred policies
    crowd = compare(books, max(5, rounds // 8), lambda n: ok(reviewer.get(reverse("policies:customer", args=[people[0]]))))
    slow = at(crowd[True], 0.95)
    report(f"page of a customer with {MANY} policies at {many:,}: p95, ms", slow, "≤ 1000", slow <= 1000, ms={
        "p50": [round(median(crowd[s]), 1) for s in (False, True)], "p95": [round(at(crowd[s], 0.95), 1) for s in (False, True)],
    })  # fmt: skip
    for name, act in acts.items():
        told(report, name, compare(books, rounds, act), many, few)
    books.use(True)
    wrong: dict[str, Any] = {}
    for name, act in acts.items():
        for n in range(0, 40, 8):
            wrong |= {sql: f"{name}: {why}" for sql, why in reads(statements(lambda n=n, act=act: act(n)), MOST_ROWS)}
    report("book pages and searches: statements that scan or read more than 5,000 rows", len(wrong), "0", not wrong, found=list(wrong.items())[:20])


def ok(answer: Any) -> Any:
    assert answer.status_code in (200, 302), answer.status_code
    return answer


def wake(rows: dict[str, Any], after: int, due: int, day: date) -> None:
    """The turn of as many policies as are due, after so many that had theirs."""
    first = rows["base"][Policy] + after
    assert Policy.objects.filter(pk__gt=first, pk__lte=first + due, next_event_on=LATER).update(next_event_on=day) == due


def day_run(books: TwoBooks, report: Report, rows: dict[str, Any], due: int, rounds: int, many: int, few: int) -> None:
    """The same number due at both sizes; then half of it; then nothing."""
    day = timezone.localdate()
    found: dict[bool, list[float]] = {False: [], True: []}
    for n, size in enumerate(turns(rounds)):
        books.use(size)
        wake(rows, n // 2 * due, due, day)
        (took,) = times([lambda: moved(day, due)])
        found[size].append(took)
    share = median(found[True]) / median(found[False])
    report(f"day run, {due} due: at {many:,} ÷ at {few:,}", share, "≤ 1.2", share <= 1.2,
           ms={"few": [round(v) for v in found[False]], "many": [round(v) for v in found[True]]})
    books.use(True)
    wake(rows, rounds * due, due // 2, day)
    (half,) = times([lambda: moved(day, due // 2)])
    per = (half / (due // 2)) / (median(found[True]) / due)
    report(f"day run: a policy of {due // 2} due ÷ of {due} due, time", per, "0.8 to 1.25", 0.8 <= per <= 1.25, ms=[round(half / (due // 2), 2), round(median(found[True]) / due, 2)])
    idle = {}
    for size in (False, True):
        books.use(size)
        idle[size] = median(times([lambda: run_policy_day(day)] * 20))
    report("day run with nothing due: ms", idle[True], "as at few", idle[True] <= idle[False] * 2 + 1, ms=[round(v, 2) for v in idle.values()])
    books.use(True)
    wake(rows, (rounds + 1) * due, 3, day)
    wrong = reads(statements(lambda: moved(day, 3)), MOST_ROWS)
    report("day run: statements that scan or read more than 5,000 rows", len(wrong), "0", not wrong, found=wrong[:20])


def moved(day: date, due: int) -> None:
    run = run_policy_day(day)
    assert (run.policies, run.stuck, run.steps >= due) == (due, 0, True), run


def night(books: TwoBooks, report: Report) -> None:
    """夜间查重 of fifty customers."""
    found: dict[bool, float] = {}
    now = timezone.now()
    for size in (False, True):
        books.use(size)
        people = list(Party.objects.order_by("pk").values_list("pk", flat=True)[50:100])
        Party.objects.filter(pk__in=people).update(to_compare=True)
        (found[size],) = times([lambda: propose_duplicates(now)])
    books.use(True)
    Party.objects.filter(pk__in=people[:5]).update(to_compare=True)
    wrong = reads(statements(lambda: propose_duplicates(now + timedelta(days=1))), MOST_ROWS)
    report("customers compared by night: ms each, few and many", found[True] / 50, "no scan", not wrong, ms=[round(v / 50, 2) for v in found.values()], found=wrong[:5])
    assert connection.settings_dict["NAME"].endswith("_many")
