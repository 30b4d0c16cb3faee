"""岗位、额度与账号: one asks, another decides, nobody for the own person; days are kept; absences have limits."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from lifeops.administration import absences, orders
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.perform import perform
from lifeops.notices.models import Notice
from lifeops.org.models import Absence, AuthorityLimit, ChangeOrder, Posting, Role, User, limit_for
from tests.cases.test_truth_in_the_database import together
from tests.cast import hire
from tests.factories import again, handed_over
from tests.ui.test_pages import english

TODAY = timezone.localdate


def grant(cast, actor, user=None, **changes):
    payload = {
        "user": (user or cast.clerk).pk, "role": "entry", "branch": cast.county.pk, "grade": 2,
        "starts_on": (TODAY() + timedelta(days=3)).isoformat(), "ends_on": None,
    } | changes  # fmt: skip
    return orders.propose(op="grant", payload=payload, summary="任岗", reason="人手不足", actor=actor, now=timezone.now())


def decide(order, actor, approve=True, remark=""):
    return orders.decide(order=order, approve=approve, remark=remark, actor=actor, now=timezone.now())


def test_a_posting_needs_two_and_begins_on_its_day(cast):
    order = grant(cast, cast.secadmin)
    assert not Posting.objects.filter(user=cast.clerk, role="entry").exists()
    decide(order, cast.secadmin2)
    row = Posting.objects.get(user=cast.clerk, role="entry")
    assert (row.grade, row.starts_on, row.ends_on) == (2, TODAY() + timedelta(days=3), None)
    assert not User.objects.get(pk=cast.clerk.pk).holds(Role.ENTRY)
    assert row in Posting.objects.in_force(TODAY() + timedelta(days=3))
    assert "人手不足" in row.history.get().history_change_reason
    order.refresh_from_db()
    assert (order.state, order.requested_by, order.decided_by) == ("applied", cast.secadmin, cast.secadmin2)


def test_those_who_may_decide_are_told_and_then_the_one_who_asked(cast):
    order = grant(cast, cast.secadmin)
    told = Notice.objects.get(key=f"order:{order.pk}:open")
    assert told.recipient == cast.secadmin2 and told.url == reverse("org:change", args=[order.pk])
    assert cast.clerk.name not in told.title + told.body
    decide(order, cast.secadmin2)
    assert Notice.objects.get(key=f"order:{order.pk}:done").recipient == cast.secadmin


def test_the_same_person_does_not_decide(cast):
    order = grant(cast, cast.secadmin)
    with pytest.raises(Refused, match="须为两人"):
        decide(order, cast.secadmin)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeOrder.objects.filter(pk=order.pk).update(decided_by=cast.secadmin)
    assert not Posting.objects.filter(user=cast.clerk, role="entry").exists()


def test_nobody_asks_or_decides_for_the_own_person(cast):
    with pytest.raises(Refused, match="不得申请与本人有关"):
        grant(cast, cast.secadmin, user=cast.secadmin)
    order = orders.propose(
        op="end", payload={"user": cast.secadmin2.pk, "posting": cast.secadmin2.postings.get().pk,
                           "ends_on": (TODAY() + timedelta(days=9)).isoformat()},
        summary="离任", reason="轮岗", actor=cast.secadmin, now=timezone.now(),
    )  # fmt: skip
    with pytest.raises(Refused, match="不得复核与本人有关"):
        decide(order, cast.secadmin2)


@pytest.mark.parametrize("who", ["sysadmin", "manager", "auditor", "clerk", "head"])
def test_only_security_administrators_ask_and_decide(cast, who):
    with pytest.raises(Refused, match="由安全管理岗申请"):
        grant(cast, getattr(cast, who), user=cast.scan)
    order = grant(cast, cast.secadmin)
    with pytest.raises(Refused, match="需要该机构的安全管理岗"):
        decide(order, getattr(cast, who))


def test_a_security_administrator_of_one_province_reaches_no_other(cast):
    local = hire("sec_local", Role.SECADMIN, cast.other_province, staff_no="X1")
    with pytest.raises(Refused):
        grant(cast, local)
    with pytest.raises(Refused, match="该机构"):
        decide(grant(cast, cast.secadmin), local)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts_on": "2026-01-01"}, "不得早于今天"),
        ({"ends_on": "2026-01-01"}, "不得早于任岗日"),
        ({"role": "intake"}, "已任此岗"),
        ({"role": "auditor"}, "须专任"),
    ],
)
def test_what_stands_against_a_posting(cast, changes, words):
    with pytest.raises(Refused, match=words):
        grant(cast, cast.secadmin, **changes)


def test_an_auditor_gets_no_second_post(cast):
    with pytest.raises(Refused, match="须专任"):
        grant(cast, cast.secadmin, user=cast.auditor)


def test_what_was_asked_is_checked_again_when_decided(cast):
    order = grant(cast, cast.secadmin)
    order.payload["starts_on"] = (TODAY() - timedelta(days=1)).isoformat()
    order.save()
    with pytest.raises(Refused, match="重新申请"):
        decide(order, cast.secadmin2)


def test_an_order_is_decided_once_and_refused_with_words(cast):
    order = grant(cast, cast.secadmin)
    with pytest.raises(Refused, match="已有相同的申请"):
        grant(cast, cast.secadmin)
    with pytest.raises(Refused, match="须写明意见"):
        decide(order, cast.secadmin2, approve=False)
    decide(order, cast.secadmin2, approve=False, remark="级别过高")
    with pytest.raises(Refused, match="已驳回"):
        decide(order, cast.secadmin2)
    assert not Posting.objects.filter(user=cast.clerk, role="entry").exists()


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_make_one_posting(transactional_cast):
    cast = transactional_cast
    third = hire("secadmin3", Role.SECADMIN, cast.hq, staff_no="X3")
    first = grant(cast, cast.secadmin)
    second = grant(cast, cast.secadmin, ends_on=(TODAY() + timedelta(days=99)).isoformat())
    found = together(4, lambda n: decide((first, second)[n % 2], (cast.secadmin2, third)[n // 2]))
    assert sum(not isinstance(f, Exception) for f in found) == 1
    assert all(isinstance(f, Refused) for f in found if isinstance(f, Exception))
    assert Posting.objects.filter(user=cast.clerk, role="entry").count() == 1


def test_a_post_ends_on_its_day(cast):
    posting = cast.clerk.postings.get()
    last = TODAY() + timedelta(days=5)
    order = orders.propose(op="end", payload={"user": cast.clerk.pk, "posting": posting.pk, "ends_on": last.isoformat()},
                           summary="离任", reason="调离", actor=cast.secadmin, now=timezone.now())  # fmt: skip
    decide(order, cast.secadmin2)
    posting.refresh_from_db()
    assert posting.ends_on == last
    assert posting in Posting.objects.in_force(last) and posting not in Posting.objects.in_force(last + timedelta(days=1))


def limit(cast, actor, **changes):
    payload = {
        "role": "cl_reviewer", "grade": 1, "line": "claims", "item": "", "outcome": "", "max_amount": "8000.00",
        "effective_from": (TODAY() + timedelta(days=7)).isoformat(),
    } | changes  # fmt: skip
    return orders.propose(op="limit", payload=payload, summary="额度", reason="年度调整", actor=actor, now=timezone.now())


def test_a_limit_takes_over_from_a_day(cast):
    decide(limit(cast, cast.secadmin), cast.secadmin2)

    def signs(day):
        return limit_for(role="cl_reviewer", grade=1, line="claims", item="CL05", outcome="PAY", day=day).max_amount

    start = TODAY() + timedelta(days=7)
    assert (signs(start - timedelta(days=1)), signs(start)) == (Decimal(5000), Decimal(8000))
    old = AuthorityLimit.objects.get(role="cl_reviewer", grade=1, max_amount=5000)
    assert old.effective_to == start - timedelta(days=1) and "年度调整" in old.history.first().history_change_reason
    with pytest.raises(Refused, match="日期重叠"):
        limit(cast, cast.secadmin, max_amount="9000.00")


def test_limits_of_the_own_post_are_for_others_to_ask(cast):
    Posting.objects.create(user=cast.secadmin, role=Role.CL_REVIEWER, branch=cast.hq, starts_on="2020-01-01")
    with pytest.raises(Refused, match="本人所任岗位"):
        limit(cast, User.objects.get(pk=cast.secadmin.pk))
    with pytest.raises(Refused, match="本人所任岗位"):
        decide(limit(cast, cast.secadmin2), User.objects.get(pk=cast.secadmin.pk))


def account(cast, actor, **changes):
    payload = {"name": "新人", "staff_no": "N001", "username": "newcomer", "email": "", "branch": cast.county.pk} | changes
    return orders.propose(op="open", payload=payload, summary="开户", reason="入职", actor=actor, now=timezone.now())


def test_an_account_is_asked_for_by_one_administrator_and_opened_by_another(cast, client):
    with pytest.raises(Refused, match="由系统管理岗申请"):
        account(cast, cast.secadmin)
    with pytest.raises(Refused, match="该账号名已被使用"):
        account(cast, cast.sysadmin, username="Clerk")
    order = account(cast, cast.sysadmin)
    with pytest.raises(Refused):
        decide(order, cast.sysadmin)
    _, said = decide(order, cast.secadmin)
    user = User.objects.get(username="newcomer")
    assert not user.has_usable_password() and "由申请人" in said
    told = orders.hand_out(order=order, actor=cast.sysadmin, now=timezone.now())
    password = told.split("：")[1].split("，")[0]
    assert client.login(username="newcomer", password=password) and user.roles == frozenset()
    order.refresh_from_db()
    assert password not in str(order.payload) + order.remark
    close = orders.propose(op="close", payload={"user": user.pk}, summary="停用", reason="离职", actor=cast.sysadmin, now=timezone.now())
    decide(close, cast.secadmin2)
    client.logout()
    assert not client.login(username="newcomer", password=password)


# Screens -------------------------------------------------------------------------------------------------------------


def test_the_whole_way_on_screen(cast, as_user):
    client = as_user(cast.secadmin)
    found = client.post(reverse("org:changes"), {"q": cast.clerk.staff_no})
    assert found.status_code == 302 and found["Location"] == reverse("org:person", args=[cast.clerk.staff_no])
    assert "申请任岗" in client.get(found["Location"]).content.decode()
    url = f"{reverse('org:new', args=['grant'])}?person={cast.clerk.staff_no}"
    bad = client.post(url, {"role": "entry", "branch": "99", "grade": "7", "starts_on": "", "reason": "人手不足"})
    assert bad.status_code == 400
    for words in ("没有这个机构代码", "级别为 1 至 5", "请选择任岗日", 'value="人手不足"'):
        assert words in bad.content.decode()
    sent = {"role": "entry", "branch": cast.county.code, "grade": "2", "starts_on": TODAY().isoformat(), "reason": "人手不足"}
    page = client.post(url, sent, follow=True)
    order = ChangeOrder.objects.get()
    assert "申请人与复核人须为两人" in page.content.decode() and "同意并生效" not in page.content.decode()
    assert client.post(reverse("org:change", args=[order.pk]), {"decision": "approve"}).status_code == 403
    other = as_user(cast.secadmin2)
    assert "同意并生效" in other.get(reverse("org:change", args=[order.pk])).content.decode()
    assert "已复核生效" in other.post(reverse("org:change", args=[order.pk]), {"decision": "approve"}, follow=True).content.decode()
    assert User.objects.get(pk=cast.clerk.pk).holds(Role.ENTRY)


def test_screens_are_in_chinese(cast, as_user):
    order = grant(cast, cast.secadmin)
    pages = [reverse("org:changes"), reverse("org:person", args=["T0001"]), reverse("org:change", args=[order.pk])]
    for who in ("secadmin", "sysadmin", "auditor"):
        for url in pages:
            html = as_user(getattr(cast, who)).get(url).content.decode()
            assert [w for w in english(html) if w not in ("clerk",)] == [], url
    for op in ("limit", "open", "grant", "end"):
        who = cast.sysadmin if op == "open" else cast.secadmin
        query = f"?person=T0001&posting={cast.clerk.postings.get().pk}"
        page = as_user(who).get(reverse("org:new", args=[op]) + query)
        assert page.status_code == 200 and english(page.content.decode()) == [], op


@pytest.mark.parametrize("who", ["clerk", "head", "manager", "cl_reviewer"])
def test_other_posts_see_no_orders(cast, as_user, who):
    client = as_user(getattr(cast, who))
    for url in (reverse("org:changes"), reverse("org:person", args=["T0001"]), reverse("org:new", args=["grant"])):
        assert client.get(url).status_code == 403


def test_auditors_look_and_decide_nothing(cast, as_user):
    order = grant(cast, cast.secadmin)
    client = as_user(cast.auditor)
    assert client.get(reverse("org:change", args=[order.pk])).status_code == 200
    assert client.post(reverse("org:change", args=[order.pk]), {"decision": "approve"}).status_code == 403
    assert client.get(reverse("org:new", args=["grant"])).status_code == 403


# 请假 ----------------------------------------------------------------------------------------------------------------


def away(cast, user, substitute, actor=None, start=-1, days=5):
    now = timezone.now()
    return absences.register(
        user=user, substitute=substitute, starts_at=now + timedelta(days=start), ends_at=now + timedelta(days=start + days),
        reason="年假", actor=actor or user, now=now,
    )  # fmt: skip


def test_a_substitute_acts_while_the_colleague_is_away(cast):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    with pytest.raises(Refused):
        perform(again(case), "mark_complex", actor=cast.cl_reviewer2, reason="复杂")
    row = away(cast, cast.cl_reviewer, cast.cl_reviewer2)
    stand_in = User.objects.get(pk=cast.cl_reviewer2.pk)
    event = perform(again(case), "mark_complex", actor=stand_in, reason="复杂")
    assert event.acting_for == cast.cl_reviewer
    assert absences.end(absence=row, actor=cast.cl_reviewer, now=timezone.now()) == "已提前结束请假"
    with pytest.raises(Refused):
        perform(again(case), "hand_back", actor=User.objects.get(pk=cast.cl_reviewer2.pk), reason="交回")


def test_who_may_register_whose_absence(cast):
    assert away(cast, cast.clerk, None, actor=cast.head)
    with pytest.raises(Refused, match="所辖机构"):
        away(cast, cast.other_clerk, None, actor=cast.head)
    with pytest.raises(Refused):
        away(cast, cast.entry, None, actor=cast.clerk)
    assert away(cast, cast.other_clerk, None, actor=cast.manager)
    with pytest.raises(Refused):
        absences.end(absence=Absence.objects.get(user=cast.other_clerk), actor=cast.head, now=timezone.now())


@pytest.mark.parametrize(
    ("substitute", "words"), [("underwriter", "没有相同岗位"), ("cl_reviewer", "不能是本人"), ("away", "也请假")]
)
def test_who_cannot_act(cast, substitute, words):
    if substitute == "away":
        away(cast, cast.cl_reviewer2, None)
        substitute = "cl_reviewer2"
    with pytest.raises(Invalid) as found:
        away(cast, cast.cl_reviewer, getattr(cast, substitute))
    assert words in found.value.errors["substitute"][0]


def test_days_are_registered_once_and_no_chain_is_made(cast):
    away(cast, cast.cl_reviewer, cast.cl_reviewer2)
    with pytest.raises(Invalid, match="已登记请假"):
        away(cast, cast.cl_reviewer, None, start=2)
    with pytest.raises(Invalid, match="正代理"):
        away(cast, cast.cl_reviewer2, None)


def test_absences_on_screen(cast, as_user):
    client = as_user(cast.head)
    start, end = timezone.localtime() + timedelta(days=1), timezone.localtime() + timedelta(days=3)
    sent = {"user": "T9999", "starts_at": f"{start:%Y-%m-%dT%H:%M}", "ends_at": f"{end:%Y-%m-%dT%H:%M}", "substitute": ""}
    assert "没有这个工号" in client.post(reverse("org:absences"), sent).content.decode()
    wrong = client.post(reverse("org:absences"), sent | {"user": cast.other_clerk.staff_no})
    assert wrong.status_code == 400 and "所辖机构" in wrong.content.decode()
    done = client.post(reverse("org:absences"), sent | {"user": cast.clerk.staff_no}, follow=True)
    assert "已登记请假" in done.content.decode() and english(done.content.decode()) == []
    row = Absence.objects.get()
    assert (row.user, row.created_by) == (cast.clerk, cast.head)
    assert as_user(cast.other_head).post(reverse("org:absence_end", args=[row.pk])).status_code == 404
    assert "已撤销请假" in as_user(cast.clerk).post(reverse("org:absence_end", args=[row.pk]), follow=True).content.decode()
    assert not Absence.objects.exists()


def test_a_year_typed_wrongly_is_no_absence_and_wide_figures_are_figures(cast, as_user):
    client, day = as_user(cast.cl_reviewer), timezone.localdate() + timedelta(days=1)
    sent = {"starts_at": f"{day} 09:00", "ends_at": f"{day} 18:00", "substitute": ""}
    for change, field, words in (
        ({"starts_at": "0001-01-01 00:00"}, "starts_at", "开始不能早于一年前"), ({"ends_at": "9999-12-31 23:59"}, "ends_at", "结束不能晚于五年以后"),
        ({"ends_at": "9999-12-31T23:59:00-12:00"}, "ends_at", "结束不能晚于五年以后"), ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at", "一年前"),
        ({"starts_at": "明天"}, "starts_at", "时间格式为 年-月-日 时:分"), ({"ends_at": f"{day} 25:00"}, "ends_at", "时间格式为"),
    ):
        wrong = client.post(reverse("org:absences"), sent | change)
        assert wrong.status_code == 400 and words in wrong.context["form"].errors[field][0] and not Absence.objects.exists()
        assert change.get(field, "") in wrong.content.decode()
    wide = f"{day:%Y年%m月%d日}０９：００"
    assert client.post(reverse("org:absences"), sent | {"starts_at": wide}).status_code == 302
    assert client.get(reverse("org:absences")).status_code == 200
    assert timezone.localtime(Absence.objects.get().starts_at).strftime("%Y-%m-%d %H:%M") == f"{day} 09:00"


def test_staff_register_the_own_absence_alone(cast, as_user):
    client = as_user(cast.cl_reviewer)
    assert "user" not in client.get(reverse("org:absences")).context["form"].fields
    now = timezone.localtime()
    sent = {"user": cast.clerk.staff_no, "substitute": cast.cl_reviewer2.staff_no,
            "starts_at": f"{now:%Y-%m-%dT%H:%M}", "ends_at": f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}"}  # fmt: skip
    client.post(reverse("org:absences"), sent)
    assert Absence.objects.get().user == cast.cl_reviewer
    late = client.post(reverse("org:absences"), sent | {"ends_at": f"{now - timedelta(days=2):%Y-%m-%dT%H:%M}"})
    assert "结束须晚于开始" in late.content.decode()
