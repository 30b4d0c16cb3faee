"""A machine that knows the catalogue and the steps it is offered, and nothing of our pages, does all that people do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lifeops.api.stepping import names_of
from lifeops.cases import registry
from lifeops.cases.models import Case, Request, broken_links
from lifeops.cases.stepping import declared
from lifeops.policies.models import Payment
from tests.api.calls import ROOT, offered
from tests.cast import hire
from tests.factories import (
    LINES,
    PAPERS,
    PROPOSAL_PAPERS,
    claim_inputs,
    make_party,
    policy_for,
    proposal_inputs,
    servicing_inputs,
)

ITEMS = ("NB01", "NB02", "PS01", "PS02", "PS03", "PS07", "PS08", "PS09", "PS10", "PS24", "PS26", "PS12", "PS13", "PS14", "PS27", "PS28", "PS33", "CL01", "CL05")
#: Line → two reviewers, the outcomes that give and that refuse, a reason for refusing.
DESKS = {
    "underwriting": ("underwriter", "underwriter2", "STANDARD", "DECLINE", "U01"),
    "servicing": ("ps_reviewer", "ps_reviewer2", "APPROVE", "REFUSE", "P05"),
    "claims": ("cl_reviewer", "cl_reviewer2", "PAY", "REFUSE", "C08"),
}
#: Items whose amount goes out; of the others it comes in, or is none.
PAYS = ("PS01", "PS02", "PS03", "PS09", "PS24", "PS26", "PS28", "CL01", "CL05")
#: One of each line goes every way there is; its steps are those of all items of the line.
WITH_EVERY_STEP = ("NB01", "PS02", "CL05")
#: Consequences of other steps, which nobody asks for.
BY_ITSELF = {"wake"}


class Robot:
    """Clients of the people of one case, and what the interface told last."""

    def __init__(self, cast: Any, api: Any, item: str) -> None:
        self.cast, self.api, self.item = cast, api, item
        self.line = LINES.get(item[:2], "underwriting")
        self.first, self.second, self.yes, self.no, self.reason = DESKS[self.line]
        self.clients: dict[str, Any] = {}
        self.told: tuple[str, dict[str, Any]] = ("", {})
        today = timezone.localdate()
        #: What it answers to an input of this name.
        self.words = {
            "reason": "接口办理", "gaps": ["证件复印件不清晰"], "opinion": "事实清楚，符合规定", "received_on": str(today),
            "signed_on": str(today), "until": str(today + timedelta(days=3)), "signer": "测试客户", "to": "测试客户", "how": "hand",
            "box": "b01", "shelf": "a3",
        }

    def client(self, who: str) -> Any:
        if who not in self.clients:
            self.clients[who] = self.api(getattr(self.cast, who))
        return self.clients[who]

    def call(self, who: str, method: str, path: str, body: Any = None, code: int = 200) -> Any:
        answer = getattr(self.client(who), method)(f"{ROOT}/{path}", body or {}, format="json")
        assert answer.status_code == code, (path, answer.status_code, answer.content.decode()[:800])
        return answer.json() if answer.headers.get("Content-Type", "").startswith("application/json") else answer

    def look(self, who: str) -> dict[str, Any]:
        if self.told[0] != who:
            self.told = (who, self.client(who).get(f"{ROOT}/cases/{self.number}/").json())
        return self.told[1]

    def accept(self) -> None:
        policy = None if self.line == "underwriting" else policy_for(self.cast, self.item)
        applicant = policy and (policy.insured if self.line == "claims" else policy.policyholder)
        kind = "insured" if self.line == "claims" else "policyholder"
        if self.item == "CL01":
            kind, applicant = "beneficiary", make_party()
        if self.item == "PS33":
            kind = "company"
        papers = PAPERS.get(self.item, PROPOSAL_PAPERS)
        person = {"name": applicant.name, "id_number": applicant.id_number} if applicant else {"name": "测试投保人"}
        told = self.call("clerk", "post", "cases/", {
            "line": self.line, "item": self.item, "channel": "counter", "submitted_on": str(timezone.localdate()),
            "applicant_kind": kind, "policy_number": policy.number if policy else "",
            **({} if kind == "company" else {"applicant": person}),
            "papers": [{"doc_type": code, "received": "original", "pages": 1} for code in papers],
        }, 201)  # fmt: skip
        self.number, self.told, self.policy, self.applicant = told["number"], ("clerk", told), policy, applicant

    def record(self) -> dict[str, Any]:
        if self.line == "underwriting":
            return proposal_inputs(self.item)
        if self.line == "servicing":
            return servicing_inputs(self.item, self.policy)
        return claim_inputs(self.item, payee=self.applicant.name)

    def save(self) -> None:
        """What is keyed are fields that the catalogue describes, all that it asks for among them."""
        told, kind = self.look("entry"), "insured" if self.line == "claims" else "policyholder"
        lines = self.client("entry").get(f"{ROOT}/catalogue/", {"applicant_kind": kind}).json()["lines"]
        form = next(i for row in lines if row["code"] == self.line for i in row["items"] if i["code"] == self.item)["form"]
        record = self.record()
        assert {row["name"] for row in form if row["required"]} <= set(record) <= {row["name"] for row in form}
        saved = self.call("entry", "put", f"cases/{self.number}/record/", {"version": told["version"], "record": record})
        self.told = ("entry", saved)

    def go(self, who: str, name: str, **given: Any) -> dict[str, Any]:
        """A step that is offered, with an answer to each input it asks for."""
        told = self.look(who)
        step = offered(told)[name]
        assert step["allowed"], (self.item, told["state"], name, step["reasons"])
        known = {row["name"] for row in step["inputs"]}
        words = {n: value for n, value in self.words.items() if n in known}
        if "overrides" in known:
            found = self.client(who).get(f"{ROOT}/cases/{self.number}/findings/").json()["findings"]
            words["overrides"] = {row["code"]: "已当面核对" for row in found if row["level"] == "warn"}
        told = self.call(who, "post", f"cases/{self.number}/steps/{name}/", {"version": told["version"], **words, **given})
        self.told = (who, told)
        return told

    def conclude(self, who: str, *, give: bool) -> str:
        inputs = {"outcome": self.yes} if give else {"outcome": self.no, "reason_code": self.reason}
        state: str = self.go(who, "conclude", **inputs)["state"]
        return state

    def letter(self, **more: Any) -> str:
        """A letter of the reviewer; its number."""
        told = self.look(self.second)
        body = {"version": told["version"], "kind": "query", "addressee": "customer", "extra": "请补充说明", "blocking": True, "due_days": 5}
        made = self.call(self.second, "post", f"cases/{self.number}/requests/", body | more, 201)
        self.told = ("", {})
        number: str = made["number"]
        return number

    def at_letter(self, who: str, number: str, name: str, **inputs: Any) -> None:
        told = self.client(who).get(f"{ROOT}/requests/{number}/").json()
        step = offered(told)[name]
        assert step["allowed"], (name, step["reasons"])
        self.call(who, "post", f"requests/{number}/steps/{name}/", {"version": told["version"], **inputs})
        self.told = ("", {})

    # The stages ------------------------------------------------------------------------------------------------
    def before_work(self, *, and_back: bool) -> None:
        self.accept()
        for name in ("return_for_correction", "resubmit") if and_back else ():
            self.go("clerk", name)
        self.go("clerk", "pass_precheck")
        self.save()
        self.capture()
        if and_back:
            self.go("head", "reopen_capture")
            self.capture()
        self.go("clerk", "hand_over")

    def capture(self) -> None:
        for who, name in (("scan", "complete_scan"), ("entry", "complete_entry")):
            if offered(self.look(who))[name]["allowed"]:
                self.go(who, name)

    def review(self) -> None:
        self.go("manager", "assign", assignee=self.first)
        self.go(self.first, "hand_back")
        for name in ("take", "suspend", "resume", "mark_complex"):
            self.go(self.second, name)

    def letters(self) -> None:
        """Each step of a letter: of one to the customer, of an investigation, of one that is taken back."""
        cast, today = self.cast, timezone.localdate()
        query, report = self.letter(cause="资料"), self.letter(kind="investigation", addressee="branch", cause="核实")
        spare = self.letter(cause="其他", blocking=False)
        self.at_letter(self.second, spare, "cancel", reason="已无须")
        self.at_letter("query", query, "assign_handler", handler="query")
        self.at_letter("query", query, "print_out")
        self.at_letter("query", query, "deliver", how="面交", to="测试客户")
        self.at_letter("query", query, "reprint", reason="客户遗失")
        self.at_letter("query", query, "log_contact", way="phone", reached=True, note="已提醒")
        self.at_letter(self.second, query, "extend", due_on=str(today + timedelta(days=40)), reason="客户住院")
        said = {"reply": "走访两家医院", "conclusion": "属实", "second_signer": cast.investigator2.staff_no}
        self.at_letter("investigator", report, "answer", **said)
        self.at_letter("investigator", report, "take_back", reason="补充笔录")
        self.at_letter("investigator", report, "answer", **said)
        self.at_letter("investigator2", report, "refuse_to_sign", reason="日期有误")
        self.at_letter("investigator", report, "answer", **said)
        self.at_letter("investigator2", report, "countersign")
        self.at_letter("investigator", report, "close")
        self.at_letter("query", query, "answer", reply="已补")
        assert self.look(self.second)["state"] == "waiting"
        self.told = ("", {})
        self.at_letter("query", query, "close")

    def refuse_first(self) -> None:
        """Refused, and sent back by the signer twice."""
        high = "approver_high"
        assert self.conclude(self.second, give=False) == "pending_approval"
        self.go("manager", "assign", assignee=high)
        for name in ("hand_back", "take", "return_to_review"):
            self.go(high, name)
        assert self.conclude(self.second, give=False) == "pending_approval"
        for name in ("take", "disagree"):
            self.go(high, name)

    def decide(self) -> None:
        """Granted by one signature or two."""
        if self.conclude(self.second, give=True) == "pending_approval":
            for name in ("take", "approve"):
                self.go("approver_high", name)

    def after_work(self) -> None:
        case = Case.objects.get(number=self.number)
        for kind in registry.at_desk(case).item_spec.letters_for(case.current_decision().spec):
            made = self.call("issue", "post", f"cases/{self.number}/letters/", {"kind": kind}, 201)
            self.call("issue", "post", f"letters/{made['id']}/print/")
        self.told = ("", {})
        told = self.go("issue", "release")
        if offered(told)["register_receipt"]["allowed"]:
            told = self.go("issue", "register_receipt")
        for payment in told["payments"]:
            for act, more in (("release", {}), ("settle", {"reference": "B001"})):
                self.call("head", "post", f"cases/{self.number}/payments/{payment['number']}/{act}/", more)
        self.told = ("", {})
        assert self.go("archive", "file")["state"] == "archived"


@pytest.fixture
def robot(cast, api):
    cast.people["investigator2"] = hire("investigator2", "investigator", cast.county, staff_no="I0002")
    return lambda item: Robot(cast, api, item)


#: Steps that the life of an item has no place for, and why.
NO_PLACE = {
    "register_receipt": "only an insurance contract is signed for",
    "approve": "the reviewer's own limit covers it",
    "judge_hit": "nobody of the case stands on a list (tests/screening)",
}


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_lives_by_the_interface_alone_and_every_step_of_its_line_is_taken(robot, item):
    one, every_step = robot(item), item in WITH_EVERY_STEP
    one.before_work(and_back=every_step)
    if every_step:
        one.review()
        one.letters()
        one.refuse_first()
    else:
        one.go(one.second, "take")
    one.decide()
    one.after_work()

    case = Case.objects.get(number=one.number)
    assert broken_links(case) == []
    # what was decided is what was paid, and all of it
    paid = list(Payment.objects.filter(case_number=case.number))
    assert {p.state for p in paid} <= {"settled"}
    amount = case.current_decision().amount if item in PAYS else 0
    assert sum(p.amount for p in paid) == amount
    if not every_step:
        return
    taken = set(case.events.values_list("step", flat=True))
    missing = names_of(case) - taken - {"withdraw", "lapse"}
    assert missing <= NO_PLACE.keys(), missing
    assert taken >= BY_ITSELF | {f"request.{name}" for name in declared(Request)}
    withdrawn = robot(item)
    withdrawn.accept()
    assert withdrawn.go("clerk", "withdraw")["state"] == "withdrawn"
    assert withdrawn.go("archive", "file")["state"] == "archived"
    forgotten = robot(item)
    forgotten.accept()
    forgotten.go("clerk", "return_for_correction")
    Case.objects.filter(number=forgotten.number).update(state_since=timezone.now() - timedelta(days=40))
    forgotten.told = ("", {})
    assert forgotten.go("head", "lapse")["state"] == "withdrawn"


def test_the_machine_is_told_all_that_the_contract_names(robot):
    one = robot("CL05")
    one.accept()
    told = one.look("clerk")
    assert set(told) >= {
        "line", "item", "state", "state_label", "holder", "version", "due_at", "record", "decision", "documents", "requests", "clocks",
        "custody", "events", "steps",
    }
    assert set(told["holder"]) >= {"party", "unit", "person"}
    assert all(set(row) >= {"name", "label", "allowed", "reasons", "inputs"} for row in told["steps"])
