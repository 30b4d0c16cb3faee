"""运营管理, page by page: the search of the header, and rules in force that end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from lifeops.administration.base import BigTable
from lifeops.administration.registry import site
from lifeops.administration.versions import VersionAdmin
from lifeops.cases.models import ClockRule
from lifeops.cases.perform import perform
from lifeops.org.models import AuthorityLimit
from tests.factories import accept
from tests.insight.test_administration import ADMIN, TODAY, form_errors, pages


@pytest.mark.parametrize("who", ["manager", "auditor", "sysadmin", "secadmin"])
def test_every_page_of_the_administration_searches_like_all_other_pages(cast, as_user, who):
    client, case = as_user(getattr(cast, who)), accept(cast)
    model = {"secadmin": AuthorityLimit}.get(who, ClockRule)
    row = model.objects.first()
    searches = who in ("manager", "auditor")
    for url in (ADMIN, pages(model), pages(model, "change", row.pk), pages(model, "history", row.pk)):
        page = client.get(url).content.decode()
        assert (f'action="{reverse("cases:search")}"' in page) == ('id="find"' in page) == searches, url
    assert ("addlink" in client.get(pages(model)).content.decode()) == (who == "manager")
    answer = client.post(reverse("cases:search"), {"q": case.number}, follow=True)
    assert answer.status_code == (200 if searches else 403)
    assert (case.number in answer.content.decode()) == searches


@pytest.mark.parametrize("model", sorted((m for m, a in site._registry.items() if isinstance(a, VersionAdmin)), key=str))
def test_every_kind_of_rule_in_force_can_be_ended_on_its_page(cast, as_user, model):
    row, last = model.objects.in_force(TODAY()).first(), TODAY() + timedelta(days=9)
    sent = {"effective_to": last, "change_reason": "停用"}
    answer = as_user(cast.manager).post(pages(model, "change", row.pk), sent)
    assert answer.status_code == 302, form_errors(answer)
    row.refresh_from_db()
    assert row.effective_to == last


@pytest.mark.parametrize("model", sorted((m for m, a in site._registry.items() if isinstance(a, BigTable)), key=str))
def test_the_large_tables_go_by_key_whatever_order_is_asked_for(cast, as_user, model):
    accept(cast)
    perform(accept(cast), "withdraw", actor=cast.clerk, reason="客户撤回")
    client, url = as_user(cast.manager), pages(model)
    newest = list(model._default_manager.order_by("-pk"))
    page = client.get(url)
    assert list(page.context["cl"].result_list) == newest and "?o=" not in page.content.decode()
    assert list(client.get(f"{url}?o=1").context["cl"].result_list) == newest
