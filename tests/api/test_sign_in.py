"""Tokens: given for name and password, throttled, locked out, void for those who left."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework.authtoken.models import Token

from tests.api.calls import ROOT
from tests.cast import PASSWORD

URL = f"{ROOT}/auth/token/"


def ask(client, username="clerk", password=PASSWORD):
    return client.post(URL, {"username": username, "password": password}, format="json")


def test_a_token_opens_the_interface_and_is_void_when_given_back(cast, api):
    client = api()
    token = ask(client).json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get(f"{ROOT}/me/").json()["username"] == "clerk"
    assert client.delete(URL).status_code == 204
    assert client.get(f"{ROOT}/me/").status_code == 401
    cast.clerk.refresh_from_db()
    assert cast.clerk.last_login is not None


@pytest.mark.parametrize(("name", "password"), [("clerk", "wrong"), ("nobody", PASSWORD), ("clerk", PASSWORD + " ")])
def test_a_wrong_name_and_a_wrong_password_are_told_the_same(cast, api, name, password):
    answer = ask(api(), name, password)
    assert (answer.status_code, answer.json()) == (401, {"detail": "用户名或密码不正确，或账号已停用"})
    assert not Token.objects.exists()


def test_missing_fields_are_named(cast, api):
    answer = api().post(URL, {"username": "clerk"}, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["password"])


def test_who_has_left_gets_no_token_and_the_old_one_is_void(cast, api):
    client = api()
    token = ask(client).json()["token"]
    cast.clerk.is_active = False
    cast.clerk.save()
    assert ask(api()).status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get(f"{ROOT}/me/").status_code == 401


def test_a_person_without_postings_is_let_in_nowhere(cast, api):
    cast.clerk.postings.update(ends_on="2021-01-01")
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Token {ask(client).json()['token']}")
    assert client.get(f"{ROOT}/cases/").status_code == 403


def test_tries_are_limited_per_name_wherever_they_come_from(cast, api):
    # within one minute, however slow the machine
    with time_machine.travel(timezone.now(), tick=False):
        answers = [
            api().post(
                URL, {"username": "Clerk" if n % 2 else "clerk", "password": "x"}, format="json",
                HTTP_X_FORWARDED_FOR=f"10.0.0.{n}",
            ).status_code
            for n in range(22)
        ]  # fmt: skip
        assert answers[:20] == [401] * 20 and answers[20:] == [429, 429]
        words = ask(api()).json()["detail"]
        assert words.startswith("请求过于频繁")


def test_five_failures_lock_the_account_and_say_so_in_json(cast, api, settings):
    settings.AXES_ENABLED = True
    client = api()
    answers = [ask(client, password="wrong").status_code for _ in range(5)]
    assert answers[:4] == [401] * 4
    locked = ask(client)
    assert (locked.status_code, locked["Content-Type"]) == (429, "application/json")
    assert "锁定" in locked.json()["detail"]
    assert not Token.objects.exists()


def test_a_sign_in_clears_the_failures_before_it(cast, api, settings):
    settings.AXES_ENABLED = True
    client = api()
    for _ in range(2):
        assert [ask(client, password="wrong").status_code for _ in range(3)] == [401] * 3
        assert ask(client).status_code == 200


def test_a_session_works_too_but_its_writes_need_the_forms_token(cast, client):
    from rest_framework.test import APIClient

    strict = APIClient(enforce_csrf_checks=True)
    strict.force_login(cast.clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.get(f"{ROOT}/me/").status_code == 200
    assert strict.post(f"{ROOT}/notices/read/", {}, format="json").status_code == 403


# 修改密码 ---------------------------------------------------------------------------------------------------------

NEW = "another-good-one-2026"


def change(client, username="clerk", password=PASSWORD, new=NEW):
    told = {"username": username, "password": password, "new_password": new}
    return client.post(f"{ROOT}/auth/password/", told, format="json")


def test_a_changed_password_voids_tokens_and_sessions(cast, api, client):
    client.login(username="clerk", password=PASSWORD)
    machine = api()
    machine.credentials(HTTP_AUTHORIZATION=f"Token {ask(machine).json()['token']}")
    assert change(api()).status_code == 204
    assert machine.get(f"{ROOT}/me/").status_code == 401
    assert client.get("/").status_code == 302
    assert (ask(api()).status_code, ask(api(), password=NEW).status_code) == (401, 200)


def test_a_first_password_is_good_for_being_changed_and_for_nothing_else(cast, api):
    first = cast.clerk.hand_out_password(timezone.now() + timedelta(hours=1))
    cast.clerk.save()
    assert ask(api(), password=first).status_code == 403
    assert list(change(api(), password=first, new=first).json()["errors"]) == ["new_password"]
    assert change(api(), password=first).status_code == 204
    assert ask(api(), password=NEW).status_code == 200


def test_a_first_password_past_its_day_is_not_changed(cast, api):
    first = cast.clerk.hand_out_password(timezone.now() - timedelta(hours=1))
    cast.clerk.save()
    refused = change(api(), password=first)
    assert (refused.status_code, refused.json()["who"]) == (403, "系统管理岗")
    cast.clerk.refresh_from_db()
    assert cast.clerk.check_password(first)


@pytest.mark.parametrize("new", ["12345678", "short1", PASSWORD])
def test_a_weak_or_unchanged_password_is_refused_at_its_field(cast, api, new):
    answer = change(api(), new=new)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["new_password"])
    assert not re.search("[a-z]{3}", answer.json()["detail"].replace("new_password", ""))
    assert ask(api()).status_code == 200


def test_only_who_knows_the_password_changes_it(cast, api, settings):
    assert change(api(cast.sysadmin), password="wrong").status_code == 401
    assert change(api(), username="nobody").status_code == 401
    settings.AXES_ENABLED = True
    client = api()
    assert [change(client, password="wrong").status_code for _ in range(5)][:4] == [401] * 4
    assert change(client).status_code == 429
    cast.clerk.refresh_from_db()
    assert cast.clerk.check_password(PASSWORD)
