"""Accounts: a closed one takes its sessions along for good."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from lifeops.administration import orders
from lifeops.cases.errors import Refused
from lifeops.notices.models import Notice
from lifeops.org.models import ChangeOrder, Role, User
from tests.cast import PASSWORD, hire


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


# 初始密码 ------------------------------------------------------------------------------------------------------------

NEW = "an-own-password-2026"


def reset(cast, user):
    order, told = change(cast, "reset", user)
    return order, told


def password_of(text):
    return re.search(r"初始密码：([\w-]{10,})，", text).group(1)


def test_who_approves_a_reset_learns_no_password(cast, as_user):
    order = orders.propose(op="reset", payload={"user": cast.clerk.pk}, summary="重置", reason="忘记", actor=cast.sysadmin, now=timezone.now())
    page = as_user(cast.secadmin).post(f"/org/changes/{order.pk}/", {"decision": "approve"}, follow=True).content.decode()
    assert "由申请人在 24 小时内取出" in page and not re.search(r"初始密码：[\w-]{10,}", page) and "取出初始密码" not in page
    clerk = User.objects.get(pk=cast.clerk.pk)
    assert not clerk.has_usable_password()
    for who in (cast.secadmin, cast.secadmin2, cast.auditor, cast.entry):
        assert as_user(who).post(f"/org/changes/{order.pk}/password/").status_code == 403


def test_another_administrator_does_not_take_it_out(cast):
    order, _ = reset(cast, cast.clerk)
    other = hire("sys2", Role.SYSADMIN, cast.hq, staff_no="S2")
    for who in (other, cast.secadmin):
        with pytest.raises(Refused, match="只由申请人取出"):
            orders.hand_out(order=order, actor=who, now=timezone.now())


def test_the_one_who_asked_sees_it_once_and_it_is_kept_nowhere(cast, as_user):
    order, _ = reset(cast, cast.clerk)
    client = as_user(cast.sysadmin)
    assert "取出初始密码" in client.get(f"/org/changes/{order.pk}/").content.decode()
    assert client.get(f"/org/changes/{order.pk}/password/").status_code == 405
    answer = client.post(f"/org/changes/{order.pk}/password/")
    password = password_of(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    assert not any(password in cookie.value for cookie in client.cookies.values()) and password not in str(dict(client.session))
    again = client.post(f"/org/changes/{order.pk}/password/")
    assert again.status_code == 403 and "不能再次显示" in again.content.decode()
    assert password not in client.get(f"/org/changes/{order.pk}/").content.decode()
    row = ChangeOrder.objects.get(pk=order.pk)
    assert password not in f"{row.payload}{row.remark}{row.summary}"
    assert password not in "".join(f"{n.title}{n.body}" for n in Notice.objects.all())
    # the person learns that somebody had a password made
    assert Notice.objects.filter(recipient=cast.clerk, key=f"order:{order.pk}:password").exists()


def test_a_first_password_is_good_for_being_changed_and_for_nothing_else(cast, client):
    order, _ = reset(cast, cast.clerk)
    password = password_of(orders.hand_out(order=order, actor=cast.sysadmin, now=timezone.now()))
    answer = client.post("/login/", {"username": "clerk", "password": password, "next": "/cases/"})
    assert answer.status_code == 302
    for url in ("/", "/cases/", "/intake/", "/documents/", "/notices/"):
        assert client.get(url)["Location"] == "/password/", url
    refused = client.get("/api/v1/me/")
    assert refused.status_code == 403 and "请先修改初始密码" in refused.json()["detail"]
    told = Client().post("/api/v1/auth/token/", {"username": "clerk", "password": password}, content_type="application/json")
    assert told.status_code == 403 and "请先修改" in told.json()["detail"]
    same = {"old_password": password, "new_password1": password, "new_password2": password}
    assert "新密码不能与原密码相同" in client.post("/password/", same).content.decode()
    assert client.post("/password/", {"old_password": password, "new_password1": NEW, "new_password2": NEW})["Location"] == "/"
    assert client.get("/").status_code == 200
    assert User.objects.get(pk=cast.clerk.pk).password_due is None


def test_after_a_day_it_opens_nothing(cast, client):
    order, _ = reset(cast, cast.clerk)
    password = password_of(orders.hand_out(order=order, actor=cast.sysadmin, now=timezone.now()))
    client.post("/login/", {"username": "clerk", "password": password})
    User.objects.filter(pk=cast.clerk.pk).update(password_due=timezone.now() - timedelta(seconds=1))
    assert client.get("/password/")["Location"] == "/login/"
    page = client.post("/login/", {"username": "clerk", "password": password})
    assert page.status_code == 200 and "初始密码已过期" in page.content.decode()
    told = client.post("/api/v1/auth/token/", {"username": "clerk", "password": password}, content_type="application/json")
    assert told.status_code == 403 and "已过期" in told.json()["detail"]


def test_it_is_taken_out_within_a_day_of_the_approval(cast):
    order, _ = reset(cast, cast.clerk)
    with pytest.raises(Refused, match="未在 24 小时内取出"):
        orders.hand_out(order=order, actor=cast.sysadmin, now=timezone.now() + timedelta(hours=24, seconds=1))
    other = orders.propose(op="close", payload={"user": cast.entry.pk}, summary="停用", reason="离职", actor=cast.sysadmin, now=timezone.now())
    with pytest.raises(Refused, match="没有待取出"):
        orders.hand_out(order=other, actor=cast.sysadmin, now=timezone.now())


def test_a_reset_ends_sessions_tokens_and_the_old_password(cast, client):
    from rest_framework.authtoken.models import Token

    client.force_login(cast.clerk, backend="django.contrib.auth.backends.ModelBackend")
    Token.objects.create(user=cast.clerk)
    reset(cast, cast.clerk)
    assert client.get("/")["Location"].startswith("/login/") and not Token.objects.filter(user=cast.clerk).exists()
    assert not client.login(username="clerk", password=PASSWORD)
