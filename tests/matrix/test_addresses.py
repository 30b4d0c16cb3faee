"""Every address × every role × own and other unit, on real rows: 200 or a redirect, 403 or 404, never anything else.

What is expected follows from the roles a view declares and from where the row lies; the views themselves are not asked.
"""

from __future__ import annotations

import re

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.urls import reverse

from lifeops.org.models import Role
from tests.architecture.walk import Address, addresses
from tests.matrix.world import NO_CASES, World

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("matrix")]

#: Refusals by the page or the interface itself, as opposed to a step that this person may not take now.
BY_THE_DOOR = ("此页面供", "您的岗位不能使用此接口", "此接口未开放")
ANSWERS = {200, 201, 202, 204, 302, 400, 405, 409, 413, 415, 422}
#: Part of the route before an argument → row of the world, and how the argument is written.
ROWS = {
    "cases": ("case", "number"),
    "intake": ("case", "number"),
    "accepted": ("case", "number"),
    "release": ("case", "number"),
    "filing": ("case", "number"),
    "volumes": ("case", "number"),
    "payments": ("payment", "number"),
    "loans": ("loan", "pk"),
    "requests": ("request", "number"),
    "pages": ("page", "pk"),
    "letters": ("letter", "pk"),
    "clocks": ("clock", "pk"),
    "policies": ("policy", "number"),
    "policy-notices": ("notice", "pk"),
    "recover": ("recovery", "pk"),
    "parties": ("party", "pk"),
    "customers": ("party", "pk"),
}
#: Arguments that name no row.
WORDS = {"tabs": "summary", "steps": "withdraw", "queues": "claims", "drafts": "matrix", "lookup": "icd10", "reference": "icd10", "configuration": "limits"}
#: Acts that stand behind the row they are done to.
ACTS = {"payments": "return", "loans": "lend", "recover": "refuse"}
#: Addresses for whose arguments there is no row: only the declared roles are judged. A new one is a decision.
BY_ROLE_ALONE = {
    "documents:statement_pdf", "org:new", "org:change", "org:change_password", "org:person", "org:absence_end", "insight:person",
    "api:absence_end", "api:hold_lift", "api:particulars", "api:particular_end", "api:duplicate_act",
    "policies:lift", "policies:customer_reveal", "policies:customer_add", "policies:customer_end", "policies:duplicate_act",
    "policies:watch_list", "policies:watch_list_act", "policies:watch_hit", "api:watch_list", "api:watch_list_decide", "api:watch_hit_judge",
    "policies:dividend_act", "api:dividend_decide", "api:change", "api:change_decide", "api:change_password", "api:person", "api:statement_pdf", "api:configuration_row",
}
#: What may be refused in words to who may open it: a record read in full is for the post that keys it, while it is keyed.
READ_AS_ACT = {"api:record"}
#: Rows of which everybody in the system may ask, because they carry no case.
QUEUE_OF = {Role.CL_REVIEWER}


#: Cases tried in turn where a page is about a stage that the first one has not reached, or has passed.
STAGES = ("case", "decided", "filed", "accepted", "withdrawn")


def fill(found: Address, world: World, stage: str = "case") -> tuple[str, str, str] | None:
    """(address, kind of row it names, line) or None where the matrix has no row for an argument."""
    values, kind = {}, ""
    for match in re.finditer(r"([\w-]+)/<(?:\w+:)?(\w+)>", found.route):
        before, argument = match.groups()
        if before in WORDS:
            values[argument] = WORDS[before]
        elif before in ROWS:
            row, attribute = ROWS[before]
            values[argument] = getattr(world.rows[stage if row == "case" else row], attribute)
            if "act" in found.arguments and before in ACTS:
                values["act"] = ACTS[before]
            kind = kind if kind == "case" else "book" if row in ("policy", "party", "notice", "recovery") else "case"
    if set(values) != set(found.arguments):
        return None
    if "requests" in found.route and values.get("name"):
        values["name"] = "log_contact"
    return reverse(found.name, kwargs=values), kind, "claims"


def at_its_stage(found: Address, world: World) -> tuple[str, str, str] | None:
    """The address for the first case that is at the stage which the page is about: it is there for one who may come."""
    filled = fill(found, world)
    if filled is None or filled[1] != "case":
        return filled
    second_best = None
    for stage in STAGES:
        tried = fill(found, world, stage)
        for person in world.people:
            if expected(found, person, *tried[1:]) == "open":
                answers = {world.ask(person, method, tried[0]).status_code for method in ("get", "post")} - {405}
                if answers - {404}:
                    if 404 not in answers:
                        return tried
                    second_best = second_best or tried
                break
    return second_best or filled


def expected(found: Address, person, kind: str, line: str) -> str:
    """"403", "404" or "open"."""
    roles = found.declared or ()
    if roles and person.role not in roles:
        return "403"
    if "queues/<" in found.route:
        return "open" if person.role in QUEUE_OF else "404"
    if kind == "case" and not person.reaches(line):
        return "404"
    if kind == "book" and (not person.own or person.role in NO_CASES):
        return "404"  # a policy of another unit is opened only with a case in hand
    return "open"


def got(response) -> str:
    body = response.content.decode("utf-8", "replace") if not response.streaming else ""
    if response.status_code == 403:
        return "403" if any(words in body for words in BY_THE_DOOR) else "step refused"
    if response.status_code == 404:
        return "404"
    return "open" if response.status_code in ANSWERS else str(response.status_code)


def judge(want: str, answer: str, method: str, is_act: bool = False) -> bool:
    # a person whom the page admits may still be refused the act itself, in words
    return want == answer or (want == "open" and answer == "step refused" and (method == "post" or is_act))


CHECKED = [a for a in addresses() if not a.apart and a.name and a.declared is not None and not a.open_to_all]


@pytest.mark.parametrize("found", CHECKED, ids=str)
def test_every_role_gets_what_it_is_due(found: Address, world: World):
    filled = at_its_stage(found, world)
    wrong = []
    if filled is None:
        # no row known for the arguments: the declared roles are still judged
        url, kind, line = reverse(found.name, kwargs=dict.fromkeys(found.arguments, 1)), "", ""
    else:
        url, kind, line = filled
    if found.name == "api:schema":
        url += "?format=json"  # a thousand lines of YAML for each of them would say no more
    for person in world.people:
        for method in ("get", "post"):
            response = world.ask(person, method, url)
            answer, want = got(response), expected(found, person, kind, line)
            if response.status_code == 405 and want != "403":
                continue
            if filled is None and want == "open" and answer in ("404", "step refused"):
                continue
            if not judge(want, answer, method, "act" in found.arguments or found.name in READ_AS_ACT):
                wrong.append(f"{method} {url} {person}: {answer} ({response.status_code}), expected {want}")
    assert wrong == []


def test_every_address_has_a_row_to_be_judged_by(world: World):
    """Another address is judged from the day it is there: by role, and by unit wherever it names a row."""
    assert {found.name for found in CHECKED if fill(found, world) is None} == BY_ROLE_ALONE


def test_the_matrix_notices_a_page_that_lets_everybody_in(world: World):
    """The same judgement over a view whose guard is bypassed must find mistakes."""
    from lifeops.cases.views import case as views

    naked = views.detail.__wrapped__
    case = world.rows["case"]
    found = next(a for a in CHECKED if a.name == "cases:detail")
    wrong = 0
    for person in world.people:
        request = RequestFactory().get("/")
        request.user, request.htmx, request.session = person.user, False, {}
        try:
            naked(request, number=case.number)
            answer = "open"
        except Http404:
            answer = "404"
        wrong += not judge(expected(found, person, "case", "claims"), answer, "get")
    assert wrong == 2  # the two administrators, whom the missing guard answers 404 instead of 403
