"""What the project is measured against: the same rows written by plain ORM and by raw SQL, without rules and without door.

Both work on the project's own tables, in the same run, so that indexes, triggers and the machine are the same for all. They write
every row that the project writes (number, findings, custody, clocks, version kept, ledger, usage, payment), in as few statements as
their way allows, and read nothing but the row they lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from claims.models import Claim, ClaimDecision
from lifeops.cases.models import Case, CaseEvent, Clock, ClockRule, CustodySegment, Finding
from lifeops.cases.numbers import next_serial
from lifeops.cases.states import State
from lifeops.documents.models import ChecklistRow
from lifeops.org.models import User
from lifeops.policies.models import LedgerEntry, LedgerLine, MedicalUsage, Payment, Policy, PolicyEvent, PolicySnapshot


class Plain:
    """Rows through the ORM: get, set, save."""

    name = "plain ORM"

    def insert(self, model: type[models.Model], **values: Any) -> int:
        row = model(**values)
        row.save(force_insert=True)
        return row.pk

    def many(self, model: type[models.Model], rows: list[dict[str, Any]]) -> None:
        model._default_manager.bulk_create(model(**values) for values in rows)

    def alter(self, model: type[models.Model], pk: int, **values: Any) -> None:
        model._default_manager.filter(pk=pk).update(**values)

    def change(self, case: int, **values: Any) -> None:
        self.save(Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case), **values)

    def save(self, row: Case, **values: Any) -> None:
        row.__dict__.update(values)
        row.save(update_fields=list(values))

    def next(self, line: str) -> Case:
        waiting = Case.objects.filter(line=line, state=State.QUEUED, assignee__isnull=True).order_by("rank", "due_at", "pk")
        return waiting.select_for_update(of=("self",), no_key=True, skip_locked=True).first()


class Raw:
    """The same statements by hand."""

    name = "raw SQL"

    def insert(self, model: type[models.Model], **values: Any) -> int:
        return self._write(model, [values])

    def many(self, model: type[models.Model], rows: list[dict[str, Any]]) -> None:
        self._write(model, rows)

    def _write(self, model: type[models.Model], rows: list[dict[str, Any]]) -> int:
        made = [model(**values) for values in rows]
        # what the database fills in by itself is left to it
        fields = [
            f for f in model._meta.concrete_fields
            if not isinstance(f, models.AutoField) and not hasattr(getattr(made[0], f.attname), "resolve_expression")
        ]
        columns = ", ".join(f'"{f.column}"' for f in fields)
        marks = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * len(made))
        given = [f.get_db_prep_save(f.pre_save(row, True), connection) for row in made for f in fields]
        sql = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES {marks} RETURNING {model._meta.pk.column}"
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            return cursor.fetchone()[0]

    def alter(self, model: type[models.Model], pk: int, **values: Any) -> None:
        sets = ", ".join(f"{name} = %s" for name in values)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {model._meta.db_table} SET {sets} WHERE id = %s", [*values.values(), pk])

    def change(self, case: int, **values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, state, version FROM cases_case WHERE id = %s FOR NO KEY UPDATE", [case])
        self.save(Case(pk=case), **values)

    def save(self, row: Case, **values: Any) -> None:
        sets = ", ".join(f"{name} = %s" for name in values)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE cases_case SET {sets} WHERE id = %s", [*values.values(), row.pk])

    def next(self, line: str) -> Case:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM cases_case WHERE line = %s AND state = 'queued' AND assignee_id IS NULL "
                "ORDER BY rank, due_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED", [line],
            )
            return Case(pk=cursor.fetchone()[0])


Rival = Plain | Raw


def event(rival: Rival, case: int, seq: int, step: str, actor: User, from_state: str, to_state: str) -> None:
    rival.insert(
        CaseEvent, case_id=case, seq=seq, step=step, label=step, actor_id=actor.pk, branch_id=actor.branch_id,
        from_state=from_state, to_state=to_state, version=seq, at=timezone.now(), hash="0" * 64, prev_hash="0" * 64,
        published_at=timezone.now(),
    )


def next_case(rival: Rival, user: User, seq: int = 1000) -> None:
    """Lock the head, give it to the person, write who has it and the event: 4 statements and the transaction."""
    with transaction.atomic():
        case = rival.next("claims")
        rival.save(case, **taken(user))
        custody(rival, case.pk, seq, "hq", user)
        event(rival, case.pk, seq, "take", user, "queued", "in_review")


def taken(user: User) -> dict[str, Any]:
    return {
        "state": "in_review", "version": 1000, "assignee_id": user.pk, "custody_user_id": user.pk, "state_since": timezone.now(),
        "event_seq": 1000, "event_hash": "0" * 64, "custody_seq": 1000,
    }


#: The eight transactions of a medical claim: step, state before and after.
LIFE = (
    ("pass_precheck", "received", "prechecked"), ("save_record", "prechecked", "prechecked"),
    ("complete_entry", "prechecked", "prechecked"), ("complete_scan", "prechecked", "captured"), ("hand_over", "captured", "queued"),
    ("take", "queued", "in_review"), ("conclude", "in_review", "approved"),
)


@dataclass
class Sample:
    """What the rivals write besides the case: content as it was in a life the project led."""

    clerk: User
    reviewer: User
    rules: list[ClockRule]
    papers: list[str]
    record: dict[str, Any]
    findings: dict[str, list[dict[str, Any]]]
    kept: dict[str, Any]


def life(rival: Rival, number: str, policy: Policy, cover: int, sample: Sample) -> None:
    """One medical claim from the counter to the payment order: the rows the project writes, nothing asked."""
    now, clerk, reviewer, clocks = timezone.now(), sample.clerk, sample.reviewer, list[int]()
    first, second, third, *last = sample.rules

    def findings(case: int, stage: str) -> None:
        rival.many(Finding, [{"case_id": case, "stage": stage, **row} for row in sample.findings[stage]])

    def hand_over(case: int) -> None:
        findings(case, "entry")
        custody(rival, case, 2, "hq")
        rival.alter(Clock, clocks[0], paused=False, stopped_at=now, next_at=None)
        rival.alter(Clock, clocks[1], due_at=now, legal_due_on=now.date(), warn_at=now, paused=False, next_at=now)
        clocks.append(clock(rival, case, third))

    def conclude(case: int) -> None:
        rival.insert(ClaimDecision, case_id=case, outcome="PAY", amount=2700, made_by_id=reviewer.pk, made_at=now, seal="0" * 64,
                     single=True, signed_by_id=reviewer.pk, signed_at=now)
        rival.insert(PolicySnapshot, policy_id=policy.pk, case_number=number, day=now.date(), content=sample.kept, taken_at=now)
        entry = rival.insert(LedgerEntry, policy_id=policy.pk, on=now.date(), text="x", case_number=number)
        rival.many(LedgerLine, [{"entry_id": entry, "account": a, "amount": v} for a, v in (("benefit", 2700), ("payable", -2700))])
        rival.insert(PolicyEvent, policy_id=policy.pk, kind="payable", on=now.date(), source="case", case_number=number,
                     actor_id=reviewer.pk, note="x", data={"money": [{"benefit": "2700.00", "payable": "-2700.00"}]})
        rival.insert(Payment, number=f"{number}-P01", case_number=number, policy_id=policy.pk, branch_id=clerk.branch_id,
                     purpose="理赔金", payee="x", bank="x", account="9900001234567890", amount=2700, seal="0" * 64,
                     created_by_id=reviewer.pk, created_at=now)
        rival.insert(MedicalUsage, coverage_id=cover, case_number=number, policy_year=1, deductible=0, paid=2700, used_on=now.date())
        custody(rival, case, 4, "branch")
        for pk in clocks[1:]:
            rival.alter(Clock, pk, paused=False, stopped_at=now, next_at=None)
        for rule in last:
            clock(rival, case, rule)

    extra: dict[str, Callable[[int], Any]] = {
        "pass_precheck": lambda case: [findings(case, "precheck"), clocks.append(clock(rival, case, second))],
        "save_record": lambda case: rival.insert(Claim, case_id=case, **sample.record),
        "hand_over": hand_over,
        "take": lambda case: custody(rival, case, 3, "hq", reviewer),
        "conclude": conclude,
    }
    with transaction.atomic():
        next_serial(f"bench-{clerk.branch_id}")
        case = rival.insert(
            Case, number=number, line="claims", item="CL05", branch_id=clerk.branch_id, branch_path=clerk.branch.path,
            channel="counter", applicant_kind="insured", policy_id=policy.pk, applicant_id=policy.insured_id, submitted_on=now.date(),
            accepted_at=now, state="received", state_since=now, created_by_id=clerk.pk, event_seq=1, custody_seq=1,
        )
        event(rival, case, 1, "register", clerk, "", "received")
        custody(rival, case, 1, "branch")
        clocks.append(clock(rival, case, first))
        rival.many(ChecklistRow, [{"case_id": case, "doc_type_id": p, "label": p, "received": "original", "pages": 1} for p in sample.papers])
    for seq, (step, before, after) in enumerate(LIFE, start=2):
        actor = reviewer if step in ("take", "conclude") else clerk
        with transaction.atomic():
            holder = reviewer.pk if step == "take" else None
            rival.change(
                case, state=after, version=seq, event_seq=seq, event_hash="0" * 64, assignee_id=holder, state_since=timezone.now()
            )
            if step in extra:
                extra[step](case)
            event(rival, case, seq, step, actor, before, after)


def custody(rival: Rival, case: int, seq: int, party: str, user: User | None = None) -> None:
    rival.insert(CustodySegment, case_id=case, seq=seq, party=party, user_id=user and user.pk, since=timezone.now(), cause="x")


def clock(rival: Rival, case: int, rule: ClockRule) -> int:
    now = timezone.now()
    return rival.insert(Clock, case_id=case, rule_id=rule.pk, started_at=now, due_at=now, warn_at=now, legal_due_on=now.date())
