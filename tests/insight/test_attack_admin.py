"""What somebody tries who may enter the administration, and wants more than it shows."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.authtoken.models import Token

from lifeops.administration import orders
from lifeops.org.models import User
from tests.api.calls import ROOT
from tests.cast import PASSWORD
from tests.insight.test_administration import ADMIN, pages
from tests.insight.test_orders import decide


@pytest.mark.parametrize("who", ["manager", "auditor", "sysadmin", "secadmin"])
@pytest.mark.parametrize("lookup", ["password__startswith=md5", "password__regex=^m", "email__startswith=c", "last_login__isnull=1"])
def test_columns_the_page_does_not_filter_by_are_not_asked_about_in_the_address(cast, as_user, who, lookup):
    """A password hash read character by character: each address answers yes or no."""
    answer = as_user(getattr(cast, who)).get(f"{pages(User)}?{lookup}")
    assert answer.status_code == 400


def test_the_filters_of_the_page_still_work(cast, as_user):
    client = as_user(cast.sysadmin)
    page = client.get(f"{pages(User)}?is_active__exact=1")
    assert page.status_code == 200 and cast.clerk.staff_no in page.content.decode()
    assert client.get(f"{pages(User)}?q={cast.clerk.staff_no}").status_code == 200


def test_a_link_does_not_sign_out(cast, as_user):
    client = as_user(cast.sysadmin)
    assert client.get(f"{ADMIN}logout/").status_code == 405
    assert client.get(ADMIN).status_code == 200
    assert client.post(f"{ADMIN}logout/").status_code == 302
    assert client.get(ADMIN).status_code == 302


def ask(cast, op, user):
    return orders.propose(
        op=op, payload={"user": user.pk}, summary=op, reason="测试", actor=cast.sysadmin, now=orders.timezone.now()
    )


def with_token(client, user):
    return client.get(f"{ROOT}/me/", headers={"Authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"})


@pytest.mark.parametrize("op", ["reset", "close"])
def test_a_token_ends_with_the_password_it_was_given_for(cast, client, op):
    """Whoever stole a token keeps nothing once the password is reset, or the account closed and opened again."""
    key = Token.objects.create(user=cast.clerk).key
    decide(ask(cast, op, cast.clerk), cast.secadmin)
    if op == "close":
        decide(ask(cast, "reopen", cast.clerk), cast.secadmin)
    assert client.get(f"{ROOT}/me/", headers={"Authorization": f"Token {key}"}).status_code == 401


def test_a_token_ends_when_the_person_changes_the_password(cast, as_user):
    key = Token.objects.create(user=cast.clerk).key
    client = as_user(cast.clerk)
    new = "another-long-password-7"
    changed = client.post(reverse("password"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert changed.status_code == 302
    assert not Token.objects.filter(key=key).exists()
