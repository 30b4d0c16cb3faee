"""Nothing is reachable that has not said for whom it is."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from lifeops.org.models import Role
from tests.architecture.walk import addresses

#: Addresses that answer without a sign-in; a new one is a decision, not an accident.
NO_SIGN_IN = {"login", "health_live", "health_ready"}


def test_every_address_declares_who_may_come():
    silent = [str(a) for a in addresses() if a.declared is None and not a.apart]
    assert silent == []


def test_declared_roles_exist():
    unknown = {(str(a), role) for a in addresses() for role in a.declared or () if role not in Role.values}
    assert unknown == set()


def test_only_a_few_addresses_need_no_sign_in():
    found = {a.name for a in addresses() if a.open_to_all and not a.apart and not a.is_api}
    assert found == NO_SIGN_IN


def test_names_are_used_once():
    names = [a.name for a in addresses() if a.name and not a.apart]
    twice = {n for n in names if names.count(n) > 1 and not n.startswith("api")}
    assert twice == set()


@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in_everywhere():
    """Without a session no page answers, whatever the arguments."""
    open_doors = []
    for found in addresses():
        if found.apart or found.open_to_all or not found.name:
            continue
        try:
            url = reverse(found.name, kwargs=dict.fromkeys(found.arguments, "1"))
        except NoReverseMatch:
            url = "/" + found.route
        for method in ("get", "post"):
            status = getattr(Client(), method)(url).status_code
            if status not in ((401, 403, 404, 405) if found.is_api else (302, 405)):
                open_doors.append((str(found), method, status))
    assert open_doors == []


@pytest.mark.parametrize("who", ["clerk", "head", "cl_reviewer", "approver", "scan"])
def test_the_administration_is_closed_to_everybody_who_works_on_cases(cast, as_user, who):
    if "admin" not in {space for a in addresses() for space in a.spaces}:
        return
    answer = as_user(getattr(cast, who)).get(reverse("admin:index"))
    assert answer.status_code in (302, 403)
    if answer.status_code == 302:
        assert "login" in answer["Location"]
