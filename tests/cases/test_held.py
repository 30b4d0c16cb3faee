"""Rules held in memory: an edit counts at once where it is made, and elsewhere after a moment."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from lifeops.cases.models import ProcessRule
from lifeops.documents.models import ChecklistRule
from lifeops.org import held
from lifeops.org.held import Held


@pytest.fixture
def orders(db):
    return Held(ProcessRule)


def test_what_is_saved_or_deleted_is_seen_at_once(orders):
    rule = orders.rows()[0]
    other = ProcessRule.objects.get(pk=rule.pk)
    other.order = "scan_first"
    other.save()
    assert next(r for r in orders.rows() if r.pk == rule.pk).order == "scan_first"
    other.delete()
    assert rule.pk not in {r.pk for r in orders.rows()}


def test_it_is_read_once_until_the_time_is_up(orders, monkeypatch, django_assert_num_queries):
    with django_assert_num_queries(1):
        count = len(orders.rows()) + len(orders.rows())
    ProcessRule.objects.all().delete()  # each row is told of
    assert count and orders.rows() == []
    ProcessRule.objects.bulk_create([ProcessRule(line="claims", order="any", effective_from=timezone.localdate())])
    assert orders.rows() == []  # as another process would have written it
    monkeypatch.setattr(held, "SECONDS", -1)
    assert len(orders.rows()) == 1


def test_a_name_read_along_is_renewed_with_its_row(db):
    papers = Held(ChecklistRule, "doc_type")
    kind = papers.rows()[0].doc_type
    fresh = type(kind).objects.get(pk=kind.pk)
    fresh.name = "新名称"
    fresh.save()
    assert papers.rows()[0].doc_type.name == "新名称"


def test_the_days_of_a_rule_are_its_own(orders):
    day = timezone.localdate() + timedelta(days=3)
    rule = ProcessRule.objects.create(line="claims", channel="bank", order="any", effective_from=day, effective_to=day)
    near = {offset: rule.pk in {r.pk for r in orders.on(day + timedelta(days=offset))} for offset in (-1, 0, 1)}
    assert near == {-1: False, 0: True, 1: False}


@pytest.mark.django_db(transaction=True)
def test_what_was_read_before_the_commit_does_not_outlive_it(transactional_cast):
    orders = Held(ProcessRule)
    with transaction.atomic():
        rule = ProcessRule.objects.create(line="claims", channel="agent", order="any", effective_from=timezone.localdate())
        before = [r for r in ProcessRule.objects.all() if r.pk != rule.pk]
        orders._kept = (time.monotonic(), before)  # another thread read meanwhile
    assert rule.pk in {r.pk for r in orders.rows()}
