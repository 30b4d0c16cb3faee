"""运营管理: by post, scoped, read-only where rows have their own door; rules take over from a day and are never rewritten."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lifeops.administration.registry import site
from lifeops.cases.clocks import rules
from lifeops.cases.models import Case, CaseEvent, ClockRule, ContentItem, LadderStep, ProcessRule
from lifeops.cases.perform import perform
from lifeops.cases.timing import midnight_after
from lifeops.documents.models import ChecklistRule, DocType
from lifeops.org.models import AuthorityLimit, Posting
from lifeops.workdays.models import CalendarDay
from tests.cast import PEOPLE
from tests.factories import accept, handed_over
from tests.insight.test_counters import copies
from tests.ui.test_pages import english

ADMIN = "/admin/"
TODAY = timezone.localdate


def pages(model, kind="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def registered(label):
    return next((m, a) for m, a in site._registry.items() if m._meta.label_lower == label)


ALL = sorted(m._meta.label_lower for m in site._registry)
OF_CASES = {"cases.case", "cases.caseevent", "cases.custodysegment"}
CONFIGURED = {
    "cases.clockrule", "cases.contentitem", "cases.ladderstep", "cases.processrule", "cases.urgestep",
    "documents.checklistrule", "intake.precheckrule", "underwriting.underwritinglimit", "documents.doctype", "workdays.calendarday",
}  # fmt: skip
STAFF = {"org.branch", "org.user", "org.posting", "org.authoritylimit", "org.absence"}


@pytest.mark.parametrize("who", ["manager", "auditor", "sysadmin", "secadmin"])
def test_those_who_may_enter_find_a_summary_in_chinese(cast, as_user, who):
    page = as_user(getattr(cast, who)).get(ADMIN)
    assert page.status_code == 200
    DATA.add(who)
    assert foreign(page.content.decode()) == []


@pytest.mark.parametrize("who", ["clerk", "head", "cl_reviewer", "approver"])
def test_others_are_refused_with_words_wherever_they_knock(cast, as_user, who):
    client = as_user(getattr(cast, who))
    for url in (ADMIN, pages(ClockRule), pages(Case), ADMIN + "jsi18n/", ADMIN + "search/?s=a"):
        page = client.get(url)
        assert page.status_code == 403, url
        assert "运营管理供" in page.content.decode()


def test_a_superuser_without_a_post_is_nobody(cast, as_user):
    cast.clerk.is_superuser = cast.clerk.is_staff = True
    cast.clerk.save()
    assert as_user(cast.clerk).get(pages(ClockRule)).status_code == 403


def test_strangers_are_sent_to_sign_in(client, db):
    for url in (ADMIN, pages(Case), ADMIN + "login/"):
        answer = client.get(url)
        assert answer.status_code == 302 and "/login/?next=" in answer["Location"]


def test_nothing_else_is_on_the_site():
    assert set(ALL) == OF_CASES | CONFIGURED | STAFF | {"policies.product", "policies.productversion"}


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("manager", OF_CASES | CONFIGURED | {"policies.product", "policies.productversion", "org.branch", "org.user",
                                             "org.authoritylimit", "org.absence"}),
        ("auditor", set(ALL)),
        ("sysadmin", CONFIGURED | STAFF | {"policies.product", "policies.productversion"}),
        ("secadmin", STAFF),
    ],
)  # fmt: skip
def test_every_post_sees_its_own_and_no_more(cast, as_user, who, sees):
    client = as_user(getattr(cast, who))
    open_ = {label for label in ALL if client.get(pages(registered(label)[0])).status_code == 200}
    assert open_ == sees


WRITES = {"manager": CONFIGURED, "sysadmin": {"workdays.calendarday", "org.branch"}}


@pytest.mark.parametrize("who", ["manager", "auditor", "sysadmin", "secadmin"])
def test_who_may_add_what(cast, as_user, who):
    client = as_user(getattr(cast, who))
    found = {label for label in ALL if client.get(pages(registered(label)[0], "add")).status_code == 200}
    assert found == WRITES.get(who, set())


def test_a_manager_of_a_province_reads_the_rules_of_all_and_writes_none(cast, as_user):
    Posting.objects.filter(user=cast.manager).update(branch=cast.province)
    client = as_user(cast.manager)
    assert client.get(pages(ClockRule)).status_code == 200
    assert client.get(pages(ClockRule, "add")).status_code == 403


def test_nothing_is_ever_deleted(cast, as_user):
    rule = ClockRule.objects.first()
    for who in ("manager", "sysadmin", "auditor", "secadmin"):
        assert as_user(getattr(cast, who)).post(pages(ClockRule, "delete", rule.pk), {"post": "yes"}).status_code == 403
    assert ClockRule.objects.filter(pk=rule.pk).exists()


ICON = re.compile(r'<span[^>]*material-symbols[^>]*>[^<]*</span>')
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
#: What rows say: codes of steps and rules, user names and addresses of the cast.
DATA = {"example", "invalid"}


def foreign(html):
    """English on an admin screen, without the names of icons and what the rows themselves say."""
    return [w for w in english(DIGEST.sub("", ICON.sub("", html))) if w not in DATA and not w.isupper()]


def test_every_screen_is_in_chinese(cast, as_user):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    DATA.update(PEOPLE, (part for name in PEOPLE for part in re.findall("[a-z]{2,}", name)))
    for who in ("auditor", "manager"):
        client = as_user(getattr(cast, who))
        for label in ALL:
            model, _ = registered(label)
            if who == "manager" and label not in CONFIGURED | OF_CASES:
                continue
            urls = [pages(model), pages(model) + "?q=zzz"]
            row = model.objects.order_by("-pk").first()
            if row is not None:
                urls += [pages(model, "change", row.pk), pages(model, "history", row.pk)]
            if who == "manager" and label in CONFIGURED:
                urls += [pages(model, "add")]
            for url in urls:
                page = client.get(url)
                assert page.status_code == 200, url
                assert foreign(page.content.decode()) == [], url


def test_records_say_the_day_the_name_and_the_amount_as_people_read_them(cast, as_user):
    case = handed_over(cast)
    Case.objects.filter(pk=case.pk).update(due_at=midnight_after(TODAY()))
    event = case.events.order_by("seq").first()
    client = as_user(cast.auditor)
    cases = client.get(pages(Case)).content.decode()
    assert f"{TODAY()} 24:00" in cases and f"{case.item} {case.item_label}" in cases
    shown = client.get(pages(CaseEvent, "change", event.pk)).content.decode()
    assert f"{event.label} {timezone.localtime(event.at):%Y-%m-%d %H:%M}" in shown and event.actor.name in shown
    limit = AuthorityLimit.objects.order_by("-max_amount").first()
    limits = client.get(pages(AuthorityLimit)).content.decode()
    assert limit.effective_to is None and "—" in limits
    assert limit.max_amount >= 1000 and f"{limit.max_amount:,.2f}" in limits and f">{limit.max_amount}<" not in limits
    assert reverse("home") in {item["link"] for group in site.get_sidebar_list(client.get(pages(Case)).wsgi_request) for item in group["items"]}


def test_a_manager_of_one_province_sees_its_cases_alone(cast, as_user):
    case = accept(cast)
    (other,) = copies(case, 1, branch_id=cast.other.pk, branch_path=cast.other.path)
    Posting.objects.filter(user=cast.manager).update(branch=cast.other_province)
    client = as_user(cast.manager)
    html = client.get(pages(Case)).content.decode()
    assert other.number in html and f">{case.number}<" not in html
    assert client.get(pages(Case, "change", case.pk)).status_code == 302
    event = case.events.first()
    assert client.get(f"/admin/cases/caseevent/{event.pk}/change/").status_code == 302
    assert as_user(cast.auditor).get(f"/admin/cases/caseevent/{event.pk}/change/").status_code == 200


@pytest.mark.parametrize("who", ["manager", "auditor", "sysadmin"])
def test_cases_change_through_their_door_only(cast, as_user, who):
    case = accept(cast)
    client = as_user(getattr(cast, who))
    for url in (pages(Case, "change", case.pk), pages(Case, "add"), pages(Case, "delete", case.pk)):
        assert client.post(url, {"amount": "1", "post": "yes", "_save": "1"}).status_code == 403
    assert client.post(pages(Case), {"action": "delete_selected", "_selected_action": [case.pk]}).status_code != 500
    assert Case.objects.get(pk=case.pk).version == case.version


def test_the_list_of_cases_counts_nothing_and_costs_the_same_at_any_size(cast, as_user):
    case = accept(cast)
    client = as_user(cast.manager)

    def asked():
        with CaptureQueriesContext(connection) as found:
            client.get(pages(Case))
        return [q["sql"] for q in found if "cases_case" in q["sql"] or "org_" in q["sql"]]

    before = asked()
    copies(case, 40)
    after = asked()
    assert len(after) == len(before)
    assert not any("COUNT(" in sql for sql in after)


def test_the_admin_has_its_own_policy_and_the_rest_stays_strict(cast, as_user):
    client = as_user(cast.manager)
    assert "'unsafe-eval'" in client.get(ADMIN)["Content-Security-Policy"]
    for url in ("/", "/board/", "/cases/"):
        policy = client.get(url)["Content-Security-Policy"]
        assert "unsafe-eval" not in policy and "script-src 'self'" in policy


# Versions ------------------------------------------------------------------------------------------------------------


def content(**changes):
    row = ContentItem.objects.filter(code="CQ01").order_by("effective_from").first()
    values = {f.name: f.value_from_object(row) for f in row._meta.fields if f.name != "id"}
    values["counts_as_error"] = ""
    values |= {"effective_to": "", "change_reason": "措辞调整"}
    return {k: v for k, v in (values | changes).items() if v is not None}


def form_errors(page):
    return dict(page.context["adminform"].form.errors.items())


def test_a_new_version_takes_over_from_a_day(cast, as_user):
    old = ContentItem.objects.get(code="CQ01")
    start = TODAY() + timedelta(days=10)
    client = as_user(cast.manager)
    url = f"{pages(ContentItem, 'add')}?of={old.pk}"
    assert client.get(url).context["adminform"].form.initial["text"] == old.text
    answer = client.post(url, content(text="请提供发票原件。", effective_from=start, code="XX99"))
    assert answer.status_code == 302, form_errors(answer)
    old.refresh_from_db()
    new = ContentItem.objects.get(text="请提供发票原件。")
    assert (new.code, new.effective_from, new.effective_to) == ("CQ01", start, None)
    assert old.effective_to == start - timedelta(days=1) and old.text != new.text
    assert [r.text for r in ContentItem.objects.in_force(TODAY()).filter(code="CQ01")] == [old.text]
    assert [r.text for r in ContentItem.objects.in_force(start).filter(code="CQ01")] == [new.text]
    html = client.get(pages(ContentItem, "history", old.pk)).content.decode()
    assert "失效日" in html and str(old.effective_to) in html and cast.manager.name in html
    told = old.history.first()
    assert told.history_user == cast.manager and "接替：措辞调整" in told.history_change_reason
    assert new.history.first().history_change_reason == "措辞调整"
    assert list(get_messages(answer.wsgi_request))


def test_overlapping_days_are_refused_at_the_field(cast, as_user):
    answer = as_user(cast.manager).post(pages(ContentItem, "add"), content(effective_from=TODAY() + timedelta(days=3)))
    assert "与 2026-01-01 起的版本日期重叠" in form_errors(answer)["effective_from"][0]
    assert "重叠" in answer.content.decode()
    assert ContentItem.objects.filter(code="CQ01").count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"effective_from": -1}, "effective_from", "不得早于今天"),
        ({"effective_from": 5, "effective_to": 4}, "effective_to", "不得早于生效日"),
        ({"effective_from": 5, "change_reason": ""}, "change_reason", "请写明变更事由"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(cast, as_user, changes, field, words):
    moved = {k: TODAY() + timedelta(days=v) if isinstance(v, int) else v for k, v in changes.items()}
    answer = as_user(cast.manager).post(pages(ContentItem, "add"), content(code="NEW1", **moved))
    assert words in "".join(form_errors(answer)[field])
    assert not ContentItem.objects.filter(code="NEW1").exists()


def test_a_version_in_force_may_be_ended_and_not_rewritten(cast, as_user):
    row = ContentItem.objects.get(code="CQ01")
    client, until = as_user(cast.manager), TODAY() + timedelta(days=30)
    url = pages(ContentItem, "change", row.pk)
    assert client.post(url, content(text="改写过去", effective_to=until)).status_code == 302
    row.refresh_from_db()
    assert row.effective_to == until and row.text != "改写过去"
    answer = client.post(url, content(effective_to=TODAY() - timedelta(days=1)))
    assert "不得早于今天" in form_errors(answer)["effective_to"][0]


def test_a_version_that_is_over_is_only_looked_at(cast, as_user):
    row = ContentItem.objects.get(code="CQ01")
    ContentItem.objects.filter(pk=row.pk).update(effective_to=TODAY() - timedelta(days=1))
    client = as_user(cast.manager)
    url = pages(ContentItem, "change", row.pk)
    assert client.get(url).status_code == 200
    assert client.post(url, content(effective_to=TODAY() + timedelta(days=9))).status_code == 403
    add = client.post(f"{pages(ContentItem, 'add')}?of={row.pk}", content(effective_from=TODAY()))
    assert add.status_code == 302
    row.refresh_from_db()
    assert row.effective_to == TODAY() - timedelta(days=1)


def test_a_version_to_come_may_be_changed_and_leaves_no_gap(cast, as_user):
    old = ContentItem.objects.get(code="CQ01")
    client = as_user(cast.manager)
    client.post(f"{pages(ContentItem, 'add')}?of={old.pk}", content(effective_from=TODAY() + timedelta(days=10)))
    new = ContentItem.objects.get(code="CQ01", effective_to=None)
    later = TODAY() + timedelta(days=20)
    answer = client.post(pages(ContentItem, "change", new.pk), content(text="再改", effective_from=later))
    assert answer.status_code == 302
    old.refresh_from_db()
    new.refresh_from_db()
    assert (new.text, new.effective_from, old.effective_to) == ("再改", later, later - timedelta(days=1))


def test_clock_rules_are_said_in_words_and_checked(cast, as_user):
    rule = ClockRule.objects.get(code="CL_DECIDE")
    client = as_user(cast.manager)
    page = client.get(pages(ClockRule, "change", rule.pk)).content.decode()
    assert "进入“已批准”" in page and "state:approved" not in page
    sent = {
        "name": "理赔核定", "kind": "statutory", "items": "cl05，CL06", "start_on": ["pass_precheck"],
        "start_from": "submitted", "stop_on": ["state:approved", "state:declined"], "amount": "4", "unit": "WD",
        "complex_amount": "20", "complex_unit": "", "pause_parties": ["customer"], "warn_ratio": "0.8", "source": "内部",
        "effective_from": TODAY(), "effective_to": "", "change_reason": "提速",
    }  # fmt: skip
    url = f"{pages(ClockRule, 'add')}?of={rule.pk}"
    assert "须同时填写" in form_errors(client.post(url, sent))["complex_unit"][0]
    assert client.post(url, sent | {"complex_amount": ""}).status_code == 302
    new = ClockRule.objects.get(code="CL_DECIDE", effective_from=TODAY())
    assert new.items == ["CL05", "CL06"] and new.stop_on == "state:approved,state:declined"
    assert new.pause_parties == ["customer"]
    assert new in rules()


def test_a_limit_of_underwriting_is_checked_at_its_fields(cast, as_user):
    given = {"code": "BMI_LOW", "age_from": "60", "age_to": "50", "value": "-7", "effective_from": str(TODAY()), "change_reason": "核保委员会"}
    form = as_user(cast.manager).post(f"{ADMIN}underwriting/underwritinglimit/add/", given).context["adminform"].form
    assert form.errors == {"value": ["限值不能小于 0"], "age_to": ["年龄止不能小于年龄起"]}
    assert "约束" not in str(form.errors)


def test_ladder_process_and_checklist_take_over_as_well(cast, as_user):
    client = as_user(cast.manager)
    rung = LadderStep.objects.get(kind="internal", level=3)
    sent = {"after_workdays": "2", "readers": ["head", "top"], "effective_from": TODAY(), "effective_to": "", "change_reason": "x"}
    assert client.post(f"{pages(LadderStep, 'add')}?of={rung.pk}", sent).status_code == 302
    assert LadderStep.objects.in_force(TODAY()).get(kind="internal", level=3).readers == ["head", "top"]
    order = ProcessRule.objects.get(line="claims", channel="")
    sent = {"order": "scan_first", "effective_from": TODAY(), "effective_to": "", "change_reason": "x"}
    assert client.post(f"{pages(ProcessRule, 'add')}?of={order.pk}", sent).status_code == 302
    assert ProcessRule.objects.in_force(TODAY()).get(line="claims", channel="").order == "scan_first"
    paper = ChecklistRule.objects.filter(line="claims").first()
    sent = {"required": "on", "pages": "3", "order": "5", "effective_from": TODAY(), "effective_to": "", "change_reason": "x"}
    assert client.post(f"{pages(ChecklistRule, 'add')}?of={paper.pk}", sent).status_code == 302
    paper.refresh_from_db()
    assert paper.effective_to == TODAY() - timedelta(days=1)


def test_days_gone_by_stay_and_days_to_come_change_with_a_reason(cast, as_user):
    client = as_user(cast.sysadmin)
    past = CalendarDay.objects.filter(day__lt=TODAY()).first()
    soon = CalendarDay.objects.filter(day__gt=TODAY()).last()
    assert client.post(pages(CalendarDay, "change", past.pk), {"is_workday": "on", "change_reason": "x"}).status_code == 403
    url = pages(CalendarDay, "change", soon.pk)
    sent = {"name": "调休", "note": "国办通知"} | ({} if soon.is_workday else {"is_workday": "on"})
    assert "请写明变更事由" in form_errors(client.post(url, sent))["change_reason"][0]
    assert client.post(url, sent | {"change_reason": "国办通知调休"}).status_code == 302
    changed = CalendarDay.objects.get(pk=soon.pk)
    assert changed.is_workday is not soon.is_workday
    assert changed.history.first().history_user == cast.sysadmin
    assert as_user(cast.auditor).post(url, sent | {"change_reason": "x"}).status_code == 403


def test_kinds_of_papers_keep_their_code(cast, as_user):
    kind = DocType.objects.first()
    as_user(cast.manager).post(pages(DocType, "change", kind.pk), {"code": "NEWCODE", "name": "新名", "order": "3", "change_reason": "x"})
    kind.refresh_from_db()
    assert kind.name == "新名" and not DocType.objects.filter(pk="NEWCODE").exists()


def test_papers_and_items_are_read_and_chosen_by_name(cast, as_user):
    asked = ContentItem.objects.get(code="CQ03")
    rule = ChecklistRule.objects.filter(item="CL01").first()
    for row, words, code in ((asked, "死亡证明", "DEATH_CERT"), (rule, "CL01 身故理赔", ">CL01<")):
        page = as_user(cast.sysadmin).get(pages(type(row), "change", row.pk)).content.decode()
        assert words in page and code not in page
    assert "CL01 身故理赔" in as_user(cast.sysadmin).get(pages(ChecklistRule) + "?q=CL01").content.decode()
    form = as_user(cast.manager).get(pages(ContentItem, "add")).content.decode()
    assert '<option value="DEATH_CERT">死亡证明</option>' in form
    sent = {
        "code": "CQ90", "line": "claims", "kind": "query", "cause": "其他", "title": "其他", "text": "其他", "doc_type": "NO_SUCH",
        "effective_from": TODAY() + timedelta(days=1), "change_reason": "试",
    }  # fmt: skip
    refused = as_user(cast.manager).post(pages(ContentItem, "add"), sent)
    assert refused.status_code == 200 and not ContentItem.objects.filter(code="CQ90").exists()
    as_user(cast.manager).post(pages(ContentItem, "add"), sent | {"doc_type": "DEATH_CERT"})
    assert ContentItem.objects.get(code="CQ90").doc_type == "DEATH_CERT"
