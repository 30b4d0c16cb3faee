"""交接: one hand-over closes one segment and opens the next. Nothing else about elapsed time is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lifeops.cases.models import Case, CustodySegment, Request
from lifeops.cases.states import Channel, Holder, RequestState, State
from lifeops.cases.timing import Segment
from lifeops.org.statements import insert, read


@dataclass(frozen=True)
class Hands:
    """In whose hands: party, unit, person."""

    party: Holder
    branch_id: int | None = None
    user_id: int | None = None


def hands_of(case: Case) -> Hands:
    """Who has the case, by its state; while it waits, as the oldest blocking request says."""
    if case.state in (State.QUEUED, State.IN_REVIEW, State.PENDING_APPROVAL):
        return Hands(Holder.HQ, None, case.assignee_id)
    if case.state == State.WAITING:
        oldest = case.requests.blocking().order_by("pk").first()
        if oldest:
            party = Holder(oldest.holder_party)
            return Hands(party, oldest.branch_id if party != Holder.HQ else None, None)
        return Hands(Holder.HQ)
    if case.state == State.RETURNED:
        return Hands(Holder.AGENT if case.channel == Channel.AGENT else Holder.CUSTOMER, case.branch_id)
    return Hands(Holder.BRANCH, case.branch_id)


def hands_of_request(request: Request) -> Hands:
    """A letter is in the branch's hands until delivered, in the addressee's until answered, at headquarters after."""
    if request.state == RequestState.DELIVERED and request.addressee != "branch":
        return Hands(Holder(request.addressee), request.branch_id)
    if request.state in (RequestState.CLOSED, RequestState.CANCELLED):
        return Hands(Holder.HQ)
    return Hands(Holder.BRANCH, request.branch_id, request.handler_id)


def pass_on(case: Case, *, cause: str, now: datetime) -> bool:
    """Open a new segment when the case has changed hands. True when the *party* changed: clocks may pause or run."""
    hands, held = hands_of(case), (case.holder_party, case.holder_branch_id, case.custody_user_id)
    if case.custody_seq and (hands.party, hands.branch_id, hands.user_id) == held:
        return False
    changed_party = not case.custody_seq or hands.party != case.holder_party
    case.custody_seq += 1
    case.holder_party, case.holder_branch_id, case.custody_user_id = hands.party, hands.branch_id, hands.user_id
    insert(CustodySegment(
        case_id=case.pk, seq=case.custody_seq, party=hands.party, branch_id=hands.branch_id, user_id=hands.user_id,
        since=now, cause=cause,
    ))  # fmt: skip
    return changed_party


def pass_request_on(request: Request, *, cause: str, now: datetime) -> None:
    """The same for the ledger of a request."""
    hands = hands_of_request(request)
    if request.custody_seq and hands.party == request.holder_party:
        return
    request.custody_seq += 1
    request.holder_party = hands.party
    CustodySegment.objects.create(
        case_id=request.case_id,
        request=request,
        seq=request.custody_seq,
        party=hands.party,
        branch_id=hands.branch_id,
        user_id=hands.user_id,
        since=now,
        cause=cause,
    )


def spans(case: Case) -> list[Segment]:
    """`segments` by party alone: all that the times of a clock depend on."""
    if case.custody_seq == 1 and not case.event_seq:  # just opened: the one that was written with it
        return [Segment(case.holder_party, case.accepted_at, None)]
    rows = read(CustodySegment, "case_id = %s AND request_id IS NULL ORDER BY seq", [case.pk])
    ends = [row.since for row in rows[1:]] + [None]
    return [Segment(row.party, row.since, end) for row, end in zip(rows, ends, strict=True)]


def segments(case: Case) -> list[Segment]:
    """The case's ledger as pure segments, oldest first; the last one is open."""
    rows = list(case.custody.filter(request__isnull=True).select_related("branch", "user").order_by("seq"))
    ends = [row.since for row in rows[1:]] + [None]
    return [
        Segment(
            party=row.party,
            since=row.since,
            until=end,
            label=" · ".join(
                part
                for part in (
                    row.get_party_display(),
                    row.branch.short_name if row.branch else "",
                    row.user.name if row.user else "",
                )
                if part
            ),
        )
        for row, end in zip(rows, ends, strict=True)
    ]
