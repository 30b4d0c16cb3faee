"""Upgrades: an installation with rows of an earlier version comes to today's tables with all of them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from importlib import import_module
from io import StringIO

import psycopg2
import pytest
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from psycopg2 import sql

from intake.defaults import RULES
from lifeops.policies.crypto import blind_index, decrypt, seal
from tests.plain import readable

pytestmark = [pytest.mark.server, pytest.mark.django_db]

#: The versions before drafts were encrypted and before the book had products as data and a ledger.
EARLIER = [("policies", "0004_key_rotation"), ("cases", "0004_board_indexes")]
#: The last before addresses and mailboxes were encrypted.
PLAIN = [
    ("policies", "0021_dividend_options"), ("cases", "0007_second_investigator"), ("documents", "0004_letters_of_policies"),
    ("servicing", "0002_parties"), ("underwriting", "0003_occupations"),
]  # fmt: skip
#: Constraints, indexes and triggers by name.
GUARDS = """
    SELECT 'c', conname FROM pg_constraint JOIN pg_namespace n ON n.oid = connamespace WHERE n.nspname = 'public'
    UNION SELECT 'i', indexname FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT 't', tgname || ' ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
"""


def on_the_server(statement: str, name: str) -> None:
    """CREATE and DROP DATABASE stand in no transaction: a connection of their own."""
    link = psycopg2.connect(**{k: v for k, v in connection.get_connection_params().items() if k in ("dbname", "user", "password", "host", "port")})
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))
    finally:
        link.close()


@pytest.fixture
def scratch(django_db_blocker):
    """An empty database beside the tests' own."""
    name = f"{connection.settings_dict['NAME']}_upgrade"
    with django_db_blocker.unblock():
        on_the_server("DROP DATABASE IF EXISTS {}", name)
        on_the_server("CREATE DATABASE {} TEMPLATE template0", name)
        connections.databases["scratch"] = {**connections.databases[DEFAULT_DB_ALIAS], "NAME": name}
        try:
            yield connections["scratch"]
        finally:
            connections["scratch"].close()
            del connections["scratch"], connections.databases["scratch"]
            on_the_server("DROP DATABASE {}", name)


def migrated(database, targets=None):
    """The models as they are after migrating to the targets, or to the last of each app."""
    executor = MigrationExecutor(database)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())
    return MigrationExecutor(database).loader.project_state(targets or executor.loader.graph.leaf_nodes()).apps


class Rows:
    """Rows of an earlier version; what a test does not give is filled with something its type allows."""

    def __init__(self, apps, n: int = 0) -> None:
        self.apps, self.n = apps, n

    def filler(self, field):
        self.n += 1
        if field.choices:
            return field.choices[0][0]
        kinds = {
            models.DateTimeField: timezone.now(), models.DateField: date(2025, 3, 1), models.DecimalField: Decimal(1), models.JSONField: {},
            models.BooleanField: False, models.IntegerField: self.n % 30000, models.UUIDField: f"{self.n:032x}",
        }
        return next((value for kind, value in kinds.items() if isinstance(field, kind)), f"{self.n}"[-(field.max_length or 9):])

    def make(self, label: str, **given):
        model = self.apps.get_model(label)
        for field in model._meta.concrete_fields:
            if field.name in given or field.primary_key or field.has_default() or field.null:
                continue
            given[field.name] = self.make(field.related_model._meta.label) if field.is_relation else self.filler(field)
        return model.objects.using("scratch").create(**given)


def test_models_and_migrations_say_the_same():
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert "No changes detected" in said.getvalue()


def assert_health_is_veiled_by_itself(scratch, rows, ill, both, answer) -> None:
    """An installation that veiled where people live and not yet what they said about health; the way back is that of 0012."""
    veiling, editor = import_module("lifeops.cases.migrations.0012_veil_health"), scratch.schema_editor()
    with scratch.cursor() as cursor:
        cursor.execute(veiling.OPEN)  # a statement of the migration's own
        veiling.backward(None, editor)
        half = rows("cases.CaseEvent")
        assert half.get(pk=ill.pk).data["changes"][0] == answer and half.get(pk=ill.pk).sealed is None
        told = ["样本市样本区******", "— → s******@example.invalid", answer["after"]]
        assert [c["after"] for c in half.get(pk=both.pk).data["changes"]] == told
        veiling.forward(None, editor)
        cursor.execute(veiling.SHUT)


def test_an_earlier_installation_is_upgraded_with_its_rows(scratch):
    old = Rows(migrated(scratch, EARLIER))
    typed = {"record": {"payee": "样本甲", "account": "6200000000000001"}}
    draft = old.make("cases.Draft", data=typed)
    policy = old.make("policies.Policy", suspense=Decimal("120.50"))
    paid = old.make("policies.PremiumEntry", policy=policy, amount=Decimal("3650.00"), paid_on=date(2025, 3, 4), kind="first")
    due = old.make("policies.PremiumEntry", policy=policy, due_on=date(2026, 3, 1), amount=Decimal("3650.00"), paid_on=None, kind="renewal")
    loan = old.make("policies.PolicyLoan", policy=policy, principal=Decimal("5000.00"), kind="loan", repaid_on=None)
    rate = old.make("policies.Rate", age=41, values=[Decimal("12.3400")])
    heir = old.make("policies.Beneficiary", policy=policy, id_number="99010119900307001X")
    nameless = old.make("policies.Beneficiary", policy=policy, id_number="")

    between = Rows(migrated(scratch, PLAIN), old.n)
    home, mailbox = "样本市样本区旧路 1 号", "someone@example.invalid"
    person = between.make("policies.Party", address=home, email=mailbox, id_index="", phone_index="")
    changed = [{"label": "投保人·联系地址", "before": "", "after": home}, {"label": "变更对照·电子邮箱", "before": "", "after": f"— → {mailbox}"}]
    event = between.make("cases.CaseEvent", step="record", data={"changes": changed, "n": 1})
    other = between.make("cases.CaseEvent", step="record", data={"changes": [{"label": "资料", "before": "", "after": "1 页"}]})
    said = "甲状腺结节手术"
    answer = {"label": "健康告知·第 4 项 曾患或被告知肿瘤、肿块、结节、囊肿", "before": "", "after": said}
    ill = between.make("cases.CaseEvent", step="record", data={"changes": [answer, {"label": "第 2 页", "before": "", "after": "a"}]})
    both = between.make("cases.CaseEvent", step="record", data={"changes": [*changed, answer | {"before": "结节"}]})
    proposal = between.make(
        "underwriting.Proposal", case_id=event.case_id, health=[{"code": "4", "answer": "是", "note": said}], holder_income=0, sum_assured=1
    )
    asked = between.make(
        "servicing.ChangeRequest", case_id=event.case_id, consent_by="", address=home, comparison=[{"label": "联系地址", "before": "—", "after": home}]
    )
    paid_out = {"number": "C-1-P01", "case_number": "C-1", "amount": Decimal("5.00"), "payee": "甲", "bank": "行", "account": "6225880123456789"}
    sealed = seal(["C-1-P01", "C-1", "5.00", "甲", "行", "6225880123456789"])
    third = between.make("policies.Payment", **paid_out, third_party_reason="代收", approved_by=None, seal=sealed)
    broken = between.make("policies.Payment", **paid_out | {"number": "C-1-P02"}, third_party_reason="代收", approved_by=None, seal=sealed)
    letter = between.make("documents.Letter", case_id=event.case_id, request=None, data={"addressee_address": home, "total": "1.00"})

    between.make("cases.ClockRule")
    asks = between.make("cases.ContentItem", doc_type="INVESTIGATION_REPORT")

    new = migrated(scratch)

    def rows(label):
        return new.get_model(label).objects.using("scratch")

    kept_person = rows("policies.Party").get(pk=person.pk)
    assert (kept_person.address, kept_person.email) == (home, mailbox) and rows("servicing.ChangeRequest").get(pk=asked.pk).address == home
    assert rows("documents.Letter").get(pk=letter.pk).data == {"addressee_address": home, "total": "1.00"}
    assert rows("cases.ContentItem").get(pk=asks.pk).doc_type == "INV_REPORT"
    # an installation that works goes on with the counter's rules, which were code
    kept_rules = {
        (row.code, row.line, row.item, row.level, row.limit, tuple(row.refused), tuple(row.review)) for row in rows("intake.PrecheckRule")
    }  # fmt: skip
    assert kept_rules == set(RULES)
    seals = dict(rows("policies.Payment").values_list("pk", "seal"))
    assert seals[third.pk] == seal(["C-1-P01", "C-1", "5.00", "甲", "行", "6225880123456789", "代收", ""]) and seals[broken.pk] == sealed
    told_event = rows("cases.CaseEvent").get(pk=event.pk)
    assert [c["after"] for c in told_event.data["changes"]] == ["样本市样本区******", "— → s******@example.invalid"]
    assert told_event.sealed == {"changes": changed, "n": 1} and rows("cases.CaseEvent").get(pk=other.pk).sealed is None
    assert not {column for column, text in readable(scratch).items() if home in text or mailbox in text}
    assert_health_is_veiled_by_itself(scratch, rows, ill, both, answer)
    assert rows("underwriting.Proposal").get(pk=proposal.pk).health == [{"code": "4", "answer": "是", "note": said}]
    told = [(c["label"], c["before"], c["after"]) for pk in (ill.pk, both.pk) for c in rows("cases.CaseEvent").get(pk=pk).data["changes"]]
    assert told == [
        ("健康告知·第 4 项", "", "已说明"), ("第 2 页", "", "a"), ("投保人·联系地址", "", "样本市样本区******"),
        ("变更对照·电子邮箱", "", "— → s******@example.invalid"), ("健康告知·第 4 项", "已说明", "已说明（已改）"),
    ]  # fmt: skip
    assert rows("cases.CaseEvent").get(pk=both.pk).sealed == {"changes": [*changed, answer | {"before": "结节"}]}
    assert not {column for column, text in readable(scratch).items() if said in text}
    with pytest.raises(IntegrityError, match="只可追加"), transaction.atomic(using="scratch"), scratch.cursor() as cursor:
        cursor.execute("SET LOCAL lifeops.veiling = 'on'")
        cursor.execute("UPDATE cases_caseevent SET data = '{}' WHERE id = %s", [event.pk])

    with scratch.cursor() as cursor:
        cursor.execute("SELECT data FROM cases_draft WHERE id = %s", [draft.pk])
        (kept,) = cursor.fetchone()
    assert "6200000000000001" not in kept and json.loads(decrypt(kept)) == typed
    assert rows("policies.Rate").values_list("age", "age_to", "values").get(pk=rate.pk) == (41, 41, [Decimal("12.3400")])
    told = {key: dict(rows("policies.LedgerLine").filter(entry__key=key, entry__policy_id=policy.pk).values_list("account", "amount")) for key in
            (f"opening:premium:{paid.pk}", "opening:suspense", f"opening:loan:{loan.pk}", f"opening:premium:{due.pk}")}  # fmt: skip
    assert list(told.values()) == [
        {"received": Decimal("3650.00"), "premium": Decimal("-3650.00")}, {"received": Decimal("120.50"), "suspense": Decimal("-120.50")},
        {"loan": Decimal("5000.00"), "opening": Decimal("-5000.00")}, {},
    ]
    found = dict(rows("policies.Beneficiary").values_list("pk", "id_index"))
    assert found == {heir.pk: blind_index("party.id", "99010119900307001X"), nameless.pk: ""}
    # what the database refuses is what one made today refuses
    with scratch.cursor() as upgraded, connection.cursor() as fresh:
        upgraded.execute(GUARDS)
        fresh.execute(GUARDS)
        first, second = set(upgraded.fetchall()), set(fresh.fetchall())
    assert first == second and len(first) > 500
    with pytest.raises(IntegrityError, match="借贷不平"), transaction.atomic(using="scratch"), scratch.cursor() as cursor:
        Rows(new).make("policies.LedgerEntry", policy_id=policy.pk)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
