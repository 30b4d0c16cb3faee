"""Cases of the demonstration, each brought to its state through `perform` by the people who would do it, in working
hours of the last weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from archive.services import move_money
from intake.services import accept_case, precheck_specs
from lifeops.cases.findings import evaluate_rules
from lifeops.cases.models import Case, Request
from lifeops.cases.perform import perform
from lifeops.cases.requests import perform_request
from lifeops.cases.states import State
from lifeops.demo.benefits import annuity, matured, overpaid_policy
from lifeops.demo.company import Company, Team
from lifeops.demo.customers import Book
from lifeops.demo.heirs import family, inheritance, left
from lifeops.demo.inputs import BANK, ITEMS, inputs
from lifeops.demo.papers import papers_of
from lifeops.documents.checklists import rules_for
from lifeops.documents.ingest import add
from lifeops.documents.papers import issue, print_letter
from lifeops.org.models import Role, User
from lifeops.policies.models import Party, Payment, PaymentState, Policy
from lifeops.workdays.calendar import get_calendar

#: How far a case goes, and how many working days ago it may have begun (from, to).
STAGES: dict[str, tuple[int, int]] = {
    "received": (0, 2), "returned": (1, 7), "prechecked": (0, 2), "captured": (0, 1), "withdrawn": (3, 15), "queued": (0, 4),
    "in_review": (1, 4), "suspended": (1, 3), "waiting": (1, 9), "delivered": (3, 9), "replied": (4, 8), "pending": (1, 4),
    "approved": (2, 5), "declined": (2, 4), "released": (4, 12), "paid": (5, 12), "archived": (6, 22), "rescinded": (5, 12),
}  # fmt: skip
#: Items that are shown in some stages only.
SOME = ("prechecked", "queued", "in_review", "approved", "declined", "archived")
FEW = {"PS03": SOME, "PS07": ("pending", *SOME), "PS08": SOME, "PS09": ("pending", "paid", *SOME), "PS10": SOME, "PS12": SOME, "PS24": SOME[1:], "PS26": SOME[1:], "PS28": ("pending", "paid", *SOME), "PS33": ("pending", "released", *SOME)}
REVIEWERS = {"underwriting": "uw.senior", "servicing": "ps.reviewer", "claims": "cl.senior"}
JUNIORS = {"underwriting": "uw.junior", "servicing": "ps.reviewer", "claims": "cl.junior"}
QUERIES = {"underwriting": ("健康告知", "UQ02"), "servicing": ("身份资料", "SQ02"), "claims": ("医疗资料", "CQ02")}
#: How requests come in, by how often; through an agent they bear his number and the day he had them.
CHANNELS = {
    "underwriting": ("agent", "agent", "counter", "bank"), "servicing": ("counter", "counter", "counter", "agent", "mail"),
    "claims": ("counter", "counter", "agent", "mail"),
}
#: What headquarters asks for besides letters: line to (kind, cause, content).
ORDERS = {"underwriting": ("exam", "普通体检", "UE01"), "claims": ("investigation", "医院走访", "CI03")}
POSITIVE = {"underwriting": "STANDARD", "servicing": "APPROVE", "claims": "PAY"}
NEGATIVE = {"underwriting": ("DECLINE", "U01"), "servicing": ("REFUSE", "P05"), "claims": ("REFUSE", "C08")}
#: Items of which one case ends the contract.
RESCINDED = ("CL05",)
OPENS, CLOSES = time(8, 40), time(17, 20)


def ways(items: Iterable[str]) -> list[tuple[str, str]]:
    """(item, stage): every one that is told. One signature suffices for a contact, which so never waits for another."""
    found = [(item, stage) for item in items for stage in FEW.get(item, tuple(STAGES))]
    return [way for way in found if way != ("PS14", "pending") and (way[1] != "rescinded" or way[0] in RESCINDED)]


class Watch:
    """The time of one case: it moves on in working hours only and never past now."""

    def __init__(self, start: datetime, now: datetime) -> None:
        self.calendar, self.now = get_calendar(), now
        self.at = self._open(start)

    def _open(self, moment: datetime) -> datetime:
        local = timezone.localtime(moment)
        while not self.calendar.is_workday(local.date()):
            local = local.replace(hour=OPENS.hour, minute=OPENS.minute) + timedelta(days=1)
        return min(local, self.now)

    def on(self, minutes: int) -> datetime:
        """Some working minutes later."""
        local = timezone.localtime(self.at) + timedelta(minutes=minutes)
        if local.time() > CLOSES or local.date() != timezone.localtime(self.at).date():
            local = (timezone.localtime(self.at) + timedelta(days=1)).replace(hour=OPENS.hour, minute=OPENS.minute + minutes % 20)
        self.at = max(self.at, self._open(local))
        return self.at


class Story:
    """Writes cases; `team` is who works at the counter that takes them."""

    def __init__(self, company: Company, book: Book, now: datetime) -> None:
        self.company, self.book, self.now, self.random = company, book, now, book.random

    def tell(self, item: str, stage: str, team: Team) -> Case:
        """One case from the counter to `stage`."""
        return Told(self, item, stage, team).run()

    def person(self, username: str) -> User:
        return self.company.people[username]

    def start(self, stage: str) -> datetime:
        """A working morning or afternoon so many working days ago."""
        low, high = STAGES[stage]
        back, day = self.random.randint(low, high), timezone.localdate(self.now)
        calendar = get_calendar()
        while back:
            day -= timedelta(days=1)
            back -= calendar.is_workday(day)
        at = datetime.combine(day, time(9, self.random.randint(0, 59))) + timedelta(hours=self.random.randint(0, 6))
        return min(timezone.make_aware(at), self.now - timedelta(hours=1))


class Told:
    """One case while it is told."""

    def __init__(self, story: Story, item: str, stage: str, team: Team) -> None:
        self.story, self.item, self.stage, self.team = story, item, stage, team
        self.line, self.product = ITEMS[item]
        self.watch = Watch(story.start(stage), story.now)
        #: Heirs come for what somebody has left.
        self.heirs: list[Party] = []
        self.policy = self._policy()
        self.big = stage == "pending" or (stage != "queued" and story.random.random() < 0.2)
        self.channel = story.random.choice(CHANNELS[self.line])
        self.reviewer = story.person((JUNIORS if stage == "pending" else REVIEWERS)[self.line])
        self.case: Case

    def _policy(self) -> Policy | None:
        if not self.product:
            return None
        book, branch, begun = self.story.book, self.team.branch, timezone.localdate(self.watch.at)
        if self.item == "PS01":
            effective = begun - timedelta(days=6)
            return book.policy(book.customer(), self.product, branch, effective_on=effective, signed_on=effective + timedelta(days=2))
        made = {"PS33": book.long_suspended_policy, "PS07": book.suspended_policy, "PS08": book.yearly_policy, "PS10": book.lent_policy}.get(self.item)
        if made is not None:
            return made(book.customer(), branch, begun)
        if (self.item, self.stage) == ("PS28", "pending"):
            policy = left(book, branch, begun, self.team[Role.INTAKE], self.watch.at)
            self.heirs = family(book, policy)
            return policy
        paying = {"PS24": annuity, "PS26": matured, "PS28": overpaid_policy}.get(self.item)
        if paying is not None:
            return paying(book, branch, begun)
        if self.item in ("PS03", "PS09"):
            return book.old_policy(book.customer(), self.product, branch, plan=0)
        return book.old_policy(book.customer(), self.product, branch)

    def do(self, step: str, who: User, minutes: int = 40, **inputs: Any) -> None:
        perform(self.case, step, actor=who, now=self.watch.on(minutes), **inputs)

    def fresh(self) -> Case:
        return Case.objects.select_related("branch", "policy", "applicant").get(pk=self.case.pk)

    def run(self) -> Case:
        for act in (self.accept, self.capture, self.review, self.hand_out):
            if act():
                break
        return self.fresh()

    def accept(self) -> bool:
        kind, applicant = "insured" if self.line == "claims" else "policyholder", self.policy.insured if self.policy else None
        if self.item == "CL01" and self.policy:
            kind, applicant = "beneficiary", self.story.book.survivor(self.policy)
        if self.heirs:
            kind, applicant = "heir", self.heirs[0]
        if self.item == "PS33":
            kind, applicant, self.channel = "company", None, "counter"
        day = timezone.localdate(self.watch.at)
        rules = rules_for(line=self.line, item=self.item, channel=self.channel, applicant_kind=kind, day=day)
        agent: dict[str, Any] = {"agent_code": f"A{self.story.random.randint(1, 40):05d}", "passed_on": day} if self.channel == "agent" else {}
        if self.heirs and self.policy:
            self.record = inheritance(self.policy, self.heirs, day)
        else:
            self.record = inputs(self.item, self.policy, day, self.story.book, big=self.big)
        gaps = [r.doc_type.name for r in rules if r.required][-2:] if self.stage == "returned" else None
        self.case = accept_case(
            branch=self.team.branch, actor=self.team[Role.INTAKE], line=self.line, item=self.item, channel=self.channel,
            applicant_kind=kind, **agent, submitted_on=day, policy=self.policy, applicant=applicant,
            applicant_name=self.record.get("holder_name", ""), now=self.watch.at, gaps=gaps,
            papers=[
                {"doc_type": r.doc_type_id, "received": "original" if r.original_required else "copy", "pages": r.pages}
                for r in rules if r.required and not (gaps and r.doc_type.name in gaps)
            ] + ([{"doc_type": "ID_BENEFICIARY", "received": "copy", "pages": 1}] if self.item == "CL01" else []),
        )
        return self.stage in ("received", "returned")

    def capture(self) -> bool:
        clerk = self.team[Role.INTAKE]
        warned = {f.code: "已当面核对" for f in precheck_specs(self.fresh(), self.watch.at) if f.level == "warn"}
        self.do("pass_precheck", clerk, 15, overrides=warned)
        if self.stage == "withdrawn":
            self.do("withdraw", clerk, 90, reason="客户改变主意，撤回申请")
            return True
        if self.stage == "prechecked":
            return True
        self.scan()
        self.do("complete_scan", self.team[Role.SCAN], 20)
        self.do("save_record", self.team[Role.ENTRY], 25, **self.record)
        self.do("complete_entry", self.team[Role.ENTRY], 5)
        if self.stage == "captured":
            return True
        warned = {f.code: "已核对" for f in evaluate_rules(self.fresh(), self.watch.at) if f.level == "warn"}
        self.do("hand_over", clerk, 30, overrides=warned)
        return self.stage == "queued"

    def scan(self) -> None:
        """The papers that came over the counter, page by page."""
        case = self.fresh()
        add(case=case, ready=papers_of(case, self.record, case.applicant), actor=self.team[Role.SCAN], now=self.watch.on(10))

    def review(self) -> bool:
        self.do("take", self.reviewer, 90)
        if self.stage == "in_review":
            return True
        if self.stage == "suspended":
            until = timezone.localdate(self.story.now) + timedelta(days=5)
            self.do("suspend", self.reviewer, 20, until=until.isoformat(), reason="等待再保险公司意见")
            return True
        if self.stage in ("waiting", "delivered", "replied"):
            return self.ask()
        if self.stage == "rescinded":
            self.rescind()
        elif self.stage == "declined":
            outcome, reason = NEGATIVE[self.line]
            self.do("conclude", self.reviewer, 60, outcome=outcome, reason_code=reason, opinion="所附资料不足以认定，经通知未补正")
        else:
            self.do("conclude", self.reviewer, 60, outcome=POSITIVE[self.line], opinion="资料齐全，符合规定")
        if self.stage == "pending":
            return True
        case = self.fresh()
        if case.state == State.PENDING_APPROVAL:
            signer = self.story.person("approver" if case.required_grade <= 2 else "approver.high")
            self.do("take", signer, 120)
            self.do("approve", signer, 15, opinion="同意")
        return self.stage in ("approved", "declined")

    def rescind(self) -> None:
        """解除合同: what was not disclosed came out in the review."""
        holder = self.fresh().contract.policyholder
        self.do(
            "conclude", self.reviewer, 60, outcome="RESCIND_REFUND", reason_code="C05", known_on=timezone.localdate(self.watch.at).isoformat(),
            serious=True, refund_payee=holder.name, refund_bank=BANK["bank"], refund_account=BANK["account"],
            opinion="投保前一年已确诊高血压病并住院，健康告知第 5 项答“否”；该病史足以影响承保决定，并对本次事故的发生有严重影响",
        )  # fmt: skip

    def ask(self) -> bool:
        """A letter to the customer; of some cases an exam or an investigation."""
        able = self.line != "claims" or Role.INVESTIGATOR in self.team.posts
        ordered = ORDERS.get(self.line) if able and self.story.random.random() < 0.4 else None
        kind, cause, content = ordered or ("query", *QUERIES[self.line])
        self.do(
            "issue_request", self.reviewer, 45, kind=kind, addressee="customer", cause=cause, contents=[content], blocking=True, due_days=10
        )
        letter = self.case.requests.get()
        if self.stage == "waiting":
            return True
        if kind == "investigation":
            return self.investigate(letter)
        branch = self.team[Role.QUERY]
        perform_request(letter, "print_out", actor=branch, now=self.watch.on(60))
        perform_request(letter, "deliver", actor=branch, now=self.watch.on(300), how="面交", to=self.case.subject_name)
        if self.stage == "replied":
            perform_request(letter, "log_contact", actor=branch, now=self.watch.on(200), way="phone", reached=True, note="客户明日补交资料")
            perform_request(letter, "answer", actor=branch, now=self.watch.on(400), reply="客户已补交所需资料，见影像")
        return True

    def investigate(self, order: Request) -> bool:
        """Carried out by somebody of the unit; the report waits for the second signature."""
        person = self.team[Role.INVESTIGATOR]
        perform_request(order, "print_out", actor=person, now=self.watch.on(120))
        if self.stage == "replied":
            perform_request(
                order, "answer", actor=person, now=self.watch.on(500), reply="走访医院病案室，住院情况与申请相符", conclusion="属实",
                second_signer=self.team[Role.HEAD].staff_no,
            )
        return True

    def hand_out(self) -> bool:
        issuer, case = self.team[Role.ISSUE], self.fresh()
        to = case.contract.policyholder.name if self.item == "PS33" else case.subject_name
        for kind in case.item_spec.letters_for(case.current_decision().spec):
            print_letter(letter=issue(case=case, kind=kind, actor=issuer, now=self.watch.on(90)), actor=issuer, now=self.watch.at)
        signed = timezone.localdate(self.watch.at).isoformat()
        if self.stage == "released" and self.channel != "counter":
            # still on its way
            self.do("release", issuer, 30, how="mail", to=to, courier_number=f"SF{case.pk:010d}")
            return True
        self.do("release", issuer, 30, how="hand", to=to, signed_on=signed)
        if self.stage == "released":
            return True
        if case.item_spec.receipt:
            self.do("register_receipt", issuer, 60, signed_on=signed, signer=case.subject_name, reason="客户外出，回执稍后交回")
        head = self.team[Role.HEAD]
        for payment in Payment.objects.filter(case_number=case.number, state=PaymentState.READY):
            move_money(case=case, payment=payment, act="release", actor=head, now=self.watch.on(45))
            move_money(case=case, payment=payment, act="settle", actor=head, now=self.watch.on(300), reference=f"B{payment.pk:08d}")
        if self.stage == "archived":
            box = f"{timezone.localdate(self.watch.at):%Y}-{self.story.random.randint(1, 9):02d}"
            self.do("file", self.team[Role.ARCHIVE], 200, box=box, shelf="A3")
        return True
