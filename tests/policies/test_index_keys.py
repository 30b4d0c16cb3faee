"""The key of the blind indexes changes while the system runs: everybody is found, nobody twice, what is sealed stays sealed."""

from __future__ import annotations

import threading
from datetime import date
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from lifeops.cases.customer import heir_of
from lifeops.policies.crypto import blind_index
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import BankAccount, Beneficiary, IdentityDocument, Party, Payment, Phone
from lifeops.policies.models.keys import KeyRotation
from lifeops.policies.search import find_parties
from lifeops.policies.services import particulars, reindexing
from lifeops.policies.services.merging import candidates
from lifeops.policies.services.particulars import add_account, add_document, add_phone
from lifeops.policies.services.parties import account_holder, find_or_create_party, holder_of, others_with_phone
from lifeops.policies.services.payments import create_payment, release_payment
from tests.factories import make_policy, proposal_handed_over
from tests.policies.conftest import person
from underwriting.assessment import others_of_insured
from underwriting.models import Proposal

pytestmark = pytest.mark.django_db
NEW = "the-new-index-key"


def command(*args: str) -> str:
    out = StringIO()
    call_command("rotate_index_key", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def keys(settings):
    """Sets the keys, the one to write with first."""
    old = settings.BLIND_INDEX_KEYS

    def use(*names: str) -> None:
        settings.BLIND_INDEX_KEYS = [NEW if name == "new" else old[0] for name in names]

    return use


def test_everybody_is_found_before_while_and_after_the_key_changes(cast, keys):
    by = {"actor": cast.clerk, "now": timezone.now()}
    party = person(phone="19912345678")
    add_document(party=party, id_type="passport", number="E12345678", **by)
    add_phone(party=party, number="19987654321", **by)
    add_account(party=party, bank="招商银行", number="6225880123456789", **by)
    twin = person(id_type="passport", id_number="P1234567", phone="19912345678")
    policy = make_policy(cast.county, cast.clerk, product="W30", beneficiaries=[{"name": party.name, "relation": "子女", "id_number": party.id_number}])
    first, second = (proposal_handed_over(cast, item="NB01", **{f"holder_{k}": v for k, v in _same(party).items()}) for _ in range(2))

    def found() -> None:
        for text in (party.id_number, "E12345678", "19912345678", party.id_number[-4:], "5678"):
            assert party in find_parties(text, cast.clerk), text
        assert Party.objects.with_id(party.id_number).get() == party and Party.objects.with_id("E12345678").get() == party
        assert holder_of("resident", party.id_number) == holder_of("passport", "E12345678") == party
        assert find_or_create_party(name=party.name, id_number=party.id_number) == party
        assert account_holder("6225880123456789", party.name) == party.name and others_with_phone(twin, "19912345678", most=5) == 1
        assert [row.pk for row, _ in candidates(party)] == [twin.pk]
        assert [row["policy"] for row in heir_of(party, cast.clerk, timezone.localdate())] == [policy]
        assert [p.case_id for p in others_of_insured(Proposal.objects.get(case=first))] == [second.pk]

    found()
    keys("old", "new")
    found()
    keys("new", "old")
    found()
    with pytest.raises(CommandError, match="旧密钥不可移除"):
        command("--check")
    command("--batch", "1", "--batches", "1")  # some under the one, some under the other
    assert {row.id_index == blind_index("party.id", row.id_number) for row in Party.objects.exclude(id_index="")} == {True, False}
    found()
    command()
    command("--check")
    found()
    keys("new")
    found()
    keys("old")
    assert find_parties(party.id_number, cast.clerk) == []


def _same(party: Party) -> dict[str, str]:
    return {"name": party.name, "sex": party.sex, "birth_date": str(party.birth_date), "id_number": party.id_number}


def test_whatever_has_an_index_says_how_it_is_made():
    told = {(m._meta.label, blind.column) for m in reindexing.indexed() for blind in m.blind}
    columns = {
        (m._meta.label, f.name) for m in apps.get_models() if not m._meta.proxy for f in m._meta.local_fields
        if isinstance(f, models.CharField) and f.name.endswith("_index") and f.max_length == 64
    }  # fmt: skip
    assert told == columns and len(told) == 10


def test_a_document_is_registered_once_while_both_keys_are_about(cast, keys):
    party = person()
    other = person(id_type="passport", id_number="P7654321")
    add_document(party=other, id_type="hm_permit", number="H12345678", actor=cast.clerk, now=timezone.now())
    keys("new", "old")
    with pytest.raises(IntegrityError, match="party_identity_once"), transaction.atomic():
        Party.objects.create(name="另一人", id_type=party.id_type, id_number=party.id_number)
    with pytest.raises(IntegrityError, match="document_once"), transaction.atomic():
        row = IdentityDocument.objects.get()
        IdentityDocument.objects.create(
            party=party, since=date(2026, 1, 1), made_by=cast.clerk, made_at=timezone.now(), id_type=row.id_type, number=row.number
        )
    with pytest.raises(BookRefused, match="已登记在"):
        find_or_create_party(name="另一人", id_number=party.id_number)
    party.name = "改名"
    party.save()  # the same row may be written again
    particulars.end(row=IdentityDocument.objects.get(), actor=cast.clerk, now=timezone.now())
    assert add_document(party=party, id_type="hm_permit", number="H12345678", actor=cast.clerk, now=timezone.now()).pk


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_two_who_write_under_different_keys_at_once_make_one(transactional_cast, keys):
    number = "99010119860517121X"
    keys("old", "new")
    said: list[str] = []

    def second() -> None:
        try:
            Party.objects.create(name="同一人", id_number=number)
            said.append("written")
        except IntegrityError as error:
            said.append(str(error).split(":")[0])
        finally:
            connection.close()

    with transaction.atomic():
        Party.objects.create(name="同一人", id_number=number)
        keys("new", "old")  # the next process has been restarted already
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        assert said == []
    thread.join(10)
    assert said == ["party_identity_once"] and Party.objects.with_id(number).count() == 1


def test_a_broken_run_goes_on_and_a_change_meanwhile_counts(cast, keys):
    people = [person(sequence=2 * n + 1, phone="19900001111") for n in range(5)]
    keys("new", "old")
    assert reindexing.reindex(Party, now=timezone.now(), size=2, most=1).changed == 2
    state = KeyRotation.objects.get(table="policies_party")
    assert (state.last_pk, state.changed, state.done_at) == (people[1].pk, 2, None)
    people[4].phone = "19900002222"
    people[4].save()
    assert reindexing.remaining(Party) == 2
    assert reindexing.reindex(Party, now=timezone.now(), size=2).changed == 2
    assert reindexing.remaining(Party) == 0 and "合计 0 行" in command()
    assert find_parties("19900002222", cast.clerk) == [people[4]]


def test_a_row_that_cannot_come_along_is_named_and_keeps_the_old_key_in_use(cast, keys):
    """As it would be if somebody had written without asking: the same document under either key."""
    party = person()
    keys("new")
    twin = Party.objects.create(name="同一证件", id_type=party.id_type, id_number=party.id_number)
    others = [person(sequence=2 * n + 101) for n in range(2)]
    keys("new", "old")
    with pytest.raises(CommandError, match=f"第 {party.pk} 行：同一证件另有一行") as caught:
        command()
    assert party.id_number not in str(caught.value) and str(twin.pk)
    assert reindexing.remaining(Party) == 1 and KeyRotation.objects.get(table="policies_party").done_at is None
    with pytest.raises(CommandError, match="旧密钥不可移除"):
        command("--check")
    assert all(reindexing._stale(Party.objects.get(pk=row.pk)) is False for row in others)


def test_payments_stay_sealed_through_the_change(cast, keys):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    common = {"policy": policy, "branch_id": cast.county.pk, "purpose": "理赔", "payee": "收款人", "bank": "银行", "account": "6225880123456789",
              "amount": 100, "actor": cast.clerk, "now": timezone.now(), "kind": "claim"}  # fmt: skip
    one, two, bad = (create_payment(case_number=f"C{n}", **common) for n in range(3))
    Payment.objects.filter(pk=bad.pk).update(payee="别人")
    keys("new", "old")
    release_payment(payment=one, actor=cast.head, now=timezone.now())
    with pytest.raises(CommandError, match=f"付款指令 {bad.number}：封存与内容不符"):
        command()
    keys("new")
    release_payment(payment=two, actor=cast.head, now=timezone.now())
    with pytest.raises(BookRefused, match="禁止放行"):
        release_payment(payment=bad, actor=cast.head, now=timezone.now())
    assert reindexing.remaining_seals() == 1


def test_indexes_of_every_kind_come_under_the_new_key(cast, keys):
    by = {"actor": cast.clerk, "now": timezone.now()}
    party = person()
    add_document(party=party, id_type="passport", number="E12345678", **by)
    add_phone(party=party, number="19987654321", **by)
    add_account(party=party, bank="招商银行", number="6225880123456789", **by)
    make_policy(cast.county, cast.clerk, product="W30", beneficiaries=[{"name": "受益", "relation": "子女", "id_number": party.id_number}])
    before = {m: list(m.objects.values_list("pk", flat=True)) for m in (IdentityDocument, Phone, BankAccount, Beneficiary)}
    keys("new", "old")
    assert all(reindexing.remaining(m) == len(rows) == 1 for m, rows in before.items())
    command()
    assert all(reindexing.remaining(m) == 0 for m in before)
