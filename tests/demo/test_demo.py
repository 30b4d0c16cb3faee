"""A newcomer finds a company at work: cases in every state, each with a whole trail."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.models import Volume
from lifeops.cases.models import Case, CaseEvent, broken_links
from lifeops.cases.states import State
from lifeops.demo.accounts import ACCOUNTS
from lifeops.demo.inputs import ITEMS
from lifeops.demo.story import ways
from lifeops.documents.checklists import uneven
from lifeops.documents.models import Page
from lifeops.documents.storage import page_file
from lifeops.org.models import Branch, Role, User
from lifeops.policies.models import Coverage, DividendOption, Party, Policy, PolicyEvent, PolicyNotice
from tests.plain import in_plain_text


@pytest.mark.django_db
def test_demo_has_its_units_people_and_every_item_in_every_state(settings):
    number = len(ways(ITEMS))
    call_command("demo_data", "--cases", str(number), stdout=io.StringIO())
    assert [Branch.objects.filter(level=n).count() for n in (1, 2, 3, 4)] == [1, 3, 6, 12]
    assert {username for username, _ in ACCOUNTS} <= set(User.objects.values_list("username", flat=True))
    assert 55 <= User.objects.count() <= 65 and set(Role) == {p for u in User.objects.all() for p in u.roles}
    assert User.objects.get(username="clerk.a").check_password(settings.DEMO_PASSWORD)
    assert set(Case.objects.values_list("state", flat=True)) == set(State.values)
    assert {(c.line, c.item) for c in Case.objects.all()} == {(line, item) for item, (line, _) in ITEMS.items()}
    assert len(set(Case.objects.values_list("channel", flat=True))) >= 4 and not Case.objects.filter(channel="agent", agent_code="").exists()
    assert [c.number for c in Case.objects.all() if broken_links(c)] == []
    assert Case.objects.filter(due_at__lt=timezone.now()).exclude(state="archived").exists()
    assert not CaseEvent.objects.filter(at__gt=timezone.now()).exists()
    assert PolicyNotice.objects.filter(kind="lapse", sent_on__isnull=True).exists() and not PolicyEvent.objects.filter(kind="stuck").exists()
    shared = PolicyEvent.objects.filter(kind="dividend", source="job")
    assert shared.filter(key__startswith="bonus:").exists() and {v for v, _ in DividendOption.choices} <= set(Policy.objects.values_list("dividend_option", flat=True))
    letters = PolicyNotice.objects.filter(kind="dividend")
    assert {n.sent_on is None for n in letters} == {True, False} and not letters.filter(sent_on__isnull=False, letters__isnull=True).exists()
    assert Coverage.objects.filter(version__product__code__in=("A60", "W31"), bonus_sum__gt=0).count() >= 2
    told = list(Case.objects.order_by("pk").values_list("pk", flat=True)[:number])  # after them come the scans that are shipped
    scanned = Case.objects.filter(pk__in=told, documents__isnull=False).distinct()
    assert set(scanned.values_list("state", flat=True)) >= {State.CAPTURED, State.QUEUED, State.IN_REVIEW, State.ARCHIVED}
    assert uneven(list(scanned.values_list("pk", flat=True))) == set()
    assert in_plain_text() == set()
    assert not Volume.objects.exclude(gap_reason="").exists()  # nothing had to be explained away
    page = Page.objects.filter(doc_type="ID_APPLICANT").first()
    assert page is not None and len(page_file(page.path).read_bytes()) > 5000
    before = Case.objects.count()
    call_command("demo_data", "--if-empty", stdout=io.StringIO())
    assert Case.objects.count() == before
    with pytest.raises(CommandError, match="只装入空库"):
        call_command("demo_data", stdout=io.StringIO())


@pytest.mark.django_db
def test_demo_people_do_not_exist(settings):
    call_command("demo_data", "--cases", "8", stdout=io.StringIO())
    assert all(p.id_number.startswith("99") and p.phone.startswith(("1990", "1991")) for p in Party.objects.all())
