"""保单对账单 from the policy page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lifeops.cases.access import CASE_ROLES, access, not_found_as
from lifeops.cases.views.policy import get_policy
from lifeops.documents.answers import pdf
from lifeops.documents.letter_views import NO_LETTER
from lifeops.documents.models import Statement
from lifeops.documents.papers import PRINTERS
from lifeops.documents.statements import issue_statement, pdf_of
from lifeops.org.models import User
from lifeops.org.requests import UserRequest


@access(*PRINTERS)
@require_POST
def statement_issue(request: UserRequest, number: str) -> HttpResponse:
    """出具: today's statement, kept and shown."""
    policy = get_policy(request.user, number)
    made, content = issue_statement(policy=policy, actor=request.user, now=timezone.now())
    return pdf(content, made.number)


def get_statement(user: User, pk: int) -> Statement:
    """A letter of a policy that the person may open; any other is not there."""
    found = Statement.objects.select_related("policy").filter(pk=pk).first() if pk < 10**18 else None
    if found is None:
        raise Http404(NO_LETTER)
    with not_found_as(NO_LETTER):
        get_policy(user, found.policy.number)
    return found


@access(*CASE_ROLES)
@require_GET
def statement_pdf(request: UserRequest, pk: int) -> HttpResponse:
    """Look at a statement as it was issued."""
    found = get_statement(request.user, pk)
    return pdf(pdf_of(found), found.number)
