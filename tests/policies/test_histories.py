"""Any sequence of events: the ledger balances, the day asked about equals the replay, days by day equal one run."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, EventKind, LedgerEntry, LedgerLine, Policy, PolicyEvent
from lifeops.policies.services.as_of import standings, whole_as_of
from lifeops.policies.services.changing import (
    agree_advance,
    arrears,
    make_paid_up,
    reduce_cover,
    reinstate,
    rescind,
    waive_premiums,
)
from lifeops.policies.services.claiming import claim_death_terminate
from lifeops.policies.services.events import JOB, record, replay
from lifeops.policies.services.holds import lift_hold, place_hold
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.ledger import balance, balances, post, statement
from lifeops.policies.services.lending import lend, open_loans, owed_at, repay
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.overpaid import overpaid, refund_overpaid
from lifeops.policies.services.payments import create_payment, release_payment, return_payment, settle_payment
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.reinstating import due_for_reinstatement, reinstate_paid
from lifeops.policies.services.servicing import (
    cancel_in_cooling_off,
    change_beneficiaries,
    change_contact,
    surrender,
)
from tests.policies.conftest import EFFECTIVE, NOW, person

ACTS = ("wait", "pay", "pay_part", "overpay", "advance", "lend", "repay", "repay_part", "reduce", "reinstate", "heirs", "dividend", "refund",
        "waive", "surrender", "rescind", "die", "pay_out", "paid_up", "cancel", "freeze", "thaw", "contact", "back", "draw")


class Walk:
    """Acts on one policy as days go by; what the book refuses is part of the walk."""

    def __init__(self, policy: Policy, cast) -> None:
        self.policy, self.cast, self.day, self.n, self.days = policy, cast, EFFECTIVE + timedelta(days=5), 0, []
        self.done: list[str] = []

    def book(self) -> Policy:
        return Policy.objects.get(pk=self.policy.pk)

    def act(self, name: str, gap: int) -> None:
        self.day += timedelta(days=gap)
        self.n += 1
        run_policy_day(self.day)
        try:
            with transaction.atomic():
                getattr(self, f"_{name}")(f"PS-{self.n}")
            self.done.append(name)
        except BookRefused:
            pass
        self.days += [self.day - timedelta(days=1), self.day]

    def _wait(self, case: str) -> None:
        return

    def _money(self, case: str, share: str) -> None:
        policy = self.book()
        amount = ((policy.main.premium + policy.main.extra) * Decimal(share)).quantize(Decimal("0.01"))
        receive_premium(policy=policy, amount=amount, received_on=self.day, reference=case, actor=self.cast.clerk, now=NOW)

    def _pay(self, case: str) -> None:
        self._money(case, "1")

    def _pay_part(self, case: str) -> None:
        self._money(case, "0.4")

    def _overpay(self, case: str) -> None:
        self._money(case, "1.7")

    def _advance(self, case: str) -> None:
        agree_advance(policy=self.book(), case_number=case, agreed=True, day=self.day, actor=self.cast.clerk, now=NOW)

    def _lend(self, case: str) -> None:
        lend(policy=self.book(), case_number=case, amount=Decimal("600.00"), day=self.day, actor=self.cast.clerk, now=NOW)

    def _repay(self, case: str) -> None:
        owed = owed_at(open_loans(self.book()), self.day)
        repay(policy=self.book(), amount=owed or Decimal(1), day=self.day, reference=case, actor=self.cast.clerk, now=NOW)

    def _repay_part(self, case: str) -> None:
        owed = owed_at(open_loans(self.book()), self.day)
        part = (owed / 3).quantize(Decimal("0.01")) or Decimal(1)
        repay(policy=self.book(), amount=part, day=self.day, reference=case, actor=self.cast.clerk, now=NOW)

    def _reduce(self, case: str) -> None:
        cover = self.book().main
        reduce_cover(
            policy=self.book(), case_number=case, cover=cover, sum_assured=cover.sum_assured - 10000,
            premium=cover.premium - 1, extra=cover.extra, refund=Decimal("12.34"), day=self.day, actor=self.cast.clerk, now=NOW,
        )

    def _reinstate(self, case: str) -> None:
        total = sum((a for _, a in arrears(self.book(), self.day)), Decimal("7.00"))
        reinstate(
            policy=self.book(), case_number=case, day=self.day, applied_on=self.day, interest=Decimal("7.00"), received=total,
            reference=case, actor=self.cast.clerk, now=NOW,
        )

    def _back(self, case: str) -> None:
        """复效 with what the bank brought days before, loans settled with it."""
        state = due_for_reinstatement(self.book(), self.day, with_debts=True)
        receive_premium(
            policy=self.book(), amount=state.lacking + Decimal("0.50"), received_on=self.day - timedelta(days=3), reference=case,
            actor=self.cast.clerk, now=NOW,
        )
        reinstate_paid(
            policy=self.book(), case_number=case, day=self.day, applied_on=self.day, with_debts=True, extra=Decimal("1.25"), actor=self.cast.clerk,
            now=NOW,
        )

    def _draw(self, case: str) -> None:
        """还款 out of what waits."""
        policy = self.book()
        amount = min(policy.suspense, owed_at(open_loans(policy), self.day))
        repay(policy=policy, amount=amount, day=self.day, reference="", case_number=case, from_suspense=True, actor=self.cast.clerk, now=NOW)

    def _heirs(self, case: str) -> None:
        change_beneficiaries(
            policy=self.book(), case_number=case, beneficiaries=[{"name": f"受益人{self.n}", "relation": "子女"}],
            day=self.day, actor=self.cast.clerk, now=NOW,
        )

    def _dividend(self, case: str) -> None:
        """What the day run writes of a cash dividend that accumulates."""
        policy, key = self.book(), f"dividend:{self.n}:1:{self.n}"
        entry = post(policy, on=self.day, text="红利", key=key, lines={Account.BONUS: Decimal("33.33"), Account.DIVIDEND: Decimal("-33.33")})
        record(policy, EventKind.DIVIDEND, on=self.day, cause=JOB, key=key, data={"money": [entry]})

    def _refund(self, case: str) -> None:
        policy = self.book()
        amount = overpaid(policy, self.day).total
        refund_overpaid(policy=policy, case_number=case, amount=amount, day=self.day, actor=self.cast.clerk, now=NOW)

    def _waive(self, case: str) -> None:
        waive_premiums(policy=self.book(), case_number=case, day=self.day, actor=self.cast.clerk, now=NOW)

    def _surrender(self, case: str) -> None:
        surrender(policy=self.book(), case_number=case, day=self.day, actor=self.cast.ps_reviewer, now=NOW)

    def _rescind(self, case: str) -> None:
        rescind(policy=self.book(), case_number=case, day=self.day, payable=Decimal("5.00"), actor=self.cast.clerk, now=NOW)

    def _die(self, case: str) -> None:
        told = datetime.combine(self.day + timedelta(days=3), time(4), tzinfo=UTC)
        claim_death_terminate(policy=self.book(), case_number=case, died_on=self.day, actor=self.cast.clerk, now=told)

    def _paid_up(self, case: str) -> None:
        policy = self.book()
        make_paid_up(
            policy=policy, case_number=case, sums={policy.main.pk: (policy.main.sum_assured / 3).quantize(Decimal("0.01"))}, day=self.day,
            actor=self.cast.clerk, now=NOW,
        )

    def _cancel(self, case: str) -> None:
        cancel_in_cooling_off(policy=self.book(), case_number=case, day=self.day, actor=self.cast.clerk, now=NOW, work_cost=Decimal("10.00"))

    def _freeze(self, case: str) -> None:
        place_hold(policy=self.book(), kind="court", holder=case, reason="协助执行", day=self.day, actor=self.cast.head)

    def _thaw(self, case: str) -> None:
        for row in self.book().holds.filter(lifted_on__isnull=True):
            lift_hold(hold=row, reason="解除", day=self.day, actor=self.cast.manager)

    def _contact(self, case: str) -> None:
        change_contact(party=self.book().policyholder, case_number=case, phone=f"1990000{self.n:04d}", actor=self.cast.clerk, now=NOW)

    def _pay_out(self, case: str) -> None:
        policy = self.book()
        entry = LedgerLine.objects.filter(entry__policy=policy, account="payable", amount__lt=0).order_by("-pk").first()
        if entry is None:
            raise BookRefused("没有应付")
        made = create_payment(
            case_number=entry.entry.case_number or case, policy=policy, branch_id=policy.branch_id, purpose="给付", kind="benefit",
            payee=policy.policyholder.name, bank="虚构银行", account="9900001234567890", amount=-entry.amount,
            actor=self.cast.ps_reviewer, now=NOW,
        )
        sent = release_payment(payment=made, actor=self.cast.issue, now=NOW)
        if self.n % 2:
            settle_payment(payment=sent, reference=case, actor=self.cast.issue, now=NOW)
        else:
            return_payment(payment=sent, reason="账号错误", actor=self.cast.issue, now=NOW)


walks = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 400)), min_size=3, max_size=9)
SOME = settings(
    max_examples=10, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def walk(policy: Policy, cast, acts) -> Walk:
    found = Walk(deliver_policy(policy=policy, signed_on=EFFECTIVE), cast)
    for name, gap in acts:
        found.act(name, gap)
    assert list(policy.events.filter(kind="stuck").values_list("note", flat=True)) == []
    return found


def assert_ledger_balances(seen: Walk) -> None:
    policy = seen.policy
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert sum(balances(policy).values(), Decimal(0)) == 0
    found = seen.book()
    assert -balance(policy, "suspense") == found.suspense >= 0
    for account, kind in (("loan", "loan"), ("apl", "apl")):
        owed = sum((x.principal for x in open_loans(found) if x.kind == kind), Decimal(0))
        assert balance(policy, account) == owed
    open_dues = sum((r.amount for r in found.premiums.filter(kind="renewal", paid_on__isnull=True)), Decimal(0))
    if found.status not in ("lapsed", "terminated"):
        assert balance(policy, "receivable") == open_dues
    for day in seen.days:
        assert statement(policy, EFFECTIVE, day).balances and statement(policy, day, seen.day).balances


def assert_each_day_is_its_replay(seen: Walk) -> None:
    for day in [EFFECTIVE - timedelta(days=1), EFFECTIVE, *seen.days]:
        stood, told = whole_as_of(seen.book(), day), replay(seen.book(), day)
        many = standings([seen.book()], day)[seen.policy.pk]
        assert (many.status, many.paid_to, many.beneficiaries) == (stood["status"], stood["paid_to"], stood["beneficiaries"])
        assert {x.pk: x.principal for x in many.loans} == {x.pk: x.principal for x in stood["loans"]}
        assert [(c.pk, c.sum_assured, c.active) for c in many.covers] == [(c.pk, c.sum_assured, c.active) for c in stood["coverages"]]
        assert (day, stood["status"]) == (day, told.status)
        assert stood["money"] == told.money
        assert {str(x.pk): x.principal for x in stood["loans"]} == told.loans
        assert [b.name for b in stood["beneficiaries"]] == [b["name"] for b in told.beneficiaries]
        if day >= EFFECTIVE:
            assert {str(c.pk): (f"{c.sum_assured:.2f}", c.active) for c in stood["coverages"]} == {
                key: (c["sum_assured"], c["active"]) for key, c in told.coverages.items()
            }
            assert (stood["paid_to"].isoformat() if stood["paid_to"] else None) == told.paid_to
        assert all(event.on > day for event in stood["changed_since"])


@SOME
@given(acts=walks)
def test_the_ledger_balances_after_any_sequence(issue, cast, acts):
    with transaction.atomic():
        assert_ledger_balances(walk(issue("W30"), cast, acts))
        transaction.set_rollback(True)


@SOME
@given(acts=walks)
def test_a_day_asked_about_equals_the_replay_of_events(issue, cast, acts):
    with transaction.atomic():
        assert_each_day_is_its_replay(walk(issue("W30"), cast, acts))
        transaction.set_rollback(True)


#: Walks in which every act is taken at least once: (act, days after the one before).
LED = [
    [("contact", 0), ("heirs", 9), ("dividend", 100), ("pay", 200), ("overpay", 400), ("refund", 20), ("pay", 300), ("lend", 60), ("repay_part", 30),
     ("repay", 40), ("pay_out", 1), ("reduce", 5), ("freeze", 1), ("thaw", 1), ("advance", 1), ("wait", 700), ("surrender", 30), ("pay_out", 1)],
    [("pay_part", 330), ("wait", 120), ("reinstate", 60), ("waive", 1), ("wait", 400), ("rescind", 1)],
    [("pay", 300), ("pay", 365), ("paid_up", 200), ("wait", 400), ("die", 20)],
    [("cancel", 0), ("pay_out", 2)],
    [("pay", 300), ("pay", 365), ("lend", 100), ("wait", 330), ("back", 100), ("wait", 230), ("pay", 20), ("lend", 1), ("overpay", 20), ("draw", 9)],
]  # fmt: skip


def test_each_act_is_taken_and_keeps_ledger_and_days(issue, cast):
    done: set[str] = set()
    for acts in LED:
        with transaction.atomic():
            seen = walk(issue("W30"), cast, acts)
            assert_ledger_balances(seen)
            assert_each_day_is_its_replay(seen)
            done |= set(seen.done)
            transaction.set_rollback(True)
    assert done == set(ACTS)


def told(policy: Policy) -> list[tuple]:
    rows = PolicyEvent.objects.filter(policy=policy).order_by("pk")
    return [(e.kind, e.on, e.source, e.note, {k: v for k, v in e.data.items() if k not in ("coverages", "loans")}) for e in rows]


@settings(SOME, max_examples=6)
@given(
    start=st.integers(0, 300), span=st.integers(1, 500), cut=st.lists(st.integers(0, 500), max_size=6),
    mode=st.sampled_from(["annual", "quarterly", "monthly"]), advance=st.booleans(), paid=st.integers(0, 3),
)
def test_days_by_days_equal_once_for_the_span(issue, cast, start, span, cut, mode, advance, paid):
    with transaction.atomic():
        twins = [
            issue("W30", "M10", insured=person(f"双{n}", sequence=501 + 2 * n), pay_mode=mode) for n in range(2)
        ]
        first, end = EFFECTIVE + timedelta(days=start), EFFECTIVE + timedelta(days=start + span)
        for policy in twins:
            Policy.objects.filter(pk=policy.pk).update(apl_agreed=advance)
            if paid:
                receive_premium(
                    policy=policy, amount=policy.main.premium * paid, received_on=EFFECTIVE, reference="R", actor=cast.clerk, now=NOW
                )
        one, other = twins
        wait = Policy.objects.filter(pk=other.pk).values_list("next_event_on", flat=True)[0]
        # the second policy is kept out while the first is moved in pieces
        Policy.objects.filter(pk=other.pk).update(hold_case="WAIT")
        for day in sorted({first, end, *(first + timedelta(days=c) for c in cut if c <= span)}):
            run_policy_day(day)
        Policy.objects.filter(pk=other.pk).update(hold_case="", next_event_on=wait)
        run_policy_day(end)
        assert told(one) == told(other)
        assert balances(one) == balances(other)
        assert [(c.status, c.since) for c in one.status_changes.all()] == [(c.status, c.since) for c in other.status_changes.all()]
        transaction.set_rollback(True)


def test_every_single_day_equals_once_for_the_span(issue):
    one, other = (issue("W30", insured=person(f"日{n}", sequence=601 + 2 * n), pay_mode="quarterly") for n in range(2))
    Policy.objects.filter(pk=other.pk).update(hold_case="WAIT")
    for n in range(200):
        run_policy_day(EFFECTIVE + timedelta(days=n))
    Policy.objects.filter(pk=other.pk).update(hold_case="")
    run_policy_day(EFFECTIVE + timedelta(days=199))
    assert told(one) == told(other) and len(told(one)) > 4


def test_an_entry_that_does_not_balance_is_refused_by_the_database(issue):
    policy = issue("T20")
    with pytest.raises(IntegrityError, match="借贷不平"), transaction.atomic():
        entry = LedgerEntry.objects.create(policy=policy, on=EFFECTIVE, text="错账")
        LedgerLine.objects.create(entry=entry, account=Account.RECEIVED, amount=Decimal("1.00"))
        LedgerLine.objects.create(entry=entry, account=Account.SUSPENSE, amount=Decimal("-0.99"))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="借贷不平"), transaction.atomic():
        LedgerEntry.objects.create(policy=policy, on=EFFECTIVE, text="空账")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(ValueError, match="借贷不平"):
        post(policy, on=EFFECTIVE, text="错账", lines={Account.RECEIVED: Decimal(1), Account.SUSPENSE: Decimal(-2)})


@pytest.mark.parametrize("what", ["entry", "line", "event"])
@pytest.mark.parametrize("how", ["update", "delete"])
def test_what_is_booked_is_neither_changed_nor_deleted(issue, what, how):
    policy = issue("T20")
    rows = {
        "entry": LedgerEntry.objects.filter(policy=policy), "line": LedgerLine.objects.filter(entry__policy=policy),
        "event": PolicyEvent.objects.filter(policy=policy),
    }[what]
    change = {"entry": {"text": "改"}, "line": {"amount": 5}, "event": {"note": "改"}}[what]
    with pytest.raises(IntegrityError, match="只可追加"), transaction.atomic():
        rows.update(**change) if how == "update" else rows._raw_delete(rows.db)


def test_the_version_of_the_day_stays_with_the_case(issue, cast):
    from lifeops.policies.services.as_of import keep_version

    policy = issue("W30")
    day = date(2026, 6, 1)
    kept = keep_version(policy=policy, day=day, case_number="CL-1", now=NOW)
    cover = policy.main
    reduce_cover(
        policy=policy, case_number="PS-1", cover=cover, sum_assured=Decimal(100000), premium=cover.premium, extra=cover.extra,
        refund=Decimal(0), day=day, actor=cast.clerk, now=NOW,
    )
    again = keep_version(policy=policy, day=day, case_number="CL-1", now=NOW)
    assert again.pk == kept.pk and again.content["coverages"][0]["sum_assured"] == "300000.00"
    later = keep_version(policy=policy, day=day, case_number="CL-2", now=NOW)
    assert later.content["coverages"][0]["sum_assured"] == "100000.00"
    with pytest.raises(IntegrityError, match="只可追加"), transaction.atomic():
        type(kept).objects.filter(pk=kept.pk).update(content={})
