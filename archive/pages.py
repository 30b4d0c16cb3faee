"""From the page of a case to the page where this person goes on with it after the decision."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from archive import overview
from archive.models import Loan, Volume
from lifeops.cases.models import Case
from lifeops.cases.registry import Tile
from lifeops.cases.states import State
from lifeops.org.models import Role, User
from lifeops.policies.models import PaymentState


def work_page(case: Case, user: User) -> tuple[str, str] | None:
    """发放 until the papers are out, then 归档, then the volume on its shelf; None where there is nothing for the person."""
    if case.state == State.ARCHIVED:
        found = Volume.objects.filter(case_id=case.pk).exists()
        return (reverse("archive:volume", args=[case.number]), "案卷") if found else None
    if case.state in (State.RELEASED, State.WITHDRAWN) and user.holds(Role.ARCHIVE, Role.HEAD, path=case.branch_path):
        return reverse("archive:filing_case", args=[case.number]), "归档页"
    if case.state != State.WITHDRAWN and user.holds(Role.ISSUE, Role.HEAD, path=case.branch_path):
        return reverse("archive:release_case", args=[case.number]), "发放页"
    return None


def tiles(user: User, now: datetime) -> list[Tile]:
    """发放, 付款, 归档, 借阅: what waits for the posts that the person holds."""
    found: list[Tile] = []
    if user.holds(Role.ISSUE, Role.HEAD):
        for code, label in overview.RELEASE_TABS:
            rows = overview.release_rows(user, code, Role.ISSUE, Role.HEAD)
            found.append(Tile(label, f"{reverse('archive:release')}?tab={code}", rows, rows.filter(due_at__lt=now), shy=code != "due"))
    if user.holds(Role.HEAD):
        url = reverse("archive:payments")
        found += [
            Tile("付款待放行", f"{url}?state={PaymentState.READY}", overview.payments_at(user, PaymentState.READY, Role.HEAD)),
            Tile("退票待重新制单", f"{url}?state={PaymentState.RETURNED}&open=1", overview.returned_open(user, Role.HEAD), shy=True),
        ]
    if user.holds(Role.ARCHIVE, Role.HEAD):
        rows = overview.to_file(user, Role.ARCHIVE, Role.HEAD)
        found.append(Tile("待归档", reverse("archive:filing"), rows, rows.filter(due_at__lt=now)))
        url, loans = reverse("archive:loans"), overview.loans_at(user, Role.ARCHIVE, Role.HEAD)
        overdue = loans.overdue(timezone.localdate(now))
        found.append(Tile("借阅逾期", f"{url}?tab=overdue", overdue, overdue, shy=True))
        if user.holds(Role.HEAD):
            found.append(Tile("借阅待批准", f"{url}?tab=asked", loans.filter(state=Loan.State.ASKED), shy=True))
        if user.holds(Role.ARCHIVE):
            found.append(Tile("借阅待借出", f"{url}?tab=approved", loans.filter(state=Loan.State.APPROVED), shy=True))
    return found
