"""挂起: who holds a policy and why; what each kind refuses and what it only warns of (facts 2.2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy, PolicyHold
from lifeops.policies.services.holds import by_code, conflicts, lift_hold, place_hold
from lifeops.policies.services.lending import lend
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.locking import hold, release_hold
from lifeops.policies.services.servicing import surrender
from tests.factories import accept, handed_over, make_policy
from tests.policies.conftest import EFFECTIVE, NOW

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)

# item by item as facts 2.2 has them; B: refused, w: warned of
#        冻结 止付 反洗钱 质押 挂失 划扣
RULES = """
PS01 B B B B w w
PS02 B B B B B w
PS03 B B B B B B
PS04 w w w w w w
PS05 w w w w w w
PS06 B B B B w w
PS07 w w w w w w
PS08 B B B B w B
PS09 B B B B B w
PS10 w w w w w w
PS11 w w w w w w
PS12 B B B B B w
PS13 B B w w w w
PS14 w w w w w w
PS15 w w w w w w
PS16 w w w w w w
PS17 w w w w w w
PS18 w w w w w w
PS19 w w w w w B
PS20 w w w w w B
PS21 w w w w w w
PS22 w w w w w w
PS24 B B B B w w
PS26 B B B B w w
PS27 B B B B w w
PS28 B B B B w w
PS29 w w w w w w
PS31 B B B B B w
"""
KINDS = ("court", "police", "aml", "pledge", "loss", "debit")


def placed(policy, cast, kind="court", holder="（2026）虚构执 1 号", reason="协助执行", day=DAY):
    return place_hold(policy=policy, kind=kind, holder=holder, reason=reason, day=day, actor=cast.head)


def lifted(row, cast, reason="解除冻结裁定", day=DAY):
    return lift_hold(hold=row, reason=reason, day=day, actor=cast.manager)


def test_what_each_kind_refuses_and_what_it_warns_of(issue, cast):
    policy = issue("T20")
    assert all(conflicts(policy, line.split()[0]) == [] for line in RULES.strip().splitlines())
    for n, kind in enumerate(KINDS):
        row = placed(policy, cast, kind=kind, holder=f"文号{kind}")
        for line in RULES.strip().splitlines():
            item, *levels = line.split()
            (found,) = conflicts(policy, item)
            assert found.level == {"B": "block", "w": "warn"}[levels[n]], (item, kind)
            assert row.get_kind_display() in found.message and f"文号{kind}" in found.value
        lifted(row, cast)
        assert conflicts(policy, "PS02") == []


def test_holder_and_reason_are_kept_and_told(issue, cast):
    policy = issue("T20")
    row = placed(policy, cast)
    assert (row.holder, row.reason, row.placed_on, row.placed_by, row.lifted_on) == ("（2026）虚构执 1 号", "协助执行", DAY, cast.head, None)
    lifted(row, cast, day=DAY + timedelta(days=9))
    row = PolicyHold.objects.get()
    assert (row.lifted_on, row.lifted_by, row.lift_reason) == (DAY + timedelta(days=9), cast.manager, "解除冻结裁定")
    events = list(policy.events.filter(kind__in=("held", "hold_lifted")).values_list("kind", "on", "source", "actor", "note"))
    assert events == [
        ("held", DAY, "desk", cast.head.pk, "司法冻结 （2026）虚构执 1 号：协助执行"),
        ("hold_lifted", DAY + timedelta(days=9), "desk", cast.manager.pk, "司法冻结解除：解除冻结裁定"),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"holder": "  "}, "挂起方（文号）和原因"), ({"reason": ""}, "挂起方（文号）和原因"), ({"kind": "case"}, "请选择挂起种类"), ({"kind": "x"}, "请选择挂起种类"),
    ],
)  # fmt: skip
def test_without_holder_or_reason_nothing_is_held(issue, cast, given, words):
    policy = issue("T20")
    with pytest.raises(BookRefused, match=words):
        placed(policy, cast, **given)
    assert not PolicyHold.objects.exists() and not policy.events.filter(kind="held").exists()


def test_the_same_hold_stands_once_and_is_lifted_once(issue, cast):
    policy = issue("T20")
    row = placed(policy, cast)
    with pytest.raises(BookRefused, match="已经登记"):
        placed(policy, cast)
    with pytest.raises(IntegrityError, match="policy_hold_once"), transaction.atomic():
        PolicyHold.objects.create(policy=policy, kind="court", holder=row.holder, reason="x", placed_on=DAY)
    second = placed(policy, cast, holder="（2026）虚构执 2 号")
    for given, words in (({"reason": " "}, "请填写解除原因"), ({"day": DAY - timedelta(days=1)}, "早于挂起日")):
        with pytest.raises(BookRefused, match=words):
            lifted(row, cast, **given)
    lifted(row, cast)
    with pytest.raises(BookRefused, match="已于 2026-06-01 解除"):
        lifted(row, cast)
    # the other court still holds
    assert [c.level for c in conflicts(policy, "PS02")] == ["block"]
    lifted(second, cast)
    assert placed(policy, cast).pk not in (row.pk, second.pk)


def test_the_hold_of_a_case_goes_with_the_case_only(issue, cast):
    policy = issue("T20")
    hold(policy, "CL-1", actor=cast.clerk)
    row = policy.holds.get()
    with pytest.raises(BookRefused, match="随案件办结解除"):
        lifted(row, cast)
    assert [(c.code, c.level) for c in conflicts(policy, "PS14", case_number="PS-1")] == [("H01", "block")]
    assert conflicts(policy, "CL05", case_number="CL-1") == []
    with pytest.raises(BookRefused, match="已被案件 CL-1 挂起"):
        surrender(policy=policy, case_number="PS-1", day=DAY, actor=cast.clerk, now=NOW)
    with pytest.raises(BookRefused, match="已被案件 CL-1 挂起"):
        hold(policy, "PS-1")
    release_hold(policy, "PS-1")  # not its own: stays
    assert Policy.objects.get(pk=policy.pk).hold_case == "CL-1"
    release_hold(policy, "CL-1")
    assert conflicts(policy, "PS14", case_number="PS-1") == [] and policy.holds.get().lift_reason == "案件办结"


@pytest.mark.parametrize(("item", "waits"), [(i, i in ("PS01", "PS02", "PS03", "PS09", "PS12", "PS13")) for i in ("PS01", "PS02", "PS03", "PS07", "PS09", "PS10", "PS12", "PS13", "PS14")])
def test_an_open_claim_comes_first(issue, item, waits):
    found = conflicts(issue("T20"), item, open_claims=True)
    assert [c.code for c in found] == (["H03"] if waits else []) and all(c.level == "block" for c in found)


def test_a_loan_is_settled_before_a_reduction(issue, cast):
    from lifeops.policies.services.issuing import deliver_policy
    from tests.policies.conftest import cover

    life = issue("T20").insured
    policy = deliver_policy(
        policy=issue("W30", coverages=[cover("W30", life, pay_term="SINGLE", pay_mode="single")], pay_mode="single"), signed_on=EFFECTIVE
    )
    assert conflicts(policy, "PS03") == []
    lend(policy=policy, case_number="PS-1", amount=500, day=date(2028, 3, 3), actor=cast.clerk, now=NOW)
    for item, codes in (("PS03", ["H04"]), ("PS08", ["H04"]), ("PS02", []), ("PS10", [])):
        assert [c.code for c in conflicts(policy, item)] == codes, item


def test_a_freeze_does_not_stop_the_calendar_but_a_case_does(issue, cast):
    frozen, held = issue("T20"), issue("T20")
    placed(frozen, cast)
    hold(held, "CL-1")
    run_policy_day(date(2027, 3, 4))
    assert [Policy.objects.get(pk=p.pk).status for p in (frozen, held)] == ["grace", "in_force"]


def test_a_frozen_policy_is_not_surrendered_at_the_counter_but_its_telephone_changes_with_a_word(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    row = placed(policy, cast, day=timezone.localdate())
    with pytest.raises(Invalid, match="保单司法冻结中，不能办理此项目：须更正后再办理，不能放行"):
        handed_over(cast, item="PS02", policy=policy)
    release_case(policy)
    case = handed_over(cast, item="PS14", policy=policy)
    assert case.state == "queued"
    lifted(row, cast, day=timezone.localdate())
    other = make_policy(cast.county, cast.clerk, product="W30")
    assert handed_over(cast, item="PS02", policy=other).state == "queued"


def test_of_several_holds_those_that_refuse_are_told(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    placed(policy, cast, day=timezone.localdate())
    placed(policy, cast, kind="loss", holder="投保人", reason="保单遗失", day=timezone.localdate())
    for item, words in (("PS01", "保单司法冻结中，不能办理此项目"), ("PS02", "保单司法冻结中，不能办理此项目；保单挂失中，不能办理此项目")):
        (told,) = by_code(conflicts(policy, item))
        assert (told.level, {*told.message.split("；")}) == ("block", {*words.split("；")})
    assert handed_over(cast, item="PS14", policy=policy).findings.filter(stage="entry", code="H02", level="warn").count() == 1


def test_whoever_judges_a_claim_is_told_of_the_freeze(cast):
    """It stops no claim; that it was seen is answered for before the case leaves the branch."""
    policy = make_policy(cast.county, cast.clerk)
    placed(policy, cast, day=timezone.localdate())
    placed(policy, cast, kind="pledge", holder="虚构银行", reason="质押贷款", day=timezone.localdate())
    case = handed_over(cast, item="CL05", policy=policy)
    told = case.findings.get(stage="entry", code="H02")
    both = {"保单司法冻结中，请核对能否办理", "保单质押中，请核对能否办理"}
    assert (told.level, {*told.message.split("；")}, told.override_reason) == ("warn", both, "已核对")
    assert not handed_over(cast, item="CL05").findings.filter(code="H02").exists()


def test_the_warning_is_answered_for_before_the_case_goes_on(cast):
    from lifeops.cases.perform import perform
    from tests.factories import inputs_for, overrides_at_counter, overrides_for

    policy = make_policy(cast.county, cast.clerk, product="W30")
    placed(policy, cast, kind="pledge", holder="虚构银行", reason="质押贷款", day=timezone.localdate())
    case = accept(cast, item="PS14", policy=policy)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, **inputs_for(case))
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    needed = overrides_for(case)
    assert "H02" in "".join(needed), needed
    with pytest.raises(Invalid, match="保单质押中，请核对能否办理：请写明放行理由"):
        perform(case, "hand_over", actor=cast.clerk)
    assert Case.objects.get(pk=case.pk).state == "captured"
    perform(case, "hand_over", actor=cast.clerk, overrides=needed)


def release_case(policy: Policy) -> None:
    found = Policy.objects.get(pk=policy.pk)
    if found.hold_case:
        release_hold(found, found.hold_case)
