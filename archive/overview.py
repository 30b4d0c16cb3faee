"""What the lists of 作业后 show of many cases at once: papers due, legs, money. A fixed number of queries per page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from archive.models import Delivery, Leg, Loan, LoanQuerySet, Receipt, Volume
from lifeops.cases.models import Case, CaseQuerySet
from lifeops.cases.registry import resolve
from lifeops.cases.states import LineCode, State
from lifeops.documents.checklists import uneven
from lifeops.documents.letters import KINDS
from lifeops.documents.models import ChecklistRow, Letter, Received
from lifeops.org.models import User
from lifeops.policies.models import Payment, PaymentState

FOUND = 50
TO_FILE = (State.RELEASED, State.WITHDRAWN)
RELEASE_TABS = (("due", "待发放"), ("way", "寄送中"), ("receipt", "待回执"))


@dataclass
class PaperDue:
    """A paper that the outcome owes the customer, and how far it is."""

    kind: str
    title: str
    letter: Letter | None = None
    prints: list[Any] = field(default_factory=list)

    @property
    def state(self) -> str:
        """issue: to be issued, print: to be printed, done: printed."""
        if self.letter is None:
            return "issue"
        return "done" if self.letter.copies else "print"

    @property
    def words(self) -> str:
        if self.state == "done" and self.letter is not None:
            return f"已印 {self.letter.copies} 份"
        return "待出具" if self.state == "issue" else "待打印"


def at_units(user: User, *roles: str) -> Q:
    """Cases accepted at the units of a person's posts."""
    return at_branches(user, "branch_path", *roles)


def release_rows(user: User, tab: str, *roles: str) -> CaseQuerySet:
    """Cases of one tab of the 发放 list."""
    rows = Case.objects.visible_to(user).filter(at_units(user, *roles))
    if tab == "due":
        return rows.filter(state__in=(State.APPROVED, State.DECLINED))
    out = Delivery.objects.filter(case=OuterRef("pk"))
    rows = rows.filter(state=State.RELEASED)
    if tab == "way":
        return rows.filter(Exists(out.filter(signed_on__isnull=True)))
    back = Receipt.objects.filter(case=OuterRef("pk"))
    return rows.filter(Exists(out.filter(expects_receipt=True)), ~Exists(back))


def to_file(user: User, *roles: str) -> CaseQuerySet:
    """Cases that wait for the shelf."""
    return Case.objects.visible_to(user).filter(at_units(user, *roles), state__in=TO_FILE)


def free_to_file(rows: CaseQuerySet) -> CaseQuerySet:
    """Those of them that nothing stands in the way of: what `filing_rows` says of a page, asked of the database."""
    again = Payment.objects.filter(replaces=OuterRef("pk"))
    money = Payment.objects.filter(case_number=OuterRef("number")).exclude(state__in=(PaymentState.SETTLED, PaymentState.CANCELLED))
    out = Delivery.objects.filter(case=OuterRef("pk"))
    return rows.filter(
        ~Exists(money.filter(~Exists(again))), ~Exists(out.filter(signed_on__isnull=True)),
        ~Exists(out.filter(expects_receipt=True, case__receipt_slip__isnull=True)),
    )


def payments_at(user: User, state: str, *roles: str) -> QuerySet[Payment]:
    """Payment instructions of the person's units in a state."""
    return Payment.objects.filter(state=state, branch__in=user.units(*roles))


def returned_open(user: User, *roles: str) -> QuerySet[Payment]:
    """Returned by the bank and not instructed anew."""
    again = Payment.objects.filter(replaces=OuterRef("pk"))
    return payments_at(user, PaymentState.RETURNED, *roles).filter(~Exists(again))


def loans_at(user: User, *roles: str) -> LoanQuerySet:
    """Loans of the volumes of the person's units."""
    return Loan.objects.filter(at_branches(user, "volume__branch__path", *roles))


def narrowed(rows: CaseQuerySet, chosen: Any) -> CaseQuerySet:
    """A list of cases by line, and by a piece of the number of the case or the policy. No names: they would stand in the address."""
    if chosen.get("line") in LineCode.values:
        rows = rows.filter(line=chosen["line"])
    if text := chosen.get("q", "").strip().upper()[:60]:
        rows = rows.filter(Q(number__contains=text) | Q(policy__number__contains=text))
    return rows


def outcomes(cases: Sequence[Case]) -> dict[int, Any]:
    """Outcome of each case's decision in force: one query per line."""
    found: dict[int, Any] = {}
    by_line: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_line[case.line].append(case)
    for group in by_line.values():
        spec = group[0].line_spec
        rows = resolve(spec.decision).objects.filter(case_id__in=[c.pk for c in group], superseded=False)
        codes = dict(rows.values_list("case_id", "outcome"))
        found |= {c.pk: c.item_spec.outcome(codes[c.pk]) for c in group if c.pk in codes}
    return found


def papers_due(cases: Sequence[Case], known: dict[int, Any] | None = None) -> dict[int, list[PaperDue]]:
    """Papers owed by each case's outcome with the latest letter of each kind."""
    known = outcomes(cases) if known is None else known
    letters: dict[tuple[int, str], Letter] = {}
    rows = Letter.objects.filter(case_id__in=[c.pk for c in cases], request__isnull=True)
    for letter in rows.defer("data").prefetch_related("prints__by").order_by("pk"):
        held = letters.get((letter.case_id, letter.kind))
        # a printed one counts until a newer one has been printed
        if held is None or letter.copies or not held.copies:
            letters[letter.case_id, letter.kind] = letter
    found = {}
    for case in cases:
        outcome = known.get(case.pk)
        kinds = case.item_spec.letters_for(outcome) if outcome else ()
        found[case.pk] = [paper(kind, letters.get((case.pk, kind))) for kind in kinds]
    return found


def paper(kind: str, letter: Letter | None) -> PaperDue:
    return PaperDue(kind, KINDS[kind].title, letter, list(letter.prints.all()) if letter else [])


def last_legs(cases: Sequence[Case]) -> dict[int, Leg]:
    """The latest leg of each case's latest delivery."""
    rows = Leg.objects.filter(delivery__case_id__in=[c.pk for c in cases]).select_related("delivery").order_by("pk")
    return {leg.delivery.case_id: leg for leg in rows}


def payments_of(cases: Sequence[Case]) -> dict[str, list[Payment]]:
    found: dict[str, list[Payment]] = defaultdict(list)
    rows = Payment.objects.filter(case_number__in=[c.number for c in cases])
    for payment in rows.select_related("branch", "created_by", "released_by").order_by("pk"):
        found[payment.case_number].append(payment)
    return found


def describe(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Rows of the 发放 list."""
    known = outcomes(cases)
    papers, legs, money = papers_due(cases, known), last_legs(cases), payments_of(cases)
    return [
        {
            "case": case, "outcome": known.get(case.pk), "papers": papers[case.pk], "leg": legs.get(case.pk),
            "payments": money.get(case.number, []),
        }
        for case in cases
    ]


# 原件在哪 ----------------------------------------------------------------------------------------------------------


def find_originals(text: str, user: User) -> list[dict[str, Any]]:
    """At most 50 cases by number, or by box: where each one's original is, in one line."""
    text = " ".join(text.split()).upper()
    if len(text) < 2:
        return []
    visible = Case.objects.visible_to(user).select_related("branch", "holder_branch", "assignee")
    cases = list(visible.filter(number__startswith=text.removesuffix("-V")).order_by("-pk")[:FOUND])
    if not cases:
        cases = list(visible.filter(volume__box=text).order_by("volume__pk")[:FOUND])
    return where(cases)


def where(cases: Sequence[Case]) -> list[dict[str, Any]]:
    ids = [c.pk for c in cases]
    volumes = {v.case_id: v for v in Volume.objects.filter(case_id__in=ids).select_related("branch")}
    loans = lent_volumes([v.pk for v in volumes.values()])
    papers: dict[int, list[ChecklistRow]] = defaultdict(list)
    for row in ChecklistRow.objects.filter(case_id__in=ids, received=Received.ORIGINAL):
        papers[row.case_id].append(row)
    return [one_line(case, volumes.get(case.pk), loans, papers[case.pk]) for case in cases]


def one_line(
    case: Case, volume: Volume | None, loans: dict[int, Loan], papers: list[ChecklistRow]
) -> dict[str, Any]:
    """Place, loan and originals given back of one case."""
    loan = loans.get(volume.pk) if volume else None
    place = volume.place if volume else f"{case.branch.short_name} · 未归档（{case.state_label}）"
    back = [row for row in papers if row.given_back_at]
    return {
        "case": case, "volume": volume, "loan": loan, "place": place, "originals": len(papers), "back": back,
        "overdue": bool(loan and loan.is_overdue(timezone.localdate())),
    }


def at_branches(user: User, column: str, *roles: str) -> Q:
    """Rows whose unit, named by its path in `column`, lies under the person's posts."""
    scope = Q(pk__in=[])
    for path in user.paths(*roles):
        scope |= Q(**{f"{column}__startswith": path})
    return scope


def overdue_count(user: User, day: date, *roles: str, cap: int = 99) -> int:
    """Volumes not brought back in time at a person's units, capped."""
    rows = Loan.objects.overdue(day).filter(at_branches(user, "volume__branch__path", *roles))
    return rows.order_by().values("pk")[: cap + 1].count()


def lent_volumes(ids: list[int]) -> dict[int, Loan]:
    """Loans of volumes that are out now."""
    rows = Loan.objects.filter(volume__in=ids, state=Loan.State.LENT).select_related("borrower")
    return {loan.volume_id: loan for loan in rows}


def filing_rows(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Rows of the 待归档 list: what still stands in the way, and which ask for a reason since papers and pages do not agree."""
    ids = [c.pk for c in cases]
    receipts = set(
        Delivery.objects.filter(case__in=ids, expects_receipt=True, case__receipt_slip__isnull=True).values_list("case_id", flat=True)
    )
    on_the_way = set(Delivery.objects.filter(case__in=ids, signed_on__isnull=True).values_list("case_id", flat=True))
    money, asks = payments_of(cases), uneven(ids)
    replaced = {p.replaces_id for rows in money.values() for p in rows}
    found = []
    for case in cases:
        open_money = [
            p for p in money.get(case.number, [])
            if p.state not in (PaymentState.SETTLED, PaymentState.CANCELLED) and p.pk not in replaced
        ]
        stops = [f"付款{p.get_state_display()}" for p in open_money]
        stops += ["回执未登记"] if case.pk in receipts else []
        stops += ["邮件未签收"] if case.pk in on_the_way else []
        found.append({"case": case, "stops": stops, "asks": case.pk in asks})
    return found
