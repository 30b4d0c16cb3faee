"""Keys change while the system runs: nothing is lost, nothing stays under the old one, a broken run goes on."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from lifeops.cases.models import Draft
from lifeops.policies.models import KeyRotation, Party
from lifeops.policies.services import rotating
from lifeops.policies.services.parties import find_or_create_party
from tests.policies.conftest import person

pytestmark = pytest.mark.django_db
NEW = Fernet.generate_key().decode()


def command(*args: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *args, stdout=out)
    return out.getvalue()


def stored(table: str, column: str, pk: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [pk])
        return cursor.fetchone()[0]


def party_table() -> rotating.Table:
    return next(t for t in rotating.tables() if t.name == "policies_party")


def test_everything_comes_under_the_new_key_and_the_old_one_can_go(cast, settings):
    old = list(settings.FIELD_KEYS)
    party = person(phone="19900001234")
    draft = Draft.objects.create(user=cast.clerk, key="k", data={"payee_account": ["9900001234567890"]})
    settings.FIELD_KEYS = [NEW, *old]
    with pytest.raises(CommandError, match="旧密钥不可移除"):
        command("--check")
    assert "policies_party）：已重新加密 2 个值" in command("--batch", "1")
    command("--check")
    settings.FIELD_KEYS = [NEW]
    fresh = Party.objects.get(pk=party.pk)
    assert (fresh.id_number, fresh.phone) == (party.id_number, "19900001234")
    assert Draft.objects.get(pk=draft.pk).data == {"payee_account": ["9900001234567890"]}
    # the blind index has its own key: the same document is still the same person
    found = find_or_create_party(name=party.name, id_number=party.id_number, birth_date=date(1986, 5, 17), sex="M")
    assert found == party


def test_running_it_twice_changes_nothing(cast, settings):
    party = person()
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    command()
    first = stored("policies_party", "id_number", party.pk)
    assert "合计 0 个值" in command() and "合计 0 个值" in command("--again")
    assert stored("policies_party", "id_number", party.pk) == first


def test_a_broken_run_goes_on_where_it_stopped(cast, settings):
    people = [person(sequence=2 * n + 1) for n in range(5)]
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    table = party_table()
    assert rotating.rotate(table, now=timezone.now(), size=2, most=1) == 2
    state = KeyRotation.objects.get(table="policies_party")
    assert (state.last_pk, state.done_at) == (people[1].pk, None)
    assert rotating.remaining(table) == 3
    assert rotating.rotate(table, now=timezone.now(), size=2) == 3
    assert rotating.remaining(table) == 0


def test_a_change_made_in_the_same_moment_wins(cast, settings):
    party = person(phone="19900001234")
    old_token = stored("policies_party", "phone", party.pk)
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    Party.objects.filter(pk=party.pk).update(phone="19900005678")
    assert rotating._replace(party_table(), party.pk, "phone", old_token) == 0
    assert Party.objects.get(pk=party.pk).phone == "19900005678"


def test_a_value_that_fits_no_key_is_named_by_its_row_only(cast, settings):
    party = person(phone="19900001234")
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CommandError) as caught:
        command()
    assert f"第 {party.pk} 行" in str(caught.value) and "19900001234" not in str(caught.value)
    with pytest.raises(InvalidToken):
        Party.objects.get(pk=party.pk)


def test_drafts_are_not_readable_in_the_database(cast, as_user):
    number = "99010119860517121X"
    client = as_user(cast.clerk)
    body = {"data": {"id_number": [number], "note": ["中文"]}, "version": 3}
    assert client.post("/drafts/counter/", json.dumps(body), content_type="application/json").status_code == 200
    raw = stored("cases_draft", "data", Draft.objects.get().pk)
    assert number not in raw and raw.startswith("gAAAA")
    assert client.get("/drafts/counter/").json() == {"data": body["data"], "version": 3}
    assert as_user(cast.other_clerk).get("/drafts/counter/").json()["data"] is None
