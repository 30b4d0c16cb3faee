"""受理 by keyboard alone: how many keys it takes, and what that is in seconds for a practised clerk."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.cases.states import State
from tests.factories import make_party, make_policy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Keystroke-level model (Card, Moran, Newell 1980): seconds per key of an average typist, per mental preparation.
KEY, THOUGHT = 0.28, 1.35
LIMIT = 90


class Hands:
    """Counts what the hands do; each `say` is one thing thought of and then typed."""

    def __init__(self, screen) -> None:
        self.screen, self.keys, self.thoughts, self.waited = screen, 0, 0, 0.0

    def say(self, *acts: str) -> None:
        """One thought, then texts and keys; a key has a name ("Enter") or is a chord ("Control+Enter": two)."""
        self.thoughts += 1
        for act in acts:
            if act.startswith("⌨"):
                self.keys += act.count("+") + 1
                self.screen.keyboard.press(act[1:])
            else:
                self.keys += len(act)
                self.screen.keyboard.type(act)

    def wait(self, selector: str) -> None:
        """What the server takes is told with the result, not held against a limit: the machine is not the clerk's."""
        begun = time.monotonic()
        self.screen.wait_for_selector(selector)
        self.waited += time.monotonic() - begun

    @property
    def seconds(self) -> float:
        return self.keys * KEY + self.thoughts * THOUGHT


def begin(screens, cast, **policy):
    found = make_policy(cast.county, cast.clerk, insured=make_party(name="欧阳明"), **policy)
    type(found).objects.filter(pk=found.pk).update(agent_code="A10086")
    screen = screens()
    screen.sign_in(cast.clerk)
    screen.goto("/intake/counter/")
    return found, Hands(screen)


def tabs(count: int) -> list[str]:
    return ["⌨Tab"] * count


def finish(hands, policy, item):
    """All papers are there; 受理; the receipt."""
    hands.thoughts += hands.screen.locator("tr[data-paper][data-required]").count()  # each paper is looked at
    hands.say("⌨Escape", "a")
    hands.say("⌨Control+Enter")
    hands.wait("#accepted")
    case = Case.objects.get()
    assert (case.state, case.item, case.policy, case.applicant.name) == (State.RECEIVED, item, policy, "欧阳明")
    assert hands.screen.evaluate("document.querySelector('#accepted [data-key=p]') !== null")
    hands.thoughts, hands.keys = hands.thoughts + 1, hands.keys + 1  # P prints the receipt
    print(f"{item}: {hands.keys} keys, {hands.thoughts} thoughts, {hands.seconds:.1f} s, server {hands.waited:.1f} s")
    return case


@pytest.mark.parametrize("item", ["PS14", "CL05"])
def test_a_practised_clerk_takes_in_a_case_within_ninety_seconds(screens, transactional_cast, item):
    cast = transactional_cast
    policy, hands = begin(screens, cast, product="M10" if item == "CL05" else "W30")
    hands.say(policy.number)
    hands.wait(f"#found >> text={policy.number}")
    hands.say("⌨Enter")
    hands.wait(".policy-card")
    hands.say(item)
    hands.wait("tr[data-paper]")
    hands.wait("[data-chosen]:not([hidden])")
    # through the agent of the policy, who is then filled in; for a claim the day of the event
    hands.say(*tabs(5), "⌨ArrowDown")
    hands.screen.wait_for_function("document.getElementById('id_agent_code').value === 'A10086'")
    if item == "CL05":
        hands.say(*tabs(2), f"{timezone.localdate() - timedelta(days=20):%Y%m%d}")
    case = finish(hands, policy, item)
    assert (case.channel, case.agent_code) == ("agent", "A10086")
    assert case.occurred_on == (timezone.localdate() - timedelta(days=20) if item == "CL05" else None)
    assert hands.keys > 30 and hands.seconds <= LIMIT, f"{hands.keys} 键，{hands.seconds:.1f} 秒"


def test_the_key_that_submits_works_from_the_search_box_too(screens, transactional_cast):
    _, hands = begin(screens, transactional_cast)
    assert hands.screen.evaluate("document.activeElement.id") == "who"
    hands.say("⌨Control+Enter")
    hands.wait(".errors >> text=请选择业务项目")
    assert not Case.objects.exists()
