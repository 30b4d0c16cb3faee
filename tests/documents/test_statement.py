"""保单对账单: what the book says, in Chinese, masked; kept as printed; for those who may open the policy."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.documents.models import Statement
from lifeops.documents.statements import content, pdf_of
from lifeops.policies.services.locking import change_status
from lifeops.policies.services.servicing import surrender_value
from tests.documents.letter_reading import printed, squeezed
from tests.factories import make_policy

pytestmark = pytest.mark.django_db


def rich(cast):
    return make_policy(
        cast.county, cast.clerk, product="W30",
        beneficiaries=[{"name": "丙受益", "relation": "子女", "share_pct": "100", "id_number": "990101201001010017"}],
    )


def issued(client, policy):
    return client.post(reverse("documents:statement_issue", args=[policy.number]))


def test_the_statement_says_what_the_book_says(cast, as_user):
    policy = rich(cast)
    answer = issued(as_user(cast.clerk), policy)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    text = printed(answer.content)
    value = surrender_value(policy, timezone.localdate())
    for words in ("保单对账单", policy.number, "有效", policy.insured.name, "丙受益", "300,000.00", f"{value.amount:,.2f}", "100%", "首期"):
        assert squeezed(words) in text, words
    for line in value.lines:
        assert squeezed(line.label) in text and squeezed(f"{line.value:,.2f}") in text
    kept = Statement.objects.get()
    for secret in (policy.insured.id_number, policy.insured.phone, "990101201001010017"):
        assert secret not in text and secret not in str(kept.data)
    assert (kept.created_by, kept.number) == (cast.clerk, f"{policy.number}-S001") and pdf_of(kept) == answer.content


def test_the_same_content_is_the_same_statement_and_a_change_makes_a_new_one(cast, as_user):
    policy, client = rich(cast), as_user(cast.clerk)
    first, second = issued(client, policy), issued(client, policy)
    assert first.content == second.content and Statement.objects.count() == 1
    change_status(policy, "terminated", on=timezone.localdate(), cause="退保")
    text = printed(issued(client, policy).content)
    assert "终止" in text and "退保可得金额" not in text
    assert list(Statement.objects.order_by("pk").values_list("number", flat=True)) == [f"{policy.number}-S00{n}" for n in (1, 2)]
    old = Statement.objects.order_by("pk").first()
    assert client.get(reverse("documents:statement_pdf", args=[old.pk])).content == first.content


@pytest.mark.parametrize(
    ("who", "status"),
    [("clerk", 200), ("issue", 200), ("manager", 200), ("auditor", 403), ("other_clerk", 404), ("sysadmin", 403)],
)
def test_who_prints_it(cast, as_user, who, status):
    assert issued(as_user(getattr(cast, who)), rich(cast)).status_code == status


def test_who_looks_at_it_again(cast, as_user):
    issued(as_user(cast.clerk), rich(cast))
    url = reverse("documents:statement_pdf", args=[Statement.objects.get().pk])
    for who, status in (("auditor", 200), ("entry", 200), ("other_clerk", 404), ("secadmin", 403)):
        assert as_user(getattr(cast, who)).get(url).status_code == status
    assert as_user(cast.clerk).get(reverse("documents:statement_pdf", args=[10**18 + 1])).status_code == 404


def test_the_button_is_there_for_those_who_may_print(cast, as_user):
    policy = rich(cast)
    url = reverse("documents:statement_issue", args=[policy.number])
    page = reverse("policies:detail", args=[policy.number])
    assert url in as_user(cast.clerk).get(page).content.decode()
    assert url not in as_user(cast.auditor).get(page).content.decode()


def test_a_missing_table_is_said_and_does_not_stop_the_statement(cast):
    policy = rich(cast)
    policy.main.version.rates.all().delete()
    assert "缺少现金价值表" in content(policy, timezone.now())["value_note"]
