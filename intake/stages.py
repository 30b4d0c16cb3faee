"""作业前清单: what waits at the branch, by the work that is due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from lifeops.cases.models import Case, CaseQuerySet
from lifeops.cases.registry import Tile
from lifeops.cases.states import State
from lifeops.org.models import Role, User

CAPTURE = (Role.INTAKE, Role.ENTRY, Role.SCAN, Role.HEAD)
CAP = 999


@dataclass(frozen=True)
class StageOfWork:
    """A tab of the list: the work, who does it, the page where it is done."""

    code: str
    label: str
    roles: tuple[str, ...]
    waits: Q
    url: str
    act: str


STAGES = (
    StageOfWork("precheck", "待预审", (Role.INTAKE,), Q(state=State.RECEIVED), "intake:precheck", "预审"),
    StageOfWork("entry", "待录入", (Role.ENTRY,), Q(state=State.PRECHECKED, entered_at__isnull=True), "intake:entry", "录入"),
    StageOfWork("scan", "待扫描", (Role.SCAN,), Q(state=State.PRECHECKED, scanned_at__isnull=True), "documents:manage", "扫描"),
    StageOfWork("handover", "待交接", CAPTURE, Q(state=State.CAPTURED), "intake:handover", "交接"),
    StageOfWork("returned", "待补正", (Role.INTAKE,), Q(state=State.RETURNED), "cases:detail", "看案件"),
)


def stage(code: str) -> StageOfWork:
    return next((s for s in STAGES if s.code == code), STAGES[0])


def first_stage(user: User) -> StageOfWork:
    """The tab a person begins with: the work of the own post."""
    return next((s for s in STAGES if user.holds(*s.roles)), STAGES[0])


def waiting(user: User, which: StageOfWork) -> CaseQuerySet:
    """Cases of the person's units that wait for this work."""
    scope = Q(pk__in=[])
    for path in user.paths(*CAPTURE):
        scope |= Q(branch_path__startswith=path)
    return Case.objects.visible_to(user).filter(scope).filter(which.waits)


def counts(user: User) -> dict[str, int]:
    """Capped at 999: exact numbers beyond that help nobody at a counter."""
    return {s.code: waiting(user, s).order_by().values("pk")[: CAP + 1].count() for s in STAGES}


def following(user: User, which: StageOfWork, after: Case) -> Case | None:
    """The next case for the same work, nearest deadline first; None when the tab is empty."""
    return waiting(user, which).exclude(pk=after.pk).for_queue().first()


def work_page(case: Case, user: User) -> tuple[str, str] | None:
    """The page where this person goes on with a case before hand-over."""
    for which in STAGES[:-1]:
        if user.holds(*which.roles, path=case.branch_path) and _waits(case, which):
            return reverse(which.url, args=[case.number]), which.act
    return None


def _waits(case: Case, which: StageOfWork) -> bool:
    """The condition of a stage on a row that is already loaded."""
    return {
        "precheck": case.state == State.RECEIVED,
        "entry": case.state == State.PRECHECKED and case.entered_at is None,
        "scan": case.state == State.PRECHECKED and case.scanned_at is None,
        "handover": case.state == State.CAPTURED,
    }[which.code]


def onwards(user: User, case: Case, step: str) -> str:
    """After 扫描完成 the next case to scan, or the list where none is left; other steps have pages that say it."""
    if step != "complete_scan":
        return ""
    which = stage("scan")
    coming = following(user, which, case)
    return reverse(which.url, args=[coming.number]) if coming else f"{reverse('intake:worklist')}?stage=scan"


def tiles(user: User, now: datetime) -> list[Tile]:
    """The tabs of the list on the home page of those who may open it."""
    if not user.holds(*CAPTURE):
        return []
    found = []
    for which in STAGES:
        rows, url = waiting(user, which), f"{reverse('intake:worklist')}?stage={which.code}"
        found.append(Tile(which.label, url, rows, rows.filter(due_at__lt=now), own=user.holds(*which.roles, Role.HEAD)))
    return found
