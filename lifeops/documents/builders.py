"""From case, checklist, request, event or clock to the inputs of a letter. What only a line knows, the line tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifeops.cases import clocks
from lifeops.cases.correcting import last_day
from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case, CaseEvent, Clock, Request
from lifeops.cases.registry import resolve
from lifeops.cases.screened import UNTOLD
from lifeops.cases.states import Holder, LineCode
from lifeops.documents.checklists import completeness
from lifeops.documents.letters.schema import show_day
from lifeops.documents.models import Received
from lifeops.org.models import User
from lifeops.policies.models import Sex
from lifeops.policies.rules.dates import age_on

#: Kinds whose content the line's `services.letter_data(kind, case, decision)` gives.
OF_THE_LINE = (
    "contract", "endorsement", "claim_decision", "claim_refusal", "nb_decline", "nb_postpone", "ps_refusal", "loan_agreement",
    "repayment_receipt", "payout_notice", "refund_notice", "rescission_notice",
)
REQUEST_KINDS = {"query": "query_letter", "exam": "exam_notice", "investigation": "investigation_order"}
MOST_EVENTS = 500
#: Steps that end a case without a decision, and how the paper says it.
WITHDRAWN_BY = {"withdraw": "依申请撤件", "lapse": "逾期未补正"}

ASK = "凭受理号致电客户服务热线，或到任一营业网点出示本回执，均可查询办理进度、当前办理单位和预计完成时间。"
PROMISE = {
    LineCode.UNDERWRITING: "本公司自收到符合要求的投保资料之日起 15 个工作日内完成承保或告知结果；需要补充资料、体检或调查的，另行通知。",
    LineCode.SERVICING: "资料齐全的，本公司自收到申请之日起 2 个工作日内受理，自同意之日起 5 个工作日内办结。",
    LineCode.CLAIMS: "本公司自收到给付申请和有关证明、资料之日起 5 个工作日内作出核定；情形复杂的，30 日内作出核定。"
    "等待您补充资料的时间不计入核定期限。",
}
GAP_BASIS = {
    LineCode.UNDERWRITING: ("《人身保险业务基本服务规定》第十条：投保资料不齐全的，应当一次性告知需要补充的内容。",),
    LineCode.SERVICING: ("《人身保险业务基本服务规定》第十九条：申请资料不齐全的，应当一次性告知需要补正的内容。",),
    LineCode.CLAIMS: (
        "《中华人民共和国保险法》第二十二条：保险人认为有关证明和资料不完整的，应当及时一次性通知补充提供。",
    ),
}
HOW = (
    "携带资料及本函到本公司任一营业网点办理；",
    "交由您的服务人员转交；",
    "邮寄至受理机构，请在信封上注明受理号。",
)
CORRECTION_EFFECT = {
    LineCode.UNDERWRITING: "逾期未补正的，本次投保作撤件处理，不影响您重新投保。",
    LineCode.SERVICING: "逾期未补正的，本次申请作撤件处理，不影响您重新申请。",
    LineCode.CLAIMS: "逾期未补正的，本次申请作撤件处理，不影响您在法律规定的期间内再次请求给付。",
}
REPLY_EFFECT = {
    LineCode.UNDERWRITING: "逾期未回复的，本公司将与您联系确认；确认不再继续的，本次投保作撤件处理，已交保险费全额退还。",
    LineCode.SERVICING: "逾期未回复的，本公司将与您联系确认；确认不再继续的，本次申请作撤件处理。",
    LineCode.CLAIMS: "自通知之日起至收到您回复之日止的期间不计入核定期限；确实无法取得的资料，请书面说明原因。",
}


def build(
    kind: str,
    case: Case,
    *,
    actor: User,
    now: datetime,
    request: Request | None = None,
    clock: Clock | None = None,
    decision: Any = None,
) -> dict[str, Any]:
    """Inputs of a letter without its number. Raises Invalid when there is nothing to write it from."""
    base = {"issued_on": timezone.localdate(now), "unit": case.branch.name, "case_number": case.number}
    if kind in OF_THE_LINE:
        decision = decision or case.current_decision()
        if decision is None or decision.signed_at is None:
            raise Invalid({"kind": ["案件尚未批准，不能出具此文书"]})
        if kind not in case.item_spec.letters_for(decision.spec):
            raise Invalid({"kind": [f"结论为“{decision.outcome_label}”，不出具此文书"]})
        return base | resolve(f"{case.line}.services.letter_data")(kind, case, decision)
    if kind in REQUEST_KINDS.values():
        if request is None or REQUEST_KINDS[request.kind] != kind:
            raise Invalid({"kind": ["此文书须由对应的问题件出具"]})
        return base | _of_request(kind, case, request)
    if kind == "clock_sheet":
        if clock is None or clock.case_id != case.pk:
            raise Invalid({"clock": ["请选择一项时效"]})
        return base | clock_sheet(case, clock, now)
    makers = {"receipt": receipt, "correction_notice": correction_notice, "withdrawal_notice": withdrawal_notice}
    if kind == "flow_sheet":
        return base | flow_sheet(case, actor, now)
    if kind not in makers:
        raise Invalid({"kind": ["此文书不能由案件直接出具"]})
    return base | makers[kind](case)


def item_of(case: Case) -> str:
    """Code and name, for papers of the house; what goes to customers says the name alone."""
    return f"{case.item} {case.item_label}"


def policy_facts(case: Case) -> dict[str, Any]:
    policy = case.policy
    if policy is None:
        return {"holder": case.subject_name} if case.line == LineCode.UNDERWRITING else {}
    return {
        "policy_number": policy.number,
        "product": policy.product_names,
        "holder": policy.policyholder.name,
        "insured": policy.insured.name,
    }


def customer(case: Case) -> dict[str, Any]:
    return {
        "addressee": case.subject_name or "客户",
        "addressee_address": case.applicant.address if case.applicant else "",
    }


def receipt(case: Case) -> dict[str, Any]:
    papers = [
        {
            "name": row.label,
            "form": row.received_label if row.received != Received.NONE else "—",
            "pages": row.expected,
            "received": row.received != Received.NONE,
        }
        for row in completeness(case)
        if row.required or row.received != Received.NONE
    ]
    if not papers:
        raise Invalid({"papers": ["案件没有资料清单，不能出具回执"]})
    return customer(case) | {
        "line": case.get_line_display(),
        "item": item_of(case),
        "channel": case.get_channel_display(),
        "applicant": case.subject_name,
        "applicant_identity": case.applicant.id_masked if case.applicant else "",
        "applicant_kind": case.get_applicant_kind_display(),
        "policy_number": case.policy.number if case.policy else "",
        "agent": case.agent_code,
        "occurred_on": case.occurred_on,
        "passed_on": case.passed_on,
        "submitted_on": case.submitted_on,
        "accepted_at": case.accepted_at,
        "papers": papers,
        "clerk": case.created_by.name,
        "clerk_no": case.created_by.staff_no,
        "ask": ASK,
        "promise": PROMISE[LineCode(case.line)],
    }


def last_event(case: Case, steps: Iterable[str], refusal: str) -> CaseEvent:
    found = case.events.filter(step__in=list(steps)).select_related("actor").order_by("-seq").first()
    if found is None:
        raise Invalid({"kind": [refusal]})
    return found


def correction_notice(case: Case) -> dict[str, Any]:
    event = last_event(case, ["return_for_correction"], "案件没有退回补正，不能出具补正通知书")
    gaps = [
        {"name": gap, "problem": "未提交或不符合要求。", "remedy": "请补充提交，或重新提交符合要求的资料。"}
        for gap in event.data.get("gaps", [])
    ]
    line = LineCode(case.line)
    reply_by = last_day(case, event.at, timezone.now())
    effect = "自您收到本通知书之日起至资料补齐之日止的期间，不计入法定核定期限。" if line == LineCode.CLAIMS else ""
    return (
        customer(case)
        | policy_facts(case)
        | {
            "issued_on": timezone.localdate(event.at),
            "item": case.item_label,
            "received_on": case.submitted_on,
            "gaps": gaps,
            "basis": GAP_BASIS[line],
            "reply_by": reply_by,
            "how": HOW,
            "effect": effect + (CORRECTION_EFFECT[line] if reply_by else ""),
            "clerk": event.actor.name if event.actor else "",
        }
    )


def withdrawal_notice(case: Case) -> dict[str, Any]:
    event = last_event(case, WITHDRAWN_BY, "案件没有撤件，不能出具撤件通知书")
    reason = {"title": "撤件原因", "detail": event.reason}
    if event.step == "lapse":
        # what the head noted is for the house: the customer is told what did not come
        until = show_day(date.fromisoformat(event.data["correct_until"]))
        reason = {"title": "未补正的资料或事项", "detail": f"{'、'.join(event.data['gaps'])}。补正期限至 {until}，届满未收到。"}
    return (
        customer(case)
        | policy_facts(case)
        | {
            "item": case.item_label,
            "applied_on": case.submitted_on,
            "decided_on": timezone.localdate(event.at),
            "withdrawn_by": WITHDRAWN_BY[event.step],
            "reasons": [reason],
            "again": "如需继续办理，请重新提出申请；重新申请按届时有效的规定办理。",
        }
    )


def _of_request(kind: str, case: Case, request: Request) -> dict[str, Any]:
    issued = timezone.localdate(request.issued_at)
    base: dict[str, Any] = {"issued_on": issued}
    if request.issued_by.branch:
        base["unit"] = request.issued_by.branch.name
    if kind == "investigation_order":
        return base | _investigation(case, request)
    addressee = {
        "branch": request.branch.name,
        "agent": f"服务人员 {request.addressee_name or case.agent_code}".strip(),
    }.get(request.addressee, request.addressee_name or case.subject_name or "客户")
    base |= policy_facts(case) | {"addressee": addressee}
    if request.addressee == "customer" and case.applicant:
        base["addressee_address"] = case.applicant.address
    basis = [request.legal_basis] if request.legal_basis else list(GAP_BASIS[LineCode(case.line)])
    if kind == "exam_notice":
        return base | _exam(case, request, basis)
    return base | {
        "item": case.item_label,
        "background": request.note,
        "questions": [{"title": row["title"], "detail": row.get("text", "")} for row in request.items],
        "basis": basis,
        "reply_by": request.due_on,
        "how": (*HOW, "柜面扫描本函二维码即可将回复关联到本案。"),
        "effect": REPLY_EFFECT[LineCode(case.line)],
    }


def _exam(case: Case, request: Request, basis: list[str]) -> dict[str, Any]:
    insured = getattr(case.record, "insured", None) or (case.policy.insured if case.policy else case.applicant)
    person: dict[str, Any] = {"examinee": case.subject_name}
    if insured is not None:
        person = {
            "examinee": insured.name,
            "examinee_identity": insured.id_masked,
            # a customer of the book, or the person as written on the proposal
            "sex": dict(Sex.choices).get(insured.sex, ""),
            "age": age_on(insured.birth_date, timezone.localdate(request.issued_at)) if insured.birth_date else None,
        }
    return person | {
        "exams": [{"name": row["title"], "note": row.get("text", "")} for row in request.items],
        "hospitals": [{"name": "本公司定点体检机构（名单见受理机构公示，或致电客户服务热线查询）"}],
        "exam_by": request.due_on,
        "cost": "体检费用由本公司与体检机构结算，您无需支付；指定项目以外的检查费用由您自理。",
        "preparations": (
            "体检前三日清淡饮食，不饮酒；体检前 8 小时禁食，晨起空腹前往，携带有效身份证件。",
            "请如常服用医师处方药物，并告知体检医师药名和剂量。",
            "怀孕或可能怀孕者请事先告知，不作放射检查。",
        ),
        "basis": basis,
    }


def _investigation(case: Case, request: Request) -> dict[str, Any]:
    return {
        "kind": f"{case.get_line_display()}调查",
        "to_unit": request.branch.name,
        "investigator": request.handler.name if request.handler else "",
        "subject": case.subject_name,
        "policy_number": case.policy.number if case.policy else "",
        "background": request.note or f"{request.cause}：{request.title}",
        "inquiries": [
            {"question": "：".join(filter(None, (row["title"], row.get("text", ""))))} for row in request.items
        ],
        "requirements": (
            "两人以上共同调查，访谈制作笔录并由被访人签名；影像资料保留原始时间信息。",
            "每项问题逐条作答，写明证据出处；无法查实的写明已尽到的努力。",
        ),
        "due_on": request.due_on,
        "ordered_by": request.issued_by.name,
    }


def flow_sheet(case: Case, actor: User, now: datetime) -> dict[str, Any]:
    """The trail, the oldest step first; very long ones keep the latest. What the lists say of people is on no paper, whoever prints
    it: the paper is everybody's who reads the case."""
    trail = case.events.exclude(step__in=UNTOLD).select_related("actor", "acting_for", "branch")
    events = list(trail.order_by("-seq")[:MOST_EVENTS])
    return {
        "line": case.get_line_display(),
        "item": item_of(case),
        "customer": case.subject_name,
        "customer_identity": case.applicant.id_masked if case.applicant else "",
        "policy_number": case.policy.number if case.policy else "",
        "state": case.state_label,
        "holder": case.holder_label,
        "submitted_on": case.submitted_on,
        "due_at": case.due_at,
        "happenings": [
            {
                "seq": event.seq,
                "at": event.at,
                "step": event.label,
                "actor": event.actor.name if event.actor else "系统",
                "acting_for": event.acting_for.name if event.acting_for else "",
                "unit": event.branch.name if event.branch else "",
                "change": _change(event),
                "reason": event.reason,
            }
            for event in reversed(events)
        ],
        "seal": case.event_hash,
        "printed_by": actor.name,
        "printed_at": now,
    }


def _change(event: CaseEvent) -> str:
    if event.from_state == event.to_state:
        return ""
    return f"{event.from_label} → {event.to_label}" if event.from_state else event.to_label


def clock_sheet(case: Case, clock: Clock, now: datetime) -> dict[str, Any]:
    """The reckoning of one clock as the screen explains it, with what each party used."""
    found, words = clocks.reckon(clock, case, now), {
        "ok": "进行中", "warn": "进行中，临近到期", "over": "已超期", "paused": "暂停计时", "stopped": "按时完成",
        "late": "超期完成",
    }  # fmt: skip
    used: dict[str, Decimal] = defaultdict(Decimal)
    for row in found.rows:
        used[_party(row.party)] += row.counted
    return {
        "clock": clock.rule.name,
        "rule": f"{clock.rule.code}（{show_day(clock.rule.effective_from)}起）",
        "basis": [clock.rule.source or "公司内部时效目标"],
        "subject": item_of(case),
        "customer": case.subject_name,
        "started_at": clock.started_at,
        "limit": _amount(found.limit, found.unit_words),
        "due_at": found.due_at,
        "spent": _amount(found.used, found.unit_words),
        "result": words[clock.standing(now)["level"]],
        "as_of": clock.stopped_at or now,
        "segments": [
            {
                "party": _party(row.party),
                "unit": row.label,
                "since": row.since,
                "until": row.until,
                "counted": not row.paused,
                "spent": "不计时" if row.paused else _amount(row.counted, found.unit_words),
                "why": row.text,
            }
            for row in found.rows
        ],
        "shares": [{"party": name, "spent": _amount(sum_, found.unit_words)} for name, sum_ in used.items()],
    }


def _party(code: str) -> str:
    return Holder(code).label if code in Holder.values else "无交接记录"


def _amount(value: Decimal, unit: str) -> str:
    return f"{value.normalize():f} {unit}"
