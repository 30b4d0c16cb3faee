"""名单核查: lists brought in by one and put in force by another; what they hit, and what head office finds out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lifeops.cases.access import access
from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.fields import DayField
from lifeops.cases.models import Case
from lifeops.cases.screened import judge_anywhere, judging_refusals
from lifeops.cases.views.common import Undecided, decide_on_page
from lifeops.org.models import User
from lifeops.org.paging import page_by_key
from lifeops.org.requests import UserRequest
from lifeops.policies.errors import BookInvalid
from lifeops.policies.loading.faults import Fault, Faulty
from lifeops.policies.models import DeclaredState
from lifeops.policies.services.declaring import decision_refusals, may_enter
from lifeops.screening.models import READERS, Hit, HitState, ListKind, WatchList
from lifeops.screening.services.hits import VERDICTS, may_judge, open_hits, policies_of
from lifeops.screening.services.lists import decide, enter
from lifeops.screening.services.sheets import LARGEST, MB

WHO = "总公司运营主管、批准岗、审计岗"


def require_head_office(user: User) -> None:
    """Who is on a list is known to head office alone: whoever serves the customer must not let it be known."""
    if not user.holds_at_head_office(*READERS):
        raise Refused([f"名单核查供{WHO}使用"], who=WHO)


class ListForm(forms.Form):
    """What a list says of itself, and its file."""

    code = forms.RegexField(
        r"^[A-Za-z0-9_-]{2,20}$", label="名单代码", help_text="同一名单各版本用同一代码，如 UN-1267",
        error_messages={"required": "请填写名单代码", "invalid": "名单代码为 2 至 20 位字母、数字、横线"},
    )  # fmt: skip
    kind = forms.ChoiceField(label="种类", choices=[("", "—"), *ListKind.choices], error_messages={"required": "请选择种类", "invalid_choice": "没有这个种类"})
    source = forms.CharField(label="来源", max_length=60, error_messages={"required": "请填写来源", "max_length": "来源最多 60 字"})
    reason = forms.CharField(label="依据（文号）", max_length=100, error_messages={"required": "请填写依据", "max_length": "依据最多 100 字"})
    effective_from = DayField(label="生效日", error_messages={"required": "请填写生效日"}, help_text="同一名单的前一版本到此前一日为止")
    effective_to = DayField(label="失效日", required=False, help_text="不填：至下一版本")
    file = forms.FileField(
        label="名单文件", help_text="CSV 或 Excel（.xlsx），表头：姓名、曾用名或外文名、证件类型、证件号码、出生日期、说明；姓名必填",
        error_messages={"required": "请选择文件", "empty": "文件是空的", "invalid": "请选择文件"},
    )  # fmt: skip

    def clean_file(self) -> Any:
        if self.cleaned_data["file"].size > LARGEST:
            raise forms.ValidationError(f"文件超过 {LARGEST // MB} MB")
        return self.cleaned_data["file"]

    def enter(self, actor: User) -> tuple[WatchList | None, list[Fault]]:
        """(the list, faults of its file): one of the two, or neither where an input is wrong, said at its field."""
        if not self.is_valid():
            return None, []
        given = dict(self.cleaned_data)
        sent = given.pop("file")
        try:
            return enter(**given, file_name=sent.name, content=sent.read(), actor=actor, now=timezone.now()), []
        except Faulty as error:
            return None, error.faults
        except BookInvalid as error:
            for name, words in error.errors.items():
                self.add_error(name, words)
        return None, []


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(label="处理", choices=[(str(k), v) for k, v in VERDICTS.items()], error_messages={"required": "请选择排除或确认", "invalid_choice": "请选择排除或确认"})
    reason = forms.CharField(label="理由", max_length=300, error_messages={"required": "请写明处理理由", "max_length": "理由最多 300 字"})


@access(*READERS)
@require_http_methods(["GET", "POST"])
def watch_lists(request: UserRequest) -> HttpResponse:
    """Versions of the lists, newest first, and the form for whoever may bring one in; faults of a file row by row."""
    require_head_office(request.user)
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    faults: list[Fault] = []
    if request.method == "POST":
        if not may_enter(request.user):
            raise Refused(["名单由总公司运营主管录入"], who="总公司运营主管")
        made, faults = form.enter(request.user)
        if made is not None:
            messages.success(request, f"已录入{made}，{made.entry_count} 人，待另一人批准")
            return redirect("policies:watch_lists")
    return lists_page(request, form, faults)


def lists_page(request: UserRequest, form: ListForm, faults: Sequence[Fault] = (), wrong: Undecided | None = None) -> HttpResponse:
    """`wrong`: what could not be decided on, told at its row, or above where the row is not on the page."""
    page, following = page_by_key(WatchList.objects.select_related("requested_by", "decided_by"), request.GET.get("before", ""))
    today = timezone.localdate()
    for row in page:
        row.may_decide = not decision_refusals(row, request.user)
        row.age = age_of(row, today)
        row.wrong = wrong if wrong and wrong.pk == row.pk else None
    context = {
        "gone": wrong if wrong and wrong.pk not in [row.pk for row in page] else None,
        "rows": page, "next": following, "before": request.GET.get("before", ""), "form": form, "faults": faults,
        "may_enter": may_enter(request.user), "waiting": open_hits_count(),
    }  # fmt: skip
    return render(request, "policies/watch_lists.html", context, status=wrong.status if wrong else 400 if form.errors or faults else 200)


def age_of(row: WatchList, today: Any) -> str:
    """生效中, 待生效 or 已失效 of a list that was approved; what became of another."""
    if row.state != DeclaredState.APPLIED:
        return str(row.get_state_display())
    if row.effective_from > today:
        return "待生效"
    return "已失效" if row.effective_to and row.effective_to < today else "生效中"


def open_hits_count() -> int:
    return open_hits().order_by().values("pk")[:1000].count()


@access(*READERS)
@require_GET
def watch_list(request: UserRequest, pk: int) -> HttpResponse:
    """One version with its people, numbers masked, for whoever approves it."""
    require_head_office(request.user)
    row = get_list(pk)
    page, following = page_by_key(row.entries.all(), request.GET.get("after", ""), newest=False)
    context = {
        "row": row, "entries": page, "next": following, "after": request.GET.get("after", ""), "age": age_of(row, timezone.localdate()),
        "may_decide": not decision_refusals(row, request.user),
    }  # fmt: skip
    return render(request, "policies/watch_list.html", context)


@access(*READERS)
@require_POST
def watch_list_act(request: UserRequest, pk: int, act: str) -> HttpResponse:
    """批准 or 驳回 by another person."""
    require_head_office(request.user)
    row = get_list(pk)
    if wrong := decide_on_page(request, act, decide, row):
        return lists_page(request, ListForm(), wrong=wrong)
    messages.success(request, f"{row}已{'批准，存量客户与在办案件随即筛查' if act == 'approve' else '驳回'}")
    return redirect("policies:watch_lists")


@access(*READERS)
@require_GET
def watch_hits(request: UserRequest) -> HttpResponse:
    """What waits for head office, the longest waiting first; what was decided, the newest first."""
    require_head_office(request.user)
    return hits_page(request, "done" if request.GET.get("tab") == "done" else "open")


def hits_page(request: UserRequest, tab: str, wrong: tuple[int, str, str] | None = None) -> HttpResponse:
    """`wrong`: the hit that could not be judged, what was typed, why not. Told at the hit; where that is not listed any more, above."""
    page, following = page_by_key(hits_of(tab), request.GET.get("after", ""), newest=tab == "done")
    cases = {c.number: c for c in Case.objects.filter(number__in=[h.case_number for h in page if h.case_number])}
    policies = policies_of(page)
    context = {
        "rows": [
            {
                "hit": h, "case": cases.get(h.case_number), "policies": policies.get(h.pk, []), "reasons": refusals(cases.get(h.case_number), request.user),
                "typed": wrong[1] if wrong and wrong[0] == h.pk else "", "error": wrong[2] if wrong and wrong[0] == h.pk else "",
            }
            for h in page
        ],
        "next": following, "after": request.GET.get("after", ""), "tab": tab, "waiting": open_hits_count(), "verdicts": list(VERDICTS.items()),
        "gone": wrong[2] if wrong and wrong[0] not in [h.pk for h in page] else "",
    }  # fmt: skip
    return render(request, "policies/watch_hits.html", context, status=400 if wrong else 200)


def hits_of(tab: str) -> Any:
    rows = open_hits() if tab == "open" else Hit.objects.exclude(state=HitState.OPEN)
    return rows.select_related("entry__watch_list", "party", "decided_by").defer("party__phone", "party__email", "party__address")


def refusals(case: Case | None, user: User) -> list[str]:
    """Why this person may not judge a hit of the case, or of a customer; empty when the person may."""
    if not may_judge(user):
        return ["名单命中由总公司运营主管或批准岗处理"]
    return judging_refusals(case, user) if case is not None else []


@access(*READERS)
@require_POST
def watch_hit(request: UserRequest, pk: int) -> HttpResponse:
    """排除 or 确认."""
    require_head_office(request.user)
    hit, form = get_hit(pk), VerdictForm(request.POST)
    typed = request.POST.get("reason", "")
    if not form.is_valid():
        return hits_page(request, "open", (pk, typed, "；".join(str(words) for errors in form.errors.values() for words in errors)))
    try:
        judge_anywhere(hit=hit, **form.cleaned_data, actor=request.user, now=timezone.now())
    except Invalid as error:
        return hits_page(request, "open", (pk, typed, str(error)))
    messages.success(request, f"已{VERDICTS[HitState(form.cleaned_data['verdict'])]}")
    return redirect("policies:watch_hits")


def get_list(pk: int) -> WatchList:
    found = WatchList.objects.select_related("requested_by", "decided_by").filter(pk=pk).first() if pk < 10**18 else None
    if found is None:
        raise Http404("没有这个名单")
    return found


def get_hit(pk: int) -> Hit:
    found = Hit.objects.select_related("entry__watch_list").filter(pk=pk).first() if pk < 10**18 else None
    if found is None:
        raise Http404("没有这项命中")
    return found
