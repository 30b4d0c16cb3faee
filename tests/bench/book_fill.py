"""A book of policies by server-side SQL: copies of two policies that were really issued, with customers of their own.

What searching needs is as the project writes it: pinyin of the name, blind indexes of the real four-digit tails, ciphertexts
that can be read. The full identity and telephone numbers of the first `KNOWN` customers are real, those of the others have an
index that no number leads to. Twice as many policies fill twice as many rows of every table.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, connections, models
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.policies.crypto import blind_index, encrypt
from lifeops.policies.identity import compose_card
from lifeops.policies.models import (
    Beneficiary,
    Coverage,
    CoverageState,
    LedgerEntry,
    LedgerLine,
    Party,
    Policy,
    PolicyEvent,
    PremiumEntry,
    ProductVersion,
    StatusChange,
)
from lifeops.policies.names import initials_of, pinyin_of
from lifeops.policies.services.issuing import deliver_policy, issue_policy
from lifeops.policies.services.quoting import quote
from tests.cast import Cast
from tests.factories import handed_over

KNOWN, NAMES, POPULAR = 400, 50_000, 40
LATER = date(2999, 1, 1)
#: Policies of one customer, and where they stand in the fill.
MANY, MANY_FROM = 200, 5_001
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程魏苏吕丁沈任姚卢姜崔钟谭陆汪范金石廖贾夏"
    "韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)  # fmt: skip
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲梅鑫波宇浩凯健俊帆雪婷慧莹倩琳晶欣悦佳琪嘉怡梓涵晨曦文博思远子轩"
    "国庆建民志立新永福德清春兰金凤海燕云天瑞祥宁安康乐成林森东南北晓小光辉"
)  # fmt: skip


def weighted(letters: str, n: int) -> str:
    """The n-th pick, the first letters far more often than the last (one over its place)."""
    at = int(len(letters) ** ((n * 2654435761 % 2**32) / 2**32)) - 1
    return letters[max(0, at)]


def names() -> Iterator[tuple[str, str, str]]:
    """Names as they are about: some by the hundred, most of them rare; with pinyin and initials."""
    for n in range(NAMES):
        name = weighted(SURNAMES, n) + weighted(GIVEN, n * 31 + 7) + (weighted(GIVEN, n * 17 + 3) if n % 5 else "")
        yield name, pinyin_of(name), initials_of(name)


def card(n: int) -> str:
    born = date(1950, 1, 1) + timedelta(days=n * 37 % 18_000)
    return compose_card(region="990101", birth_date=born, sequence=n % 999 + 1)


def phone(n: int) -> str:
    return f"199{n % 10_000:04d}{n * 7919 % 10_000:04d}"


@contextmanager
def unchecked() -> Iterator[None]:
    """Triggers and foreign keys of copies need no proof here."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def pools(cast: Cast) -> dict[str, Any]:
    """What the copies are made of: two issued policies, a case, and tables of names, tails and ciphertexts."""
    effective = timezone.localdate() - timedelta(days=365)
    rows: dict[str, Any] = {
        "T20": issued(cast, "T20", "20Y", "20Y", effective), "W30": issued(cast, "W30", "WHOLE_LIFE", "10Y", effective),
        "case": handed_over(cast),
    }
    # the day run leaves the patterns alone
    Policy.objects.update(next_event_on=LATER)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_name (n int PRIMARY KEY, name text, pinyin text, initials text)")
        cursor.execute("CREATE TABLE bench_tail (n int PRIMARY KEY, id_tail text, phone_tail text)")
        cursor.execute("CREATE TABLE bench_token (n int PRIMARY KEY, id_token text, phone_token text)")
        cursor.execute(
            "CREATE TABLE bench_policy (id bigint PRIMARY KEY, g int, pattern bigint, shift int, holder bigint, life bigint, branch bigint)"
        )
        cursor.executemany("INSERT INTO bench_name VALUES (%s, %s, %s, %s)", [(n, *row) for n, row in enumerate(names())])
        tails = [(n, blind_index("party.id.tail", f"{n:04d}"), blind_index("party.phone.tail", f"{n:04d}")) for n in range(10_000)]
        cursor.executemany("INSERT INTO bench_tail VALUES (%s, %s, %s)", tails)
        tokens = [(n, encrypt(card(n)), encrypt(phone(n))) for n in range(1_000)]
        cursor.executemany("INSERT INTO bench_token VALUES (%s, %s, %s)", tokens)
    rows["units"] = (cast.county, cast.other)
    rows["base"] = {m: m._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0 for m in (Party, Policy, LedgerEntry)}
    return rows


def issued(cast: Cast, product: str, cover_term: str, pay_term: str, effective: date) -> Policy:
    """A policy with yearly premiums that fall due from today on."""
    life = Party.objects.create(name="样本", sex="M", birth_date=date(1986, 5, 17), id_number=card(len(product) + int(product[1:])))
    version = ProductVersion.objects.get(product__code=product)
    price = quote(
        version=version, sex="M", age=life.age(effective) or 0, cover_term=cover_term, pay_term=pay_term, pay_mode="annual",
        sum_assured=Decimal(300_000),
    )
    spec = {"version": version, "sum_assured": Decimal(300_000), "cover_term": cover_term, "pay_term": pay_term, "premium": price.standard}
    policy = issue_policy(
        case_number="", branch=cast.county, agent_code="A001", policyholder=life, insured=life, relation="self", applied_on=effective,
        effective_on=effective, pay_mode="annual", coverages=[spec], beneficiaries=[{"name": "受益", "relation": "子女"}], actor=cast.clerk,
        now=timezone.now(),
    )  # fmt: skip
    return deliver_policy(policy=policy, signed_on=effective + timedelta(days=2))


FILLED = (
    Party, Policy, Coverage, PremiumEntry, StatusChange, Beneficiary, PolicyEvent, CoverageState, LedgerEntry, LedgerLine, Case,
)  # fmt: skip


@contextmanager
def indexed_afterwards() -> Iterator[None]:
    """The indexes that no constraint needs go, and are built again over all rows: so a million rows are written in minutes."""
    tables = [m._meta.db_table for m in FILLED]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
            "WHERE c.relname = ANY(%s) AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)", [tables],
        )
        found = cursor.fetchall()
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for name, _ in found:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _, definition in found:
            cursor.execute(definition)
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {table}")


def copy(model: type[models.Model], made: dict[str, str], frm: str) -> None:
    """Rows like those of `p`, but for the columns that are made."""
    columns = [f.column for f in model._meta.concrete_fields if f.column != "id" or "id" in made]
    picked, into = ", ".join(made.get(c, f'p."{c}"') for c in columns), ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({into}) SELECT {picked} FROM {frm}")


def grow(rows: dict[str, Any], start: int, end: int, *, waiting: int) -> None:
    """Policies and customers number `start` to `end`; of the first `waiting` the premium is due today, and the day run is kept
    away from them until it is their turn (`LATER`)."""
    base, people = rows["base"], Party._meta.db_table
    county, other = rows["units"]
    with unchecked(), indexed_afterwards(), connection.cursor() as cursor:
        copy(
            Party,
            {
                "id": f"{base[Party]} + g", "name": "n.name", "pinyin": "n.pinyin", "initials": "n.initials", "sex": "CASE WHEN g % 2 = 0 THEN 'F' ELSE 'M' END",
                "birth_date": "date '1950-01-01' + (g::bigint * 37 % 18000)::int", "id_number": "k.id_token", "phone": "k.phone_token",
                "id_index": "encode(sha256(('id' || g)::bytea), 'hex')", "phone_index": "encode(sha256(('phone' || g)::bytea), 'hex')",
                "id_tail_index": "t.id_tail", "phone_tail_index": "u.phone_tail", "to_compare": "false",
            },
            # a tenth of the people share forty telephone tails, as people do who choose their number
            f"{people} p CROSS JOIN generate_series({start}, {start + (end - start) * 4 // 5 + 1}) g JOIN bench_name n ON n.n = (g::bigint * 48271 % {NAMES}) "
            f"JOIN bench_token k ON k.n = g % 1000 JOIN bench_tail t ON t.n = (g::bigint * 7919 % 10000) "
            f"JOIN bench_tail u ON u.n = CASE WHEN g % 10 = 0 THEN (g / 10) % {POPULAR} ELSE (g::bigint * 6271 % 10000) END "
            f"WHERE p.id = {rows['T20'].insured_id}",
        )  # fmt: skip
        cursor.execute(
            f"INSERT INTO bench_policy SELECT {base[Policy]} + g, g, CASE WHEN g % 2 = 0 THEN {rows['T20'].pk} ELSE {rows['W30'].pk} END, "
            f"CASE WHEN g <= {waiting} THEN 0 ELSE 1 + g % 360 END, {base[Party]} + h, "
            f"{base[Party]} + CASE WHEN g % 3 = 0 THEN {start} + (h - {start} + 1) % ({end} - {start} + 1) ELSE h END, "
            f"CASE WHEN g % 50 = 0 THEN {county.pk} ELSE {other.pk} END FROM (SELECT g, CASE WHEN g BETWEEN {MANY_FROM} AND {MANY_FROM + MANY - 1} "
            f"THEN 1 ELSE {start} + (g - {start}) * 4 / 5 END AS h FROM generate_series({start}, {end}) g) x"
        )
        of_it = f"JOIN bench_policy b ON b.pattern = p.policy_id AND b.g BETWEEN {start} AND {end}"
        copy(
            Policy,
            {
                "id": "b.id", "number": "'LB' || lpad(b.g::text, 9, '0')", "branch_id": "b.branch", "policyholder_id": "b.holder", "insured_id": "b.life",
                "applied_on": "p.applied_on + b.shift", "established_on": "p.established_on + b.shift", "effective_on": "p.effective_on + b.shift",
                "delivered_on": "p.delivered_on + b.shift", "cooling_off_end": "p.cooling_off_end + b.shift", "paid_to": "p.paid_to + b.shift",
                "next_event_on": f"CASE WHEN b.g <= {waiting} THEN p.next_event_on ELSE p.paid_to + b.shift END",
            },
            f"policies_policy p JOIN bench_policy b ON b.pattern = p.id AND b.g BETWEEN {start} AND {end}",
        )  # fmt: skip
        mine = {"policy_id": "b.id"}
        copy(Coverage, mine | {"effective_on": "p.effective_on + b.shift", "expires_on": "p.expires_on + b.shift"}, f"policies_coverage p {of_it}")
        copy(PremiumEntry, mine | {"due_on": "p.due_on + b.shift", "paid_on": "p.paid_on + b.shift"}, f"policies_premiumentry p {of_it}")
        copy(StatusChange, mine | {"since": "p.since + b.shift"}, f"policies_statuschange p {of_it}")
        copy(Beneficiary, mine | {"effective_from": "p.effective_from + b.shift", "id_index": "encode(sha256(('id' || b.g * 3)::bytea), 'hex')"}, f"policies_beneficiary p {of_it}")
        on = {"on": 'p."on" + b.shift'}
        copy(PolicyEvent, mine | on, f"policies_policyevent p {of_it}")
        copy(
            CoverageState, {"coverage_id": "c.id", "since": "p.since + b.shift"},
            f"policies_coveragestate p JOIN policies_coverage q ON q.id = p.coverage_id JOIN bench_policy b ON b.pattern = q.policy_id "
            f"AND b.g BETWEEN {start} AND {end} JOIN policies_coverage c ON c.policy_id = b.id AND c.version_id = q.version_id",
        )
        for n, pk in enumerate(LedgerEntry.objects.filter(policy=rows["T20"]).order_by("pk").values_list("pk", flat=True)):
            twin = LedgerEntry.objects.filter(policy=rows["W30"]).order_by("pk").values_list("pk", flat=True)[n]
            key = f"{base[LedgerEntry]} + b.g::bigint * 4 + {n}"
            copy(LedgerEntry, mine | {"id": key} | on, f"policies_ledgerentry p {of_it} WHERE p.id IN ({pk}, {twin})")
            copy(
                LedgerLine, {"entry_id": key},
                f"policies_ledgerline p JOIN policies_ledgerentry e ON e.id = p.entry_id JOIN bench_policy b ON b.pattern = e.policy_id "
                f"AND b.g BETWEEN {start} AND {end} WHERE e.id IN ({pk}, {twin})",
            )
        case = rows["case"]
        copy(
            Case,
            {
                "number": "'LBC' || lpad(b.g::text, 9, '0')", "policy_id": "b.id", "applicant_id": "b.life", "branch_id": "b.branch",
                "branch_path": "r.path", "subject_name": "n.name",
            },
            f"cases_case p JOIN bench_policy b ON b.g % 5 = 0 AND b.g BETWEEN {start} AND {end} JOIN org_branch r ON r.id = b.branch "
            f"JOIN {people} n ON n.id = b.life WHERE p.id = {case.pk}",
        )  # fmt: skip
        for table in (Party, Policy, LedgerEntry):
            name = table._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")


def make_known(rows: dict[str, Any]) -> None:
    """The first customers get identity and telephone numbers of their own, indexed as the project does."""
    people = list(Party.objects.filter(pk__gt=rows["base"][Party]).order_by("pk")[:KNOWN])
    for n, party in enumerate(people):
        party.id_number, party.phone = card(10_000 + n), f"1980000{n:04d}"
        party.reindex()
    Party.objects.bulk_update(people, ["id_number", "phone", *Party.derived()], batch_size=100)


class TwoBooks:
    """The same database twice, with few and with many policies; `use` turns every query of the process to one of them."""

    def __init__(self) -> None:
        self.small = connections["default"]
        name = self.small.settings_dict["NAME"]
        self.name = f"{name}_many"
        self.small.close()
        with self.small._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}"')
            cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{name}"')
        self.many = connections.create_connection("default")
        self.many.settings_dict = {**self.small.settings_dict, "NAME": self.name}

    def use(self, many: bool) -> None:
        connections["default"] = self.many if many else self.small

    def drop(self) -> None:
        self.use(False)
        self.many.close()
        with self.small._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{self.name}"')


def turns(count: int) -> Iterator[bool]:
    """Few, many, few, many …: what else the machine does hits both alike."""
    return itertools.islice(itertools.cycle((False, True)), 2 * count)
