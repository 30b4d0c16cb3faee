"""From the page of a case to the page where this person goes on with it after the decision."""

from __future__ import annotations

from django.urls import reverse

from archive.models import Volume
from lifeops.cases.models import Case
from lifeops.cases.states import State
from lifeops.org.models import Role, User


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


def list_page(state: str, user: User) -> str:
    """发放 of what has been decided, 归档 of what is out or withdrawn, for those who may open them."""
    if state in (State.APPROVED, State.DECLINED):
        return reverse("archive:release") if user.holds(Role.ISSUE, Role.HEAD) else ""
    return reverse("archive:filing") if user.holds(Role.ARCHIVE, Role.HEAD) else ""
