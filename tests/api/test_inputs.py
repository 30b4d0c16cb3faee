"""Whatever is typed into any input of any step: an answer in words, never a fault, and nothing half done."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifeops.cases import registry
from lifeops.cases.access import describe
from lifeops.cases.models import Case
from lifeops.cases.states import State
from lifeops.screening.models import Hit
from lifeops.screening.services.lists import enter
from tests.api.calls import ROOT, step
from tests.factories import accept, again, claim_inputs, handed_over, make_party, make_policy, undone
from tests.matrix.world import in_state
from tests.screening.listing import given as given_list
from tests.screening.listing import in_force, row

#: Examples per step; more by hand: FUZZ=200.
EXAMPLES = int(os.environ.get("FUZZ", "12"))
ODD = st.sampled_from(
    ["", " ", "0", "-1", "1e400", "NaN", "9" * 400, "2026-02-30", "9999-12-31", "0001-01-01", "２０２６", "a" * 5000, "\u202e", "'\"<b>",
     True, False, None, 0, -1, 10**30, 1.5, 1e308, [], {}, [[]], [{}], [None], {"a": [1]}, ["x"] * 300,
     [{"category": "x", "invoiced": "1e9"}], [{"name": "甲", "share_pct": "1e400"}]]
)  # fmt: skip
#: What could be right, so that checks of one field against another are reached.
LIKELY = st.sampled_from(["2026-11-01", "1990-05-17", "2020-02-29", "1", "100.00", "300000", "甲", "19900001234", "9900001234567890"])
JSON = LIKELY | ODD | st.text(max_size=30, alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


#: Done, wrong at a field, or not this person's to do.
SAID = {200, 400, 403}


def values_for(field):
    """Something odd, or one of the choices."""
    given_ = [row["value"] for row in field.get("choices", [])]
    return JSON | st.sampled_from(given_) if given_ else JSON


def bombard(client, url, method, fields, wrap, good=None, may=SAID):
    """Odd inputs for some fields, good ones for the others; how often each status was the answer."""
    names = {row["name"]: values_for(row) for row in fields}
    answers = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(odd=st.fixed_dictionaries({}, optional=names))
    def run(odd):
        with undone():
            answer = getattr(client, method)(url, wrap({**(good or {}), **odd}), format="json")
        answers[answer.status_code] += 1
        assert answer.status_code in may, (answer.status_code, odd)
        if answer.status_code == 400:
            assert all(messages for messages in answer.json()["errors"].values())

    run()
    return answers


@pytest.mark.parametrize(("line", "item"), [(spec.code, item) for spec in registry.lines() for item in spec.items], ids=str)
def test_entry_of_every_item_takes_anything(cast, api, line, item):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    case = in_state(cast, line, item.code, State.PRECHECKED)
    if item.needs_policy:
        Case.objects.filter(pk=case.pk).update(policy=policy, applicant=policy.insured, subject_name=policy.insured.name)
    answers = bombard(
        api(cast.entry), f"{ROOT}/cases/{case.number}/record/", "put", describe(registry.resolve(item.form)),
        lambda inputs: {"version": case.version, "record": inputs}, claim_inputs(item.code) if line == "claims" else {},
    )  # fmt: skip
    assert answers and set(answers) <= SAID


STEPS = {
    "received": (("clerk", "withdraw"), ("clerk", "return_for_correction"), ("clerk", "pass_precheck")),
    "in_review": (
        ("cl_reviewer", "conclude"), ("cl_reviewer", "issue_request"), ("cl_reviewer", "suspend"),
        ("cl_reviewer", "mark_complex"), ("cl_reviewer", "hand_back"), ("manager", "assign"),
    ),
    "approved": (("issue", "release"),),
    "released": (("archive", "file"),),
}  # fmt: skip


@pytest.mark.parametrize("state", STEPS)
def test_steps_of_a_case_take_anything(cast, api, state):
    case = accept(cast) if state == "received" else handed_over(cast)
    if state != "received":
        step(api(cast.cl_reviewer), case, "take")
    if state in ("approved", "released"):
        step(api(cast.cl_reviewer), case, "conclude", outcome="PAY", opinion="清楚")
    if state == "released":
        letter = api(cast.issue).post(f"{ROOT}/cases/{case.number}/letters/", {"kind": "claim_decision"}, format="json").json()
        api(cast.issue).post(f"{ROOT}/letters/{letter['id']}/print/", {}, format="json")
        today = again(case).submitted_on.isoformat()
        assert step(api(cast.issue), case, "release", how="hand", to="甲", signed_on=today).status_code == 200
    case = again(case)
    assert case.state == state
    for who, name in STEPS[state]:
        client = api(getattr(cast, who))
        told = {row["name"]: row for row in client.get(f"{ROOT}/cases/{case.number}/").json()["steps"]}[name]
        assert told["allowed"], told
        answers = bombard(
            client, f"{ROOT}/cases/{case.number}/steps/{name}/", "post", told["inputs"],
            lambda inputs, v=case.version: {"version": v, **inputs},
        )  # fmt: skip
        assert answers and set(answers) <= SAID, name


def test_steps_of_a_letter_take_anything(cast, api):
    case = handed_over(cast)
    client = api(cast.cl_reviewer)
    step(client, case, "take")
    seen = again(case).version
    asked = {"kind": "investigation", "addressee": "branch", "cause": "核实", "extra": "走访", "due_days": 10, "version": seen}
    letter = client.post(f"{ROOT}/cases/{case.number}/requests/", asked, format="json").json()
    for who, names in (("head", ("deliver", "log_contact", "assign_handler", "answer")), ("cl_reviewer", ("extend", "cancel"))):
        own = api(getattr(cast, who))
        told = {row["name"]: row for row in own.get(f"{ROOT}/requests/{letter['number']}/").json()["steps"]}
        for name in names:
            assert told[name]["allowed"], told[name]
            answers = bombard(
                own, f"{ROOT}/requests/{letter['number']}/steps/{name}/", "post", told[name]["inputs"],
                lambda inputs: {"version": letter["version"], **inputs},
            )  # fmt: skip
            assert answers and set(answers) <= SAID, name


def test_acceptance_and_the_other_acts_take_anything(cast, api):
    policy = make_policy(cast.county, cast.clerk)
    from lifeops.api.shapes.board import ReassignBody
    from lifeops.api.shapes.case import AcceptBody
    from lifeops.api.shapes.desk import NextBody, ReadBody, SettlementBody
    from lifeops.api.shapes.policy import SearchBody
    from tests.api.calls import accept_body

    for who, address, shape, good in (
        (cast.clerk, "cases/", AcceptBody, accept_body(policy)),
        (cast.clerk, "search/", SearchBody, {}),
        (cast.clerk, "notices/read/", ReadBody, {}),
        (cast.head, "settlements/", SettlementBody, {}),
        (cast.manager, "reassignments/", ReassignBody, {}),
        (cast.cl_reviewer, "queues/claims/next/", NextBody, {}),
    ):
        fields = [{"name": name} for name in shape().fields]
        answers = bombard(api(who), f"{ROOT}/{address}", "post", fields, dict, good, may=SAID | {201, 204, 404, 409, 422})
        assert answers and max(answers) < 500, address


def test_what_head_office_decides_of_lists_takes_anything(cast, api):
    party = make_party()
    in_force(cast, row(party))
    handed_over(cast, policy=make_policy(cast.county, cast.clerk, insured=party))
    waiting, hit = enter(**given_list(cast, row(party), code="T-2")), Hit.objects.get(state="open")
    for address, names in ((f"watch-lists/{waiting.pk}/decide/", ("approve", "remark")), (f"watch-hits/{hit.pk}/judge/", ("verdict", "reason"))):
        answers = bombard(api(cast.approver), f"{ROOT}/{address}", "post", [{"name": name} for name in names], dict)
        assert answers[400] and set(answers) <= SAID, address
    hit.refresh_from_db()
    waiting.refresh_from_db()
    assert (hit.state, waiting.state) == ("open", "open")
