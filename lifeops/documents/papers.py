"""文书 go out: issued once with what was printed, every print numbered, the PDF made again from the same data."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case, Clock, Request
from lifeops.cases.needs import labels
from lifeops.cases.perform import lock, record
from lifeops.cases.requests import perform_request
from lifeops.cases.states import RequestState
from lifeops.documents.builders import REQUEST_KINDS, WITHDRAWN_BY, build
from lifeops.documents.letters import KINDS, LetterInvalid, render_letter
from lifeops.documents.letters.render import kind_of
from lifeops.documents.letters.schema import read
from lifeops.documents.models import Letter, LetterCopy, as_json
from lifeops.org.models import BRANCH_ROLES, Role, User

#: Who issues and prints: the posts of the unit, and those who decide. Auditors read.
PRINTERS = (
    *(role for role in Role if role in BRANCH_ROLES),
    Role.UNDERWRITER,
    Role.PS_REVIEWER,
    Role.CL_REVIEWER,
    Role.APPROVER,
    Role.MANAGER,
)
#: Mark of a kind in the numbers of its letters: <受理号>-R01.
MARKS = {
    "receipt": "R", "correction_notice": "B", "contract": "C", "endorsement": "P", "claim_decision": "D",
    "claim_refusal": "J", "nb_decline": "J", "nb_postpone": "Y", "ps_refusal": "J", "withdrawal_notice": "W",
    "loan_agreement": "L", "repayment_receipt": "K", "payout_notice": "N", "refund_notice": "G", "rescission_notice": "H", "flow_sheet": "F", "clock_sheet": "T",
}  # fmt: skip
LONGEST_REASON = 120


def may_print(case: Case, actor: User) -> bool:
    return actor.holds(*PRINTERS, path=case.branch_path)


def check_may_print(case: Case, actor: User) -> None:
    if not may_print(case, actor):
        raise Refused(["文书由受理机构各岗或审核、批准、运营主管岗出具"], who=labels(PRINTERS))


def issue_letter(
    *,
    case: Case,
    kind: str,
    data: dict[str, Any],
    number: str,
    actor: User,
    now: datetime,
    request: Request | None = None,
) -> Letter:
    """Keep a letter: checked inputs with numbers masked, hash of its PDF. Raises Invalid per wrong input."""
    check_may_print(case, actor)
    if request is not None and request.case_id != case.pk:
        raise Invalid({"request": ["问题件不属于本案"]})
    kept = kept_data(kind, data | {"number": number})
    pdf = render(kind, kept)
    with transaction.atomic():
        lock(case.pk)
        if Letter.objects.filter(number=number).exists():
            raise Invalid({"number": [f"文书号 {number} 已使用"]})
        letter = Letter.objects.create(
            case_id=case.pk,
            request=request,
            kind=kind,
            number=number,
            title=KINDS[kind].title,
            data=kept,
            sha256=hashlib.sha256(pdf).hexdigest(),
            created_by=actor,
            created_at=now,
        )
        data_ = {"letter": number, "title": letter.title}
        record(case, "letters.issue", f"出具{letter.title}", actor=actor, now=now, data=data_, bump=False)
    return letter


def kept_data(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """What a letter says, as it is kept: read once, so that identities and accounts are masked in the row too."""
    try:
        value = read(kind_of(kind).inputs, data)
    except LetterInvalid as invalid:
        raise Invalid({path: [message] for path, message in invalid.errors.items()}) from None
    kept: dict[str, Any] = as_json(dataclasses.asdict(value))
    kept["company"] = kept["company"] or settings.COMPANY_NAME
    kept["hotline"] = kept["hotline"] or settings.COMPANY_HOTLINE
    return {name: content for name, content in kept.items() if name not in ("copy_no", "reprint_reason")}


def render(kind: str, data: dict[str, Any]) -> bytes:
    try:
        return render_letter(kind, data)
    except LetterInvalid as invalid:
        raise Invalid({path: [message] for path, message in invalid.errors.items()}) from None


def issue(
    *,
    case: Case,
    kind: str,
    actor: User,
    now: datetime,
    request: Request | None = None,
    clock: Clock | None = None,
) -> Letter:
    """Build and issue a letter of a case. Where the same words have been issued already, that letter is returned."""
    check_may_print(case, actor)
    if kind not in KINDS:
        raise Invalid({"kind": ["没有这种文书"]})
    data = build(kind, case, actor=actor, now=now, request=request, clock=clock)
    with transaction.atomic():
        lock(case.pk)
        others = list(case.letters.filter(kind=kind, request=request).order_by("-pk"))
        number = request.number if request else _number(case, kind, others)
        if others:
            fresh = kept_data(kind, data | {"number": others[0].number})
            if {**fresh, "issued_on": ""} == {**others[0].data, "issued_on": ""} or request is not None:
                return others[0]
        return issue_letter(case=case, kind=kind, data=data, number=number, actor=actor, now=now, request=request)


def _number(case: Case, kind: str, others: list[Letter]) -> str:
    mark = MARKS.get(kind, "X")
    used = case.letters.filter(number__startswith=f"{case.number}-{mark}").count()
    return f"{case.number}-{mark}{used + 1:02d}"


def pdf_of(letter: Letter) -> bytes:
    """The letter as first printed; the same bytes every time, and no print is counted."""
    return render(letter.kind, letter.data)


def print_letter(*, letter: Letter, actor: User, now: datetime, reason: str = "") -> bytes:
    """A numbered copy. From the second on a reason is required, kept, and printed on the copy."""
    check_may_print(letter.case, actor)
    reason = " ".join(reason.split())
    if len(reason) > LONGEST_REASON:
        raise Invalid({"reason": [f"重印原因不能超过 {LONGEST_REASON} 字"]})
    with transaction.atomic():
        case = lock(letter.case_id)
        held = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
        copy_no = held.copies + 1
        if copy_no > 1 and not reason:
            raise Invalid({"reason": [f"这是第 {copy_no} 份，请写明重印原因"]})
        reason = reason if copy_no > 1 else ""
        pdf = render(held.kind, held.data | {"copy_no": copy_no, "reprint_reason": reason})
        LetterCopy.objects.create(letter=held, copy_no=copy_no, reason=reason, by=actor, at=now)
        held.copies = copy_no
        held.save(update_fields=["copies"])
        record(
            case,
            "letters.print",
            f"打印{held.title}",
            actor=actor,
            now=now,
            reason=reason,
            data={"letter": held.number, "title": held.title, "copy": copy_no},
            bump=False,
        )
    letter.copies = copy_no
    return pdf


def pdf_of_request(*, request: Request, actor: User, now: datetime) -> bytes:
    """The letter of a 问题件 as first printed, or as it would be printed now. Nothing is counted."""
    if letter := request.letters.order_by("pk").first():
        return pdf_of(letter)
    kind = REQUEST_KINDS[request.kind]
    data = build(kind, request.case, actor=actor, now=now, request=request)
    return render(kind, kept_data(kind, data | {"number": request.number}))


def print_request(*, request: Request, actor: User, now: datetime, reason: str = "") -> bytes:
    """打印 of a 问题件: the letter is issued on the first print, and the request takes its own step in the same act."""
    case = request.case
    with transaction.atomic():
        letter = issue(case=case, kind=REQUEST_KINDS[request.kind], actor=actor, now=now, request=request)
        pdf = print_letter(letter=letter, actor=actor, now=now, reason=reason)
        if request.state in (RequestState.ISSUED, RequestState.PRINTED):
            perform_request(request, "print_out", actor=actor, now=now)
        else:
            perform_request(request, "reprint", actor=actor, now=now, reason=reason or "补打")
    return pdf


def offered(case: Case) -> list[tuple[str, str]]:
    """Kinds that may be issued for a case now: code and title."""
    kinds = ["receipt"] if case.checklist.exists() else []
    steps = set(case.events.filter(step__in=["return_for_correction", *WITHDRAWN_BY]).values_list("step", flat=True))
    if "return_for_correction" in steps:
        kinds.append("correction_notice")
    if steps & set(WITHDRAWN_BY):
        kinds.append("withdrawal_notice")
    decision = case.current_decision()
    if decision is not None and decision.signed_at is not None and case.decided_at is not None:
        kinds += [kind for kind in case.item_spec.letters_for(decision.spec) if kind in KINDS]
    return [(kind, KINDS[kind].title) for kind in [*kinds, "flow_sheet"]]
