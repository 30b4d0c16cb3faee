"""Accounts: a closed one takes its sessions along for good."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from lifeops.administration import orders


def change(cast, op, user):
    order = orders.propose(op=op, payload={"user": user.pk}, summary=op, reason="演练", actor=cast.sysadmin, now=timezone.now())
    return orders.decide(order=order, approve=True, remark="", actor=cast.secadmin, now=timezone.now())


def test_a_session_does_not_live_again_when_the_account_is_opened_again(cast, as_user):
    client = as_user(cast.clerk)
    assert client.get("/").status_code == 200
    change(cast, "close", cast.clerk)
    assert client.get("/")["Location"].startswith("/login/")
    change(cast, "reopen", cast.clerk)
    assert client.get("/")["Location"].startswith("/login/")
    assert client.get("/api/v1/me/").status_code == 401


def test_a_session_taken_aside_does_not_come_back_either(cast, client):
    """The cookie of a stolen session, not used while the account was closed."""
    client.force_login(cast.clerk, backend="django.contrib.auth.backends.ModelBackend")
    stolen = client.cookies["sessionid"].value
    change(cast, "close", cast.clerk)
    change(cast, "reopen", cast.clerk)
    client.cookies["sessionid"] = stolen
    assert client.get("/")["Location"].startswith("/login/")


def test_sessions_of_others_stay(cast, client):
    client.force_login(cast.entry, backend="django.contrib.auth.backends.ModelBackend")
    change(cast, "close", cast.clerk)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("field", ["session_epoch"])
def test_the_epoch_is_no_field_of_any_form(cast, as_user, field):
    assert field not in as_user(cast.sysadmin).get(f"/admin/org/user/{cast.clerk.pk}/change/").content.decode()
    assert get_user_model()._meta.get_field(field).editable is False
