"""What somebody tries at the counter, and with the pages everybody has, that no form would send."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.models import Settlement
from lifeops.cases.models import Draft
from lifeops.cases.perform import perform
from lifeops.notices.services import notify
from tests.factories import accept, again, make_policy, overrides_at_counter
from tests.intake.test_pages import counter_post

DEEP = "[" * 50_000 + "]" * 50_000


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("cl_reviewer", "/cases/?before=²"), ("cl_reviewer", "/queues/claims/?after=²__1"), ("cl_reviewer", "/requests/?after=²"),
        ("clerk", "/notices/?before=²"), ("sysadmin", "/org/changes/?before=²"), ("head", "/archive/payments/?before=²"),
        ("manager", "/admin/cases/clockrule/add/?of=²"), ("head", "/intake/settlement/?day=9999-12-31"),
        ("head", "/intake/settlement/?day=0001-01-01"), ("clerk", "/intake/worklist/?after=1_9999-12-31T23:59:59-12:00_1"),
    ],
)
def test_odd_figures_in_an_address_show_a_page(cast, as_user, who, address):
    assert as_user(getattr(cast, who)).get(address).status_code == 200


@pytest.mark.parametrize(
    "sent", [{"applicant": "²"}, {"item": "CL05", "papers": "x"}, {"item": "CL05", "papers": "[1]"}, {"item": "CL05", "papers": DEEP},
             {"item": "CL05", "papers": json.dumps([{"doc_type": {"a": 1}, "pages": [1]}])}]
)  # fmt: skip
def test_the_side_of_the_counter_takes_whatever_is_sent(cast, as_user, sent):
    client = as_user(cast.clerk)
    assert client.post(reverse("intake:refresh"), sent).status_code == 200
    assert client.post(reverse("intake:counter"), sent).status_code == 400


def test_pages_that_begin_like_a_number_are_read_to_their_end(cast, as_user):
    case = accept(cast)
    data = {"version": case.version, "paper-CLAIM_FORM-received": "copy", "paper-CLAIM_FORM-pages": "000001" + "9" * 5000}
    answer = as_user(cast.clerk).post(reverse("intake:papers", args=[case.number]), data)
    assert answer.status_code == 302
    assert again(case).version == case.version


@pytest.mark.parametrize("version", ["²", "9" * 5000, "-1", "1.5", ""])
def test_a_version_that_is_no_number_is_a_stale_one(cast, as_user, version):
    case = accept(cast)
    answer = as_user(cast.clerk).post(reverse("cases:step", args=[case.number, "withdraw"]), {"version": version, "reason": "x"})
    assert answer.status_code == 409


def test_a_key_too_long_to_keep_is_bad_input(cast, as_user):
    case = accept(cast)
    client = as_user(cast.clerk)
    data = {"version": case.version, "reason": "客户要求", "key": "k" * 200}
    assert client.post(reverse("cases:step", args=[case.number, "withdraw"]), data).status_code == 400
    assert again(case).state == "received"
    policy = make_policy(cast.county, cast.clerk)
    assert client.post(reverse("intake:counter"), counter_post(policy, key="k" * 200)).status_code == 400


@pytest.mark.parametrize("sent", [{"unit": "no-such-unit"}, {"day": "yesterday"}, {"day": "9999-12-31"}])
def test_a_settlement_is_signed_for_the_unit_and_day_named_or_not_at_all(cast, as_user, sent):
    data = {"unit": cast.county.code, "day": timezone.localdate().isoformat(), "explanation": ""} | sent
    answer = as_user(cast.head).post(reverse("intake:settlement"), data)
    assert answer.status_code == 400 and not Settlement.objects.exists()


def test_marking_nothing_readable_marks_nothing(cast, as_user):
    notify(users=[cast.clerk], key="t:1", title="通知")
    client = as_user(cast.clerk)
    client.post(reverse("notices:read"), {"id": "²"})
    assert cast.clerk.notices.filter(read_at__isnull=True).exists()
    client.post(reverse("notices:read"), {})
    assert not cast.clerk.notices.filter(read_at__isnull=True).exists()


@pytest.mark.parametrize(
    "body",
    [
        '{"data":{},"version":"abc"}', '{"data":{},"version":[1]}', '{"data":{},"version":99999999999}', '{"data":{},"version":-5}',
        '{"data":{},"version":1e400}', '{"data":' + DEEP + "}", '{"data":{"a":"\\ud800"}}', '{"data":[1]}', '{"data":"x"}', DEEP,
    ],
)  # fmt: skip
def test_a_draft_that_is_none_is_refused(cast, as_user, body):
    client = as_user(cast.clerk)
    answer = client.post(reverse("cases:draft", args=["entry:x"]), body, content_type="application/json")
    assert answer.status_code == 400 and "草稿" in answer.json()["error"]
    assert not Draft.objects.exists()


def test_drafts_of_one_person_do_not_fill_the_disk(cast, as_user):
    """A draft may be large; how many a person has is bounded, and the oldest give way."""
    client = as_user(cast.clerk)
    Draft.objects.bulk_create(Draft(user=cast.clerk, key=f"old:{n}", data={}, version=0) for n in range(300))
    Draft.objects.create(user=cast.entry, key="old:0", data={"a": ["1"]})
    save = client.post(reverse("cases:draft", args=["new"]), '{"data":{"a":["1"]},"version":1}', content_type="application/json")
    assert save.status_code == 200
    kept = Draft.objects.filter(user=cast.clerk)
    assert kept.count() <= 200 and kept.filter(key="new").exists()
    assert Draft.objects.filter(user=cast.entry).count() == 1


def test_what_holds_numbers_in_full_is_kept_by_no_browser(cast, as_user):
    client = as_user(cast.clerk)
    assert "no-store" in client.get(reverse("cases:draft", args=["counter"]))["Cache-Control"]
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    page = as_user(cast.entry).get(reverse("intake:entry", args=[case.number]))
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
