"""挂起 on the policy page: registered with holder and reason, lifted with one; by whom, and over which policies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.policies.models import PolicyHold
from lifeops.policies.services.locking import change_status, hold
from tests.factories import make_policy

pytestmark = pytest.mark.django_db
GOOD = {"kind": "court", "holder": "（2026）虚构执 1 号", "reason": "协助执行通知书", "day": ""}


def url(policy):
    return reverse("policies:hold", args=[policy.number])


def detail(client, policy):
    return client.get(reverse("policies:detail", args=[policy.number])).content.decode()


def test_a_freeze_from_the_paper_to_its_lifting(cast, as_user):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    client, today = as_user(cast.head), timezone.localdate()
    assert "挂起…" in detail(client, policy) and "登记挂起" in client.get(url(policy)).content.decode()
    assert client.post(url(policy), GOOD | {"day": (today - timedelta(days=1)).isoformat()}).status_code == 302
    row = PolicyHold.objects.get()
    assert (row.kind, row.holder, row.reason, row.placed_on, row.placed_by) == ("court", GOOD["holder"], GOOD["reason"], today - timedelta(days=1), cast.head)
    lift = reverse("policies:lift", args=[policy.number, row.pk])
    text = detail(client, policy)
    assert all(words in text for words in ("司法冻结", GOOD["holder"], GOOD["reason"], f'href="{lift}"'))
    own = client.post(lift, {"reason": "解除"})
    assert own.status_code == 400 and "登记人以外的人" in own.content.decode()
    other = as_user(cast.ps_reviewer)
    assert other.post(lift, {"reason": ""}).status_code == 400
    answer = other.post(lift, {"reason": "解除", "day": (today - timedelta(days=2)).isoformat()})
    assert answer.status_code == 400 and "早于挂起日" in answer.content.decode()
    assert other.post(lift, {"reason": "解除冻结裁定书"}).status_code == 302
    row.refresh_from_db()
    assert (row.lifted_on, row.lifted_by, row.lift_reason) == (today, cast.ps_reviewer, "解除冻结裁定书")
    assert 'id="holds"' not in detail(client, policy) and "解除挂起" in detail(client, policy)
    assert client.post(lift, {"reason": "再次解除"}).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": ""}, "请选择挂起种类"), ({"kind": "case"}, "有效的选项"), ({"holder": " "}, "请填写挂起方"), ({"reason": ""}, "请填写原因"),
        ({"day": "2999-01-01"}, "不能晚于今天"), ({"day": "昨天"}, "日期格式为"), ({"holder": "号" * 61}, "60"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_at_its_field_and_nothing_is_held(cast, as_user, change, words):
    policy = make_policy(cast.county, cast.clerk)
    answer = as_user(cast.head).post(url(policy), GOOD | change)
    assert answer.status_code == 400 and words in answer.content.decode()
    if change.get("reason") is None:
        assert GOOD["reason"] in answer.content.decode()
    assert not PolicyHold.objects.exists()


def test_the_same_paper_is_registered_once(cast, as_user):
    policy = make_policy(cast.county, cast.clerk)
    client = as_user(cast.head)
    client.post(url(policy), GOOD)
    answer = client.post(url(policy), GOOD)
    assert answer.status_code == 400 and "已经登记" in answer.content.decode() and PolicyHold.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("head", 302), ("ps_reviewer", 302), ("cl_reviewer", 302), ("manager", 302), ("clerk", 403), ("auditor", 403), ("archive", 403),
        ("approver", 403), ("sysadmin", 403), ("other_head", 404),
    ],
)  # fmt: skip
def test_who_registers_and_lifts(cast, as_user, who, status):
    policy = make_policy(cast.county, cast.clerk)
    client = as_user(getattr(cast, who))
    assert client.post(url(policy), GOOD).status_code == status
    assert PolicyHold.objects.exists() == (status == 302)
    as_user(cast.ps_reviewer2).post(url(policy), GOOD | {"holder": "另一文号"})
    row = PolicyHold.objects.get(holder="另一文号")
    assert as_user(getattr(cast, who)).post(reverse("policies:lift", args=[policy.number, row.pk]), {"reason": "解除裁定"}).status_code == status
    if status == 403 and who in ("clerk", "auditor"):
        assert "挂起…" not in detail(as_user(getattr(cast, who)), policy)


def test_the_hold_of_a_case_another_policy_and_an_ended_contract(cast, as_user):
    policy, second = (make_policy(cast.county, cast.clerk) for _ in range(2))
    hold(policy, "CL-1", actor=cast.clerk)
    client = as_user(cast.head)
    row = policy.holds.get()
    assert client.post(reverse("policies:lift", args=[policy.number, row.pk]), {"reason": "解除裁定"}).status_code == 404
    client.post(url(second), GOOD)
    other = second.holds.get()
    assert client.post(reverse("policies:lift", args=[policy.number, other.pk]), {"reason": "解除裁定"}).status_code == 404
    assert client.get(reverse("policies:lift", args=[policy.number, 10**20])).status_code == 404
    change_status(second, "terminated", on=timezone.localdate(), cause="退保")
    assert "挂起…" not in detail(client, second)
