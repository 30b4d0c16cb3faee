"""What says who people are and where they live can be read in no column, whatever way it came in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.models import CaseEvent, broken_links
from lifeops.cases.models.event import veiled
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.documents.papers import issue, pdf_of
from lifeops.documents.statements import issue_statement
from lifeops.policies.models import Party, PartyContact
from lifeops.policies.services import particulars
from servicing.comparison import compare
from tests.factories import accept, again, handed_over, make_party, make_policy, proposal_handed_over, proposal_inputs
from tests.plain import in_plain_text, readable, secrets

pytestmark = pytest.mark.django_db
HOME, MAILBOX = "样本市样本区虚构路 88 号 3 幢", "zhang.san@example.invalid"


def test_a_changed_contact_can_be_read_nowhere_and_every_screen_masks_it(cast, as_user):
    case = handed_over(cast, item="PS14", address=HOME, email=MAILBOX)
    take_next(cast.ps_reviewer, "servicing")
    client = as_user(cast.ps_reviewer)
    page = client.get(case.get_absolute_url()).content.decode() + client.get(reverse("cases:tab", args=[case.number, "changes"])).content.decode()
    assert "样本市样本区******" in page and "z******@example.invalid" in page and HOME not in page and MAILBOX not in page
    event = perform(case, "conclude", actor=cast.ps_reviewer, outcome="APPROVE", opinion="资料齐全，申请真实")
    assert [c["after"] for c in event.data["changes"]] == ["199****7777", "z******@example.invalid", "样本市样本区******"]
    party = Party.objects.get(pk=case.policy.policyholder_id)
    assert (party.address, party.email) == (HOME, MAILBOX) and PartyContact.objects.filter(party=party).count() == 2
    issue(case=again(case), kind="receipt", actor=cast.clerk, now=timezone.now())
    issue_statement(policy=case.policy, actor=cast.clerk, now=timezone.now())
    assert {HOME, MAILBOX} <= secrets().keys() and in_plain_text() == set()


def test_nor_can_what_a_proposal_a_claim_and_the_file_of_a_customer_hold(cast):
    handed_over(cast, item="PS02"), handed_over(cast, item="CL05")
    given = proposal_inputs("NB02", holder_address=HOME)["holder_phone"]
    ill = "甲状腺结节手术，恢复良好"
    proposal_handed_over(cast, item="NB02", holder_address=HOME, health=proposal_inputs(yes={"4": ill})["health"])
    by = {"actor": cast.entry, "now": timezone.now()}
    party = make_party(email=MAILBOX)
    particulars.add_account(party=party, bank="招商银行", number="6225880123456789", **by)
    particulars.add_document(party=party, id_type="passport", number="E12345678", **by)
    particulars.add_phone(party=party, number="19912344321", **by)
    particulars.add_address(party=party, text=HOME + "乙", **by)
    known = secrets()
    assert {HOME, MAILBOX, ill, "6225880123456789", "E12345678", "19912344321", HOME + "乙", "9900001234567890"} <= known.keys() and given
    assert in_plain_text() == set()
    with connection.cursor() as cursor:  # the search itself finds what is there
        cursor.execute("UPDATE policies_party SET postcode = 'E12345' WHERE id = %s", [party.pk])
    assert any("E12345" in text for text in readable().values())


def test_a_correction_that_the_mask_hides_is_told_by_the_trail(cast):
    case = handed_over(cast, item="PS14", address=HOME)
    assert [r["after"] for r in _rows(case, "联系地址")] == ["— → 样本市样本区******"]
    other = accept(cast, item="PS14", policy=make_policy(cast.county, cast.clerk, product="W30"))
    perform(other, "pass_precheck", actor=cast.clerk)
    for street in ("虚构路 1 号", "虚构路 2 号"):
        perform(again(other), "save_record", actor=cast.entry, subject="policyholder", address=f"样本市样本区{street}")
    found = _rows(other, "联系地址")
    assert found[-1] == {"label": "联系地址", "before": "样本市样本区******", "after": "样本市样本区******（已改）"}


def _rows(case, label):
    return [r for e in case.events.order_by("seq") for r in e.data.get("changes", ()) if r["label"].endswith(label)]


def test_a_move_within_the_street_shows_as_a_change(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    Party.objects.filter(pk=policy.policyholder_id).update(address="样本市样本区虚构路 1 号")
    case = handed_over(cast, item="PS14", policy=policy, address="样本市样本区虚构路 2 号")
    assert {"label": "联系地址", "before": "样本市样本区******", "after": "样本市样本区******（已改）"} in compare(case, case.record)


def test_a_mailbox_is_shown_for_a_reason_to_those_who_need_it(cast, as_user):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    party = policy.policyholder
    Party.objects.filter(pk=party.pk).update(email=MAILBOX)
    where = reverse("policies:customer_reveal", args=[party.pk, "email"])
    assert MAILBOX not in as_user(cast.clerk).get(reverse("policies:customer", args=[party.pk])).content.decode()
    shown = as_user(cast.clerk).post(where, {"reason": "核对客户邮箱"})
    assert MAILBOX in shown.content.decode() and party.reveals.get().what == "email"
    assert as_user(cast.issue).post(where, {"reason": "核对客户邮箱"}).status_code == 403


def test_events_of_former_times_keep_their_hash_and_come_under_the_new_key(cast, settings):
    """As the migration leaves them: the content masked, what the hash is over beside it."""
    case = accept(cast, item="PS14")
    plain = {"changes": [{"label": "联系地址", "before": "", "after": HOME}]}
    last = perform(case, "pass_precheck", actor=cast.clerk)
    last.data = plain
    with _unguarded():
        CaseEvent.objects.filter(pk=last.pk).update(data=veiled(plain), sealed=plain, hash=last.digest())
        type(case).objects.filter(pk=case.pk).update(event_hash=last.digest())
    assert broken_links(again(case)) == [] and in_plain_text() == set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM cases_caseevent WHERE id = %s", [last.pk])
        (old,) = cursor.fetchone()
        settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
        call_command("rotate_keys", stdout=StringIO())
        cursor.execute("SELECT sealed FROM cases_caseevent WHERE id = %s", [last.pk])
        assert cursor.fetchone()[0] != old
    assert broken_links(again(case)) == []
    for change in ({"sealed": None}, {"data": {"changes": []}}):
        with pytest.raises(IntegrityError, match="只可追加"), transaction.atomic():
            CaseEvent.objects.filter(pk=last.pk).update(**change)
    with pytest.raises(IntegrityError, match="只可追加"), transaction.atomic():  # nothing is sealed afterwards
        CaseEvent.objects.filter(case=case).exclude(pk=last.pk).update(sealed={"x": 1})
    with _unguarded():  # what is shown must be what is sealed
        CaseEvent.objects.filter(pk=last.pk).update(data={"changes": [{"label": "联系地址", "before": "", "after": "别处"}]})
    assert broken_links(again(case)) == [last.seq]


@contextmanager
def _unguarded() -> Iterator[None]:
    """Events may be changed; the owner of the table is enough, once no check of the transaction waits any more."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_caseevent DISABLE TRIGGER event_publish_only")
        yield
        cursor.execute("ALTER TABLE cases_caseevent ENABLE TRIGGER event_publish_only")


def test_letters_are_made_again_byte_for_byte_under_a_new_key(cast, settings):
    case = handed_over(cast, item="PS14", address=HOME)
    Party.objects.filter(pk=case.applicant_id).update(address=HOME)
    letter = issue(case=again(case), kind="receipt", actor=cast.clerk, now=timezone.now())
    first = pdf_of(letter)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    call_command("rotate_keys", stdout=StringIO())
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert pdf_of(type(letter).objects.get(pk=letter.pk)) == first
