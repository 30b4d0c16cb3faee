"""A newcomer finds a company at work: cases in every state, each with a whole trail."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from lifeops.cases.models import Case, broken_links
from lifeops.cases.states import State
from lifeops.demo.accounts import ACCOUNTS
from lifeops.org.models import Branch, User


@pytest.mark.django_db
def test_demo_has_its_units_accounts_and_cases_in_every_state(settings):
    call_command("demo_data", stdout=io.StringIO())
    assert [Branch.objects.filter(level=n).count() for n in (1, 2, 3, 4)] == [1, 3, 6, 12]
    assert {username for username, _ in ACCOUNTS} == set(User.objects.values_list("username", flat=True))
    assert User.objects.get(username="clerk.a").check_password(settings.DEMO_PASSWORD)
    states = set(Case.objects.values_list("state", flat=True))
    assert states == set(State.values) - {State.CAPTURED}
    assert [c.number for c in Case.objects.all() if broken_links(c)] == []
    before = Case.objects.count()
    call_command("demo_data", "--if-empty", stdout=io.StringIO())
    assert Case.objects.count() == before
    with pytest.raises(CommandError, match="只装入空库"):
        call_command("demo_data", stdout=io.StringIO())
