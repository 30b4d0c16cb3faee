"""Cases of the demonstration, each brought to its state through `perform` by the people who would do it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from archive.services import move_money
from intake.services import accept_case
from lifeops.cases.findings import evaluate_rules
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.requests import perform_request
from lifeops.documents.checklists import rules_for
from lifeops.documents.papers import issue, print_letter
from lifeops.org.models import User
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Party, Payment, Policy, ProductVersion
from lifeops.policies.services.issuing import deliver_policy, issue_policy
from lifeops.policies.services.quoting import quote

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = {True: ("建国", "志强", "文博", "国庆", "晓东"), False: ("秀英", "丽华", "雨桐", "海燕", "子涵")}
PLANS = {"M10": ("1Y", "SINGLE", "single", 300000), "W30": ("WHOLE_LIFE", "SINGLE", "single", 200000)}
#: How far each case goes, one of each in turn.
STAGES = (
    "received", "returned", "prechecked", "queued", "queued", "in_review", "waiting", "delivered", "pending", "approved",
    "declined", "released", "archived", "withdrawn",
)  # fmt: skip


class Story:
    """Writes policies and cases; `people` are the documented accounts."""

    def __init__(self, people: dict[str, User]) -> None:
        self.people = people
        self.branch = people["clerk.a"].branch
        self.today = timezone.localdate()

    def customer(self, number: int) -> Party:
        """An invented person: region 99 does not exist."""
        born = date(1962 + number % 40, number % 12 + 1, number % 27 + 1)
        male = number % 2 == 1
        card = compose_card(region="990101", birth_date=born, sequence=100 + number % 400 * 2 + male)
        return Party.objects.create(
            name=SURNAMES[number % len(SURNAMES)] + GIVEN[male][number // 2 % 5], sex="M" if male else "F", birth_date=born,
            id_number=card, id_valid_to=date(2041, 1, 1), phone=f"1990000{number:04d}", address=f"样本市样本路 {number} 号",
        )

    def policy(self, insured: Party, product: str) -> Policy:
        """A delivered single-premium policy, some two hundred days old."""
        cover, pay, mode, amount = PLANS[product]
        effective = self.today - timedelta(days=220)
        version = ProductVersion.objects.get(product__code=product)
        premium = quote(
            version=version, sex=insured.sex, age=insured.age(effective) or 0, cover_term=cover, pay_term=pay, pay_mode=mode,
            sum_assured=Decimal(amount),
        )
        spec = {"version": version, "sum_assured": Decimal(amount), "cover_term": cover, "pay_term": pay, "premium": premium.standard}
        issued = issue_policy(
            case_number="", branch=self.branch, agent_code="", policyholder=insured, insured=insured, relation="self",
            applied_on=effective, effective_on=effective, pay_mode=mode, coverages=[spec], beneficiaries=[],
            actor=self.people["clerk.a"], now=timezone.now(),
        )
        return deliver_policy(policy=issued, signed_on=effective + timedelta(days=4))

    def claim(self, number: int, stage: str, start: datetime) -> Case:
        """One claim, from the counter to `stage`."""
        item, product = ("CL01", "W30") if number % 3 == 0 else ("CL05", "M10")
        policy = self.policy(self.customer(number), product)
        day = timezone.localdate(start)
        rules = rules_for(line="claims", item=item, channel="counter", applicant_kind="insured", day=day)
        papers = [{"doc_type": r.doc_type_id, "received": "original", "pages": r.pages} for r in rules]
        who = self.people
        case = accept_case(
            branch=self.branch, actor=who["clerk.a"], line="claims", item=item, channel="counter", applicant_kind="insured",
            submitted_on=day, policy=policy, applicant=policy.insured, papers=papers, now=start,
            gaps=["收款账户", "出院小结"] if stage == "returned" else None,
        )
        if stage in ("received", "returned"):
            return case
        self.do(case, "pass_precheck", "clerk.a", start, 1, overrides={})
        if stage == "withdrawn":
            self.do(case, "withdraw", "clerk.a", start, 2, reason="客户改变主意，撤回申请")
            return case
        self.do(case, "save_record", "entry.a", start, 2, **self.record(item, policy, day))
        if stage == "prechecked":
            return case
        self.do(case, "complete_entry", "entry.a", start, 2)
        self.do(case, "complete_scan", "scan.a", start, 3, reason="演示件未附影像")
        fresh = Case.objects.get(pk=case.pk)
        warned = {f.code: "已核对" for f in evaluate_rules(fresh, start) if f.level == "warn"}
        self.do(case, "hand_over", "clerk.a", start, 4, overrides=warned)
        if stage != "queued":
            self.review(case, stage, start)
        return case

    def review(self, case: Case, stage: str, start: datetime) -> None:
        who = "cl.senior"
        self.do(case, "take", who, start, 5)
        if stage == "in_review":
            return
        if stage in ("waiting", "delivered"):
            self.do(
                case, "issue_request", who, start, 6, kind="query", addressee="customer", cause="医疗资料", contents=["CQ02"],
                blocking=True, due_days=10,
            )
            if stage == "delivered":
                letter = case.requests.get()
                for step, more in (("print_out", {}), ("deliver", {"how": "面交", "to": case.subject_name})):
                    perform_request(letter, step, actor=self.people["query.a"], now=start + timedelta(hours=7), **more)
            return
        refuse = stage == "declined"
        conclusion = {"outcome": "REFUSE", "reason_code": "C08"} if refuse else {"outcome": "PAY"}
        self.do(case, "conclude", who, start, 6, opinion="资料不足以认定" if refuse else "事实清楚，责任成立", **conclusion)
        if stage == "pending":
            return
        if Case.objects.get(pk=case.pk).state == "pending_approval":
            self.do(case, "take", "approver.high", start, 7)
            self.do(case, "approve", "approver.high", start, 8, opinion="同意")
        if stage in ("released", "archived"):
            self.finish(case, stage, start + timedelta(hours=9))

    def finish(self, case: Case, stage: str, now: datetime) -> None:
        issuer, head = self.people["issue.a"], self.people["head.a"]
        fresh = Case.objects.get(pk=case.pk)
        letter = issue(case=fresh, kind="claim_decision", actor=issuer, now=now)
        print_letter(letter=letter, actor=issuer, now=now)
        perform(case, "release", actor=issuer, now=now, how="hand", to=case.subject_name, signed_on=timezone.localdate(now).isoformat())
        if stage == "archived":
            payment = Payment.objects.get(case_number=case.number)
            move_money(case=fresh, payment=payment, act="release", actor=head, now=now)
            move_money(case=fresh, payment=payment, act="settle", actor=head, now=now, reference=f"B{payment.pk:08d}")
            perform(case, "file", actor=self.people["archive.a"], now=now, box="2026-01", shelf="A3", reason="演示件未附影像")

    def do(self, case: Case, step: str, who: str, start: datetime, hours: int, **inputs: Any) -> None:
        perform(case, step, actor=self.people[who], now=start + timedelta(hours=hours), **inputs)

    def record(self, item: str, policy: Policy, day: date) -> dict[str, Any]:
        event = (day - timedelta(days=12)).isoformat()
        common = {
            "event_on": event, "cause": "illness", "payee": policy.insured.name, "payee_relation": "本人",
            "payee_bank": "样本银行样本支行", "payee_account": "9900001234567890",
        }
        if item == "CL01":
            return common | {"description": "因病医治无效身故", "had_capacity": True, "payee_relation": "法定继承人"}
        return common | {
            "description": "因肺炎住院治疗", "diagnosis": "肺炎", "hospital": "虚构人民医院", "admitted_on": event,
            "discharged_on": (day - timedelta(days=6)).isoformat(),
            "expenses": [
                {"category": "药品", "invoiced": "6200.00", "non_covered": "200.00", "over_limit": "0"},
                {"category": "检查", "invoiced": "2400.00", "non_covered": "0", "over_limit": "0"},
            ],
            "social_insurance": "4100.00", "other_paid": "0", "ss_used": True,
        }  # fmt: skip
