"""People at their desks over HTTP: every act is what a browser would send, and answers with a redirect when it is done."""

from __future__ import annotations

import itertools
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.cases.states import State
from lifeops.policies.models import Payment, Policy
from tests.applying import usual_kind
from tests.documents.files import jpeg
from tests.factories import (
    LINES,
    PAPERS,
    PROPOSAL_PAPERS,
    claim_inputs,
    fields_of,
    make_party,
    policy_for,
    proposal_inputs,
    servicing_inputs,
)

_keys = itertools.count(1)


class Journey:
    """One case and the people who work on it. `policy`: of which it is, else one that suits the item; `papers` besides those of
    the item; `counter` and `keyed` are what the clerks fill in besides, or instead."""

    def __init__(
        self, cast: Any, item: str, *, policy: Policy | None = None, papers: tuple[str, ...] = (), counter: dict[str, Any] | None = None,
        keyed: dict[str, Any] | None = None,
    ) -> None:
        self.cast, self.item = cast, item
        self.given, self.papers, self.counter, self.keyed = policy, papers, counter or {}, keyed or {}
        self.line = LINES.get(item[:2], "underwriting")
        self.number = ""

    def client(self, who: str) -> Client:
        client = Client()
        client.force_login(getattr(self.cast, who), backend="django.contrib.auth.backends.ModelBackend")
        return client

    @property
    def case(self) -> Case:
        return Case.objects.get(number=self.number)

    @property
    def guard(self) -> dict[str, Any]:
        return {"version": self.case.version, "key": f"j{next(_keys)}"}

    def post(self, who: str, url: str, data: dict[str, Any], code: int = 302) -> Any:
        answer = self.client(who).post(url, data)
        assert answer.status_code == code, (answer.status_code, url, words(answer))
        return answer

    def step(self, who: str, name: str, code: int = 302, **inputs: Any) -> Any:
        return self.post(who, reverse("cases:step", args=[self.number, name]), self.guard | inputs, code)

    def accept(self) -> None:
        policy = None if self.line == "underwriting" else self.given or policy_for(self.cast, self.item)
        kind = "policyholder" if policy is None else usual_kind(self.item)
        who = make_party() if self.item == "CL01" else policy and policy.insured
        papers = PROPOSAL_PAPERS if policy is None else PAPERS[self.item]
        data = {
            "item": self.item, "channel": "counter", "applicant_kind": kind, "submitted_on": str(timezone.localdate()), "key": "k",
            "applicant_name": who.name if who else "测试投保人", "action": "accept",
        }
        if policy is not None:
            data |= {"policy_number": policy.number, "applicant": "" if kind == "company" else who.pk}
        data |= self.counter
        for code in (*papers, *self.papers):
            data |= {f"paper-{code}-received": "original", f"paper-{code}-pages": "1"}
        self.post("clerk", reverse("intake:counter"), data)
        self.number = Case.objects.latest("pk").number
        self.policy, self.claimant = policy, who.name if who else ""

    def reasons(self, who: str, url: str) -> dict[str, str]:
        """A reason for each warning that the page asks one for."""
        rows = self.client(who).get(url).context["rows"]
        return {f"over-{row['spec'].code}": "已当面核对" for row in rows if row["spec"].level == "warn" and not row["passed"]}

    def precheck(self) -> None:
        url = reverse("intake:precheck", args=[self.number])
        self.post("clerk", url, self.guard | self.reasons("clerk", url))

    def record(self) -> dict[str, Any]:
        if self.line == "underwriting":
            return proposal_inputs(self.item)
        return servicing_inputs(self.item, self.policy) if self.line == "servicing" else claim_inputs(self.item, payee=self.claimant)

    def scan(self) -> None:
        """Every paper of a medical claim; of the others one page, since drawing pictures takes a process each."""
        rows = list(self.case.checklist.exclude(received="none"))
        every = self.item == "CL05" or len(rows) == 1
        for row in rows if every else rows[:1]:
            file = SimpleUploadedFile(f"{row.doc_type_id}.jpg", jpeg(row.doc_type_id), "image/jpeg")
            self.post("scan", reverse("documents:upload", args=[self.number]), {"files": file, "doc_type": row.doc_type_id})
        if every:
            self.step("scan", "complete_scan")
        else:
            self.step("scan", "complete_scan", 400)
            self.step("scan", "complete_scan", reason="其余影像稍后补扫")

    def enter(self) -> None:
        url = reverse("intake:entry", args=[self.number])
        self.post("entry", url, self.guard | fields_of(self.record() | self.keyed) | {"action": "complete"})

    def hand_over(self) -> None:
        url = reverse("intake:handover", args=[self.number])
        self.post("clerk", url, self.guard | self.reasons("clerk", url))

    def to_headquarters(self) -> None:
        """From the counter into the pool."""
        for act in (self.accept, self.precheck, self.scan, self.enter, self.hand_over):
            act()
        assert self.case.state == State.QUEUED

    def take(self, who: str, desk: str) -> None:
        answer = self.post(who, reverse("cases:next", args=[desk]), {})
        assert answer.url == self.case.get_absolute_url()

    def conclude(self, who: str, **inputs: Any) -> None:
        self.take(who, self.line)
        self.step(who, "conclude", opinion="事实清楚，符合规定", **inputs)

    def sign(self) -> None:
        """The second signature, where the case waits for one."""
        if self.case.state == State.PENDING_APPROVAL:
            self.take("approver_high", "approval")
            self.step("approver_high", "approve", opinion="同意")

    def hand_out(self) -> None:
        case = self.case
        for kind in case.item_spec.letters_for(case.current_decision().spec):
            self.post("issue", reverse("documents:letter_issue", args=[self.number]), {"kind": kind})
            letter = case.letters.get(kind=kind)
            assert self.post("issue", reverse("documents:letter_print", args=[letter.pk]), {}, 200).content[:5] == b"%PDF-"
        today = str(timezone.localdate())
        self.step("issue", "release", how="hand", to="测试客户", signed_on=today)
        if case.item_spec.receipt and case.current_decision().is_positive:
            self.step("issue", "register_receipt", signed_on=today, signer="测试客户")

    def pay(self) -> None:
        for payment in Payment.objects.filter(case_number=self.number):
            act = lambda name: reverse("archive:payment_act", args=[payment.number, name])  # noqa: E731
            self.post("head", act("release"), {})
            self.post("head", act("settle"), {"reference": f"B{payment.pk}"})

    def file(self) -> None:
        filed = list(self.case.checklist.exclude(received="none").values_list("pk", flat=True))
        self.step("archive", "file", box="2026-01", shelf="A1", filed=filed, reason="影像未全部扫描")
        assert self.case.state == State.ARCHIVED

    def policy_now(self) -> Policy:
        return Policy.objects.get(pk=self.policy.pk)


def words(answer: Any) -> str:
    """What a page says went wrong, for the message of a failing test."""
    import re

    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.content.decode(errors="replace"), flags=re.S)
    return re.sub(r"\s+", " ", text)[:1500]
