"""How values look on the screen: money, moments, time left, states, form fields. No queries, no permissions."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms, template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lifeops.cases.rows import RowsWidget
from lifeops.cases.states import Channel, Holder, LineCode, RequestState, State
from lifeops.cases.timing import end_words
from lifeops.policies.services.parties import region_warning

register = template.Library()

DASH = "—"
STATE_CLASSES: dict[str, str] = {
    State.RECEIVED: "before",
    State.RETURNED: "wait",
    State.PRECHECKED: "before",
    State.CAPTURED: "before",
    State.QUEUED: "queue",
    State.IN_REVIEW: "work",
    State.WAITING: "wait",
    State.PENDING_APPROVAL: "sign",
    State.APPROVED: "good",
    State.DECLINED: "bad",
    State.RELEASED: "after",
    State.WITHDRAWN: "off",
    State.ARCHIVED: "off",
    RequestState.DRAFT: "off",
    RequestState.ISSUED: "queue",
    RequestState.PRINTED: "before",
    RequestState.DELIVERED: "wait",
    RequestState.REPLIED: "good",
    RequestState.CLOSED: "off",
    RequestState.CANCELLED: "off",
}
CLOCK_WORDS = {"paused": "暂停计时", "stopped": "按时完成", "late": "超期完成"}


@register.filter
def money(value: Any) -> str:
    """1234.5 → "1,234.50"; nothing → a dash."""
    if value in (None, ""):
        return DASH
    try:
        return f"{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


@register.filter
def amount(value: Any) -> str:
    """Money in lists, where nothing decided yet is a dash instead of zero."""
    return money(value) if value else DASH


@register.filter
def dt(value: datetime | None) -> str:
    """Moment in local time: 2026-11-25 18:30."""
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else DASH


@register.filter
def last_moment(value: datetime | None) -> str:
    """When a period ends: 2026-11-25 18:30, or 2026-11-25 24:00 where it ends with the day."""
    return end_words(value) if value else DASH


@register.filter
def d(value: date | datetime | None) -> str:
    """Day: 2026-11-25."""
    if not value:
        return DASH
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return f"{value:%Y-%m-%d}"


@register.filter
def md(value: date | datetime | None) -> str:
    """Moment for narrow columns: 11-25 18:30, or the day alone."""
    if not value:
        return DASH
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%m-%d %H:%M}"
    return f"{value:%m-%d}"


def span(delta: timedelta) -> str:
    """A length of time in its two largest units."""
    minutes = int(delta.total_seconds()) // 60
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} 天 {hours} 小时" if hours and days < 10 else f"{days} 天"
    if hours:
        return f"{hours} 小时 {left} 分" if left and hours < 4 else f"{hours} 小时"
    return f"{max(left, 0)} 分钟"


@register.filter
def remaining(value: datetime | None, now: datetime | None = None) -> str:
    """Time to a moment: "剩 2 天 3 小时" or "超 1 天"; nothing where no clock runs."""
    if not value:
        return DASH
    left = value - (now or timezone.now())
    return f"剩 {span(left)}" if left.total_seconds() >= 0 else f"超 {span(-left)}"


@register.filter
def due_class(value: datetime | None, now: datetime | None = None) -> str:
    """Colour of a due time in lists: over, warn within a day, else ok."""
    if not value:
        return "none"
    left = value - (now or timezone.now())
    if left.total_seconds() < 0:
        return "over"
    return "warn" if left < timedelta(days=1) else "ok"


@register.filter
def days_left(day: date, today: date) -> str:
    """Days to a last day: "剩 3 天", "今日", "超 2 天"."""
    left = (day - today).days
    return "今日" if not left else f"剩 {left} 天" if left > 0 else f"超 {-left} 天"


@register.filter
def day_class(day: date, today: date) -> str:
    """Colour of a last day: over, warn on the day itself and the one before, else ok."""
    left = (day - today).days
    return "over" if left < 0 else "warn" if left < 2 else "ok"


@register.filter
def ago(value: datetime | None, now: datetime | None = None) -> str:
    """How long something has lasted: "3 小时"."""
    if not value:
        return DASH
    lasted = (now or timezone.now()) - value
    return span(lasted) if lasted >= timedelta(minutes=1) else "不到 1 分钟"


@register.filter
def state_class(value: str) -> str:
    """CSS name of a state of a case or of a 问题件."""
    return f"state-{STATE_CLASSES.get(value, 'off')}"


@register.filter
def state_label(value: str) -> str:
    """Words of a state code, as events keep it."""
    if value in State.values:
        return State(value).label
    return RequestState(value).label if value in RequestState.values else str(value or "")


@register.filter
def line_label(value: str) -> str:
    return LineCode(value).label if value in LineCode.values else str(value or "")


@register.filter
def holder_label(value: str) -> str:
    return Holder(value).label if value in Holder.values else str(value or "")


@register.filter
def channel_label(value: str) -> str:
    return Channel(value).label if value in Channel.values else str(value or "")


@register.filter
def clock_text(clock: dict[str, Any], now: datetime | None = None) -> str:
    """The words on a clock's chip: the time left while it runs, how it ended afterwards."""
    return CLOCK_WORDS.get(clock["level"]) or remaining(clock["due_at"], now)


@register.filter
def capped(value: int, cap: int = 999) -> str:
    """1000 → "999+"."""
    return f"{cap}+" if value > cap else str(value)


@register.filter
def key_label(value: str) -> str:
    """A step's key as it is printed on the button."""
    words = {"enter": "回车", "ctrl+enter": "Ctrl+回车"}
    return words.get(value, value.upper())


@register.filter
def kind_of(field: forms.BoundField) -> str:
    """What a field is drawn as: check, checks, radios, select, area, file, rows, hidden or text."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    kinds: tuple[tuple[type[forms.Widget], str], ...] = (
        (forms.CheckboxInput, "check"),
        (forms.CheckboxSelectMultiple, "checks"),
        (forms.RadioSelect, "radios"),
        (forms.Select, "select"),
        (forms.Textarea, "area"),
        (forms.FileInput, "file"),
        (RowsWidget, "rows"),
    )
    return next((name for cls, name in kinds if isinstance(widget, cls)), "text")


@register.filter
def warning(field: forms.BoundField) -> str:
    """What is said beside a number without refusing it: a county that the tables do not know. A form names its `cards`: the
    field of a number, or of rows with one, → the field, or the cell, of its kind."""
    kind = getattr(field.form, "cards", {}).get(field.name)
    if kind is None:
        return ""
    value = field.value()
    if kind not in field.form.fields:
        rows = value if isinstance(value, list) else []
        told = ((n, region_warning(row.get(kind) or "resident", row.get("id_number") or "")) for n, row in enumerate(rows, start=1))
        return "；".join(f"第 {n} 行：{words}" for n, words in told if words)
    return region_warning(str(field.form[kind].value() or "resident"), str(value or ""))


@register.filter
def drawn(field: forms.BoundField) -> str:
    """The widget with the classes of the house and its tie to label, help and errors."""
    kind = kind_of(field)
    css = {"select": "form-select", "check": "form-check-input", "checks": "", "radios": "", "rows": ""}.get(kind, "form-control")
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, [field.field.widget.attrs.get("class", ""), css]))}
    if field.errors:
        attrs["class"] = f"{attrs['class']} is-invalid".strip()
        attrs["aria-invalid"] = "true"
        attrs["aria-describedby"] = f"{field.auto_id}_errors"
        # whoever is told of mistakes stands at the first of them
        if field.name == next((name for name in field.form.fields if name in field.form.errors), None):
            attrs["autofocus"] = True
    if field.field.required and kind not in ("checks", "radios"):
        attrs["aria-required"] = "true"
    return field.as_widget(attrs=attrs)


@register.filter
def offered(steps: Any, panel: dict[str, Any] | None = None) -> list[Any]:
    """The allowed steps for the bar; those that the approver's panel shows as its buttons are not shown twice."""
    shown = {"approve", "disagree", "return_to_review"} if panel and panel["kind"] == "approve" else set()
    return [step for step in steps or [] if step.allowed and step.name not in shown]


@register.filter
def quantity(value: Decimal) -> str:
    """An amount of days or hours without sign and trailing zeros: Decimal("-62.50") → "62.5"."""
    return f"{abs(value).normalize():f}"


#: What must stay on one line: a day with its hour, a masked account, a figure with its unit.
WHOLE = re.compile(r"\*{4} \*{4} \d{4}|\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?|\d[\d,.]*(?: ?(?:元|%|‰|天|工作日|周岁|小时|年|页|份|级)(?:以[上下内外])?)+")


@register.filter
def unbroken(value: Any) -> SafeString:
    """A text for a narrow column, whose days and amounts are not torn apart at the end of a line."""
    text, pieces, at = str(value), [], 0
    for found in WHOLE.finditer(text):
        pieces += [(text[at : found.start()],), (format_html('<span class="nowrap">{}</span>', found[0]),)]
        at = found.end()
    return format_html_join("", "{}", [*pieces, (text[at:],)])


@register.filter
def joined(values: Any) -> str:
    """A list of reasons as one sentence."""
    return "；".join(str(v) for v in values or [])


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Value under a key, or nothing."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.filter
def pairs(values: Any) -> list[tuple[str, Any]]:
    """The facts kept with an event as label and value, in the words of the house; unknown keys are left out."""
    words = {
        "label": "结论", "amount": "金额", "route": "去向", "assignee": "改派给", "previous": "原经办",
        "until": "挂起至", "request": "函件号", "title": "标题", "notice": "补正通知", "gaps": "缺失", "correct_until": "补正期限至",
        "received_on": "收件日", "signers": "签署人", "second": "待签署", "before": "原期限", "after": "新期限", "box": "盒号", "shelf": "架位",
        "pages": "页数", "tracking": "运单号", "receiver": "签收人", "how": "方式", "signed_on": "签收日", "on": "日期", "place": "存放",
        "keep_until": "保管至", "originals": "原件", "borrower": "借阅人", "due_on": "应还日", "payment": "付款指令",
        "endorsement": "批单号", "known_on": "知道解除事由之日",
    }  # fmt: skip
    if not isinstance(values, dict):
        return []
    rows = []
    for key, value in values.items():
        if key in words and value not in (None, "", [], {}):
            text = "、".join(str(v) for v in value) if isinstance(value, list) else str(value)
            rows.append((words[key], money(value) if key == "amount" else text))
    return rows


TYPED_WORDS = {
    "outcome": "结论", "amount": "金额（元）", "reason_code": "理由码", "opinion": "意见", "served_reason": "办理理由", "reason": "理由", "until": "挂起至",
    "assignee": "改派给", "kind": "种类", "cause": "事由", "addressee": "发给", "contents": "内容", "extra": "补充内容",
    "due_days": "回复期限", "note": "说明", "how": "送达方式", "to": "签收人", "reply": "回复内容", "conclusion": "调查结论",
    "second_signer": "第二调查人", "due_on": "延期至", "gaps": "缺项", "received_on": "收到日", "handler": "办理人", "way": "方式",
}  # fmt: skip


@register.filter
def typed_rows(values: Any) -> list[tuple[str, str]]:
    """What a person had entered before a conflict, as label and text; ticks and empty fields are left out."""
    rows = []
    for name, value in (values or {}).items():
        text = "\n".join(str(v) for v in value) if isinstance(value, list | tuple) else str(value or "")
        # bare codes are choices: the form behind the dialog still shows them in words
        if text.strip() and value is not True and name != "overrides" and not re.fullmatch(r"[A-Za-z_]+", text.strip()):
            rows.append((TYPED_WORDS.get(name, "填写内容"), text))
    return rows


@register.filter
def override_rows(form: Any) -> list[dict[str, str]]:
    """Warnings that a step would let pass for a reason: rule, what it says, the reason typed so far."""
    if "overrides" not in form.fields:
        return []
    try:
        given = json.loads(form.data.get("overrides") or "{}")
    except (ValueError, TypeError):
        given = {}
    rows = {str(code): {"code": str(code), "message": "", "reason": str(reason)} for code, reason in given.items()}
    for name, messages in getattr(form, "door_errors", {}).items():
        if name.startswith("override_") and "不能放行" not in messages[0]:
            code = name.removeprefix("override_")
            rows[code] = {"code": code, "message": messages[0], "reason": str(given.get(code, ""))}
    return list(rows.values())


@register.simple_tag
def maybe_url(name: str, *args: Any) -> str:
    """Address of a page, or nothing while that page does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.filter
def as_json(value: Any) -> str:
    """Plain data for an attribute that a script reads; the template escapes it."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def words(text: str) -> list[str]:
    """"a b" → ["a", "b"]."""
    return text.split()
