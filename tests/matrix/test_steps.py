"""Every step of every line × every role × own and other unit. Who may do what is written here as the business has it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from lifeops.cases import registry
from lifeops.cases.access import steps_for
from lifeops.cases.models import Case
from lifeops.cases.states import OPEN, State
from lifeops.org.models import Role
from tests.factories import again, undone
from tests.matrix.world import LINE_OF, NO_CASES, Person, World, in_state

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("matrix")]

INTAKE, ENTRY, SCAN, HEAD = Role.INTAKE, Role.ENTRY, Role.SCAN, Role.HEAD
#: Step → roles at the case's own unit; "holder" has the case in hand, "reviewer" reviewed it and waits.
MAY = {
    "return_for_correction": {INTAKE},
    "resubmit": {INTAKE},
    "lapse": set(),  # the period of none of these rows is over
    "pass_precheck": {INTAKE},
    "save_record": {ENTRY},
    "complete_entry": set(),  # nothing has been keyed in these rows
    "complete_scan": {SCAN},
    "reopen_capture": {ENTRY, SCAN, HEAD},
    "hand_over": set(),  # nor here
    "withdraw": {INTAKE, HEAD, "holder"},
    "assign": {Role.MANAGER},
    "hand_back": {"holder"},
    "suspend": {"holder"},
    "resume": set(),  # nothing is suspended
    "mark_complex": {"holder"},
    "issue_request": {"holder", "reviewer"},
    "conclude": {"holder"},
    "approve": {"holder"},
    "disagree": {"holder"},
    "return_to_review": {"holder"},
    "release": {Role.ISSUE},
    "file": {Role.ARCHIVE},
    "wake": set(),
}
REVIEWER = {line: role for role, line in LINE_OF.items()}


def prepared(world: World, line: str, state: str) -> tuple[Case, dict[int, str]]:
    """A case of the line in the state, and by whom it is held or reviewed."""
    cast, spec = world.cast, registry.line(line)
    case = in_state(cast, line, spec.items[0].code, State.QUEUED if state == State.IN_REVIEW else state)
    part: dict[int, str] = {}
    people = {p.role: p.user for p in world.people}
    if state == State.IN_REVIEW:
        part = {people[REVIEWER[line]].pk: "holder"}
        write(case, state=state, assignee=people[REVIEWER[line]])
    elif state == State.WAITING:
        part = {people[REVIEWER[line]].pk: "reviewer"}
        write(case, reviewer=people[REVIEWER[line]])
    elif state == State.PENDING_APPROVAL:
        part = {people[Role.APPROVER].pk: "holder"}
        reviewer = getattr(cast, {"claims": "cl_reviewer", "servicing": "ps_reviewer"}.get(line, "underwriter"))
        write(case, assignee=people[Role.APPROVER], reviewer=reviewer, required_grade=2)
        conclude(case, reviewer)
    return registry.at_desk(Case.objects.select_related("branch", "assignee", "reviewer").get(pk=case.pk)), part


def write(case: Case, **columns: object) -> None:
    """Past the one door on purpose: the row only serves to ask the machine who may go on."""
    from django.db.models import QuerySet

    QuerySet(Case).filter(pk=case.pk).update(**columns)


def conclude(case: Case, reviewer: object) -> None:
    model = registry.resolve(case.line_spec.decision)
    outcome = case.item_spec.outcomes[0].code
    decision = model(case_id=case.pk, outcome=outcome, amount=Decimal("1.00"), made_by=reviewer, made_at=timezone.now())
    decision.seal = decision.compute_seal()
    decision.save()


def may(step: str, person: Person, line: str, state: str, part: dict[int, str]) -> bool | None:
    """What the business says; None where this table does not know the step."""
    if step == "take":
        if state == State.PENDING_APPROVAL:
            return False  # somebody holds it
        return person.own and person.role == REVIEWER[line]
    allowed = MAY.get(step)
    if allowed is None:
        return None
    if part.get(person.user.pk) in allowed:
        return True
    return person.own and person.role in allowed


LINES = [line.code for line in registry.lines()]


@pytest.mark.parametrize("state", [s.value for s in OPEN])
@pytest.mark.parametrize("line", LINES)
def test_every_step_is_offered_to_those_whose_work_it_is_and_to_nobody_else(world: World, line: str, state: str):
    wrong = []
    with undone():
        case, part = prepared(world, line, state)
        for person in world.people:
            for step in steps_for(case, person.user, hidden=True):
                want = may(step.name, person, line, state, part)
                if want is not None and step.allowed != want:
                    wrong.append(f"{step.name} {person}: {'' if step.allowed else 'not '}allowed {step.reasons}")
                outsider = not person.own or person.role in (*NO_CASES, Role.AUDITOR)
                if step.allowed and (outsider or LINE_OF.get(Role(person.role), line) != line):
                    wrong.append(f"{step.name} {person}: an outsider may")
                if not step.allowed and not all(step.reasons):
                    wrong.append(f"{step.name} {person}: refused without words")
    assert wrong == []


@pytest.mark.parametrize("state", [s.value for s in OPEN])
@pytest.mark.parametrize("line", LINES)
def test_the_page_refuses_what_is_not_offered(world: World, line: str, state: str):
    """POST of every step by everybody: 404 out of reach, 403 where refused, and nothing of it is ever carried out."""
    wrong = []
    with undone():
        case, _ = prepared(world, line, state)
        for person in world.people:
            offered = {s.name: s.allowed for s in steps_for(case, person.user, hidden=True)}
            for name, allowed in offered.items():
                if allowed:
                    continue
                url = reverse("cases:step", args=[case.number, name])
                status = world.ask(person, "post", url, version=case.version).status_code
                want = 403 if person.role in NO_CASES or person.reaches(line) else 404
                if status != want:
                    wrong.append(f"{name} {person}: {status}, expected {want}")
        assert again(case).version == case.version
    assert wrong == []


def test_an_unknown_step_name_is_no_step(world: World):
    case = world.rows["case"]
    person = next(p for p in world.people if p.role == Role.INTAKE and p.own)
    for name in ("delete", "save", "wake", "refresh_from_db", "_finish"):
        url = reverse("cases:step", args=[case.number, name])
        assert world.ask(person, "get", url).status_code == 404, name
        assert world.ask(person, "post", url, version=case.version).status_code == 403, name


def test_the_database_refuses_a_second_signature_by_the_reviewer(world: World):
    """The last line of defence when every rule above were wrong."""
    with undone():
        case, _ = prepared(world, "claims", State.PENDING_APPROVAL)
        decision = case.current_decision()
        with pytest.raises(IntegrityError), transaction.atomic():
            decision.sign(by=decision.made_by, now=timezone.now(), limit=None, single=False)
