"""日结: the day of a unit in seven numbers, from events; signed once, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from intake.models import Settlement
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case, CaseEvent
from lifeops.cases.states import State
from lifeops.org.models import Branch, Role, User

#: States in which a case lies at the unit and waits for the unit.
PENDING = (State.RECEIVED, State.PRECHECKED, State.CAPTURED)
#: Moves in and out of them, by the figure they count for.
MOVES = {
    "accepted": Q(step="register"),
    "came_back": Q(step="resubmit"),
    "handed_over": Q(step="hand_over"),
    "returned": Q(step="return_for_correction"),
    "withdrawn": Q(step="withdraw", from_state__in=PENDING),
}
SIGN = {"accepted": 1, "came_back": 1, "handed_over": -1, "returned": -1, "withdrawn": -1}
SIGNERS = (Role.INTAKE, Role.HEAD)
#: How far back a day may still be signed.
BACK_DAYS = 31
LONGEST = 300
#: Cases listed behind a figure.
MOST = 200


@dataclass(frozen=True)
class Day:
    """The figures of a unit's day; `difference` is in minus out minus pending."""

    branch: Branch
    day: date
    carried_in: int
    accepted: int
    came_back: int
    handed_over: int
    returned: int
    withdrawn: int
    pending: int
    carried_from: date | None = None

    @property
    def difference(self) -> int:
        came = self.carried_in + self.accepted + self.came_back
        return came - self.handed_over - self.returned - self.withdrawn - self.pending


def bounds(day: date) -> tuple[datetime, datetime]:
    begin = timezone.make_aware(datetime.combine(day, time.min))
    return begin, timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def moves(branch: Branch, begin: datetime, end: datetime | None) -> dict[str, int]:
    """How many cases of the unit moved in a span of time, by figure."""
    events = CaseEvent.objects.filter(case__branch=branch, at__gte=begin)
    if end is not None:
        events = events.filter(at__lt=end)
    return {name: events.filter(which).count() for name, which in MOVES.items()}


def stock_at(branch: Branch, moment: datetime) -> int:
    """Cases that lay at the unit at a moment: those that lie there now, with every later move undone."""
    now = Case.objects.filter(branch=branch, state__in=PENDING).count()
    later = moves(branch, moment, None)
    return now - sum(SIGN[name] * number for name, number in later.items())


def figures(branch: Branch, day: date) -> Day:
    """The day as it stands. What was carried in is what the last signed day left; without one, the stock of the morning."""
    begin, end = bounds(day)
    last = Settlement.objects.filter(branch=branch, day__lt=day).order_by("-day").first()
    return Day(
        branch=branch, day=day, carried_in=last.pending if last else stock_at(branch, begin),
        pending=stock_at(branch, end), carried_from=last.day if last else None, **moves(branch, begin, end),
    )


@dataclass(frozen=True)
class Behind:
    """A case that a figure counts, and the state in which it was then."""

    case: Case
    stood: State


def cases_behind(branch: Branch, day: date, figure: str, signed: Settlement | None = None) -> list[Behind]:
    """The cases a figure counts, at most `MOST`: up to the end of the day, or to the moment at which it was signed."""
    begin, end = bounds(day)
    until = min(end, signed.signed_at) if signed else end
    events = CaseEvent.objects.filter(case__branch=branch)
    found: Any
    if figure == "pending":
        moved = events.filter(reduce(or_, MOVES.values()), at__gte=until)
        there = Case.objects.filter(state__in=PENDING, branch=branch)
        # a union: over the alternative the database would look at every case of the company
        found = Case.objects.filter(pk__in=there.order_by().values("pk").union(moved.order_by().values("case")))
    elif figure in MOVES:
        found = Case.objects.filter(pk__in=events.filter(MOVES[figure], at__gte=begin, at__lt=until).values("case"))
    else:
        return []
    before = CaseEvent.objects.filter(case=OuterRef("pk"), at__lt=until).order_by("-seq")
    found = found.annotate(stood=Subquery(before.values("to_state")[:1]))
    if figure == "pending":
        found = found.filter(stood__in=PENDING)
    return [Behind(row, State(row.stood)) for row in found.order_by("pk")[:MOST]]


def sign_day(*, branch: Branch, day: date, explanation: str, actor: User, now: datetime) -> Settlement:
    """签章. Refused for other units, days to come, days long past and days signed already; Invalid without an
    explanation where the day does not balance."""
    if not actor.holds(*SIGNERS, path=branch.path):
        raise Refused(["日结由本机构的受理岗或机构主管签章"], who="受理岗、机构主管")
    today = timezone.localdate(now)
    if day > today or day < today - timedelta(days=BACK_DAYS):
        raise Invalid({"day": [f"只能签章今天及此前 {BACK_DAYS} 天内的日结"]})
    found = figures(branch, day)
    explanation = explanation.strip()
    if len(explanation) > LONGEST:
        raise Invalid({"explanation": [f"差异说明最多 {LONGEST} 字"]})
    if found.difference and not explanation:
        raise Invalid({"explanation": [f"差异 {found.difference:+d} 件，请写明原因后签章"]})
    if Settlement.objects.filter(branch=branch, day__gt=day).exists():
        raise Refused(["其后的日结已签章，本日不能再签"])
    try:
        with transaction.atomic():
            return Settlement.objects.create(
                branch=branch, day=day, carried_in=found.carried_in, accepted=found.accepted, came_back=found.came_back,
                handed_over=found.handed_over, returned=found.returned, withdrawn=found.withdrawn, pending=found.pending,
                explanation=explanation, signed_by=actor, signed_at=now,
            )
    except IntegrityError:
        raise Refused(["本日已签章"]) from None
