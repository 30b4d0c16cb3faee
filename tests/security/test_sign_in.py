"""登录: one password tried on many names from one network ends soon; others sign in all the while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.urls import reverse
from django.utils import timezone

from lifeops.org.signing import MOST_PER_NETWORK
from tests.cast import PASSWORD


def failed(times, ip="10.9.8.7", ago=timedelta(minutes=1)):
    for n in range(times):
        row = AccessAttempt.objects.create(username=f"name{n}", ip_address=ip, user_agent=f"x{n}", failures_since_start=1)
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - ago)


def sign_in(client, ip):
    return client.post("/login/", {"username": "clerk", "password": PASSWORD}, REMOTE_ADDR=ip)


def test_spraying_shuts_the_network_it_comes_from_and_no_other(cast, client):
    failed(MOST_PER_NETWORK)
    page = sign_in(client, "10.9.8.7")
    assert page.status_code == 200 and "本网络登录失败次数过多" in page.content.decode()
    told = client.post("/api/v1/auth/token/", {"username": "clerk", "password": PASSWORD}, content_type="application/json", REMOTE_ADDR="10.9.8.7")
    assert told.status_code == 429
    assert sign_in(client, "10.9.8.6").status_code == 302


@pytest.mark.parametrize(("times", "ago"), [(MOST_PER_NETWORK - 1, timedelta(minutes=1)), (MOST_PER_NETWORK, timedelta(minutes=16))])
def test_fewer_or_older_failures_shut_nothing(cast, client, times, ago):
    failed(times, ago=ago)
    assert sign_in(client, "10.9.8.7").status_code == 302


def test_a_header_does_not_make_it_another_network(cast, client):
    failed(MOST_PER_NETWORK)
    page = client.post("/login/", {"username": "clerk", "password": PASSWORD}, REMOTE_ADDR="10.9.8.7", HTTP_X_FORWARDED_FOR="1.2.3.4")
    assert page.status_code == 200


def test_a_wrong_password_is_said_in_the_words_of_the_form_and_strangers_get_no_tools(cast, client):
    answer = client.post(reverse("login"), {"username": cast.clerk.username, "password": "不对的密码"}).content.decode()
    assert "账号或密码不正确" in answer and "用户名" not in answer
    lost = client.get("/没有/").content.decode()
    assert reverse("logout") not in lost and reverse("password") not in lost


def test_signing_out_empties_the_browser_of_scans(cast, as_user):
    client = as_user(cast.clerk)
    assert client.get("/logout/").status_code == 405
    answer = client.post("/logout/")
    assert answer.status_code == 302 and answer["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("url", ["/", "/cases/", "/search/", "/api/v1/me/", "/password/", "/notices/", "/nowhere/"])
def test_pages_of_the_house_stay_in_no_cache(cast, as_user, url):
    assert as_user(cast.clerk).get(url)["Cache-Control"] == "private, no-store"


def test_what_says_for_how_long_it_may_be_kept_is_left_as_it_is(cast, as_user):
    assert as_user(cast.clerk).get("/lookup/bank/?q=a")["Cache-Control"] == "private, max-age=300"
