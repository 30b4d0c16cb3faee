"""Scanned case files become new arrivals at branch counters: a newcomer works on paper, not on rows.

Every folder holds the scan and `truth.json`, which says who applies for what and which paper each page is. People, places
and numbers in them are invented.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from intake.services import accept_case
from lifeops.cases.models import Case
from lifeops.cases.opening import case_of_key
from lifeops.documents.arranging import arrange_page
from lifeops.documents.checklists import rules_for
from lifeops.documents.ingest import ingest
from lifeops.documents.models import Page
from lifeops.org.models import Branch, User
from lifeops.policies.identity import check_identity
from lifeops.policies.models import IdType, Party, Policy, ProductVersion
from lifeops.policies.services.issuing import deliver_policy, issue_policy
from lifeops.policies.services.parties import find_or_create_party
from lifeops.policies.services.quoting import quote

#: What the demonstration ships; `load_scans` takes any other folder of the same form.
SHIPPED = Path(__file__).parent / "scans"
LINES = {"NB": "underwriting", "PS": "servicing", "CL": "claims"}
ITEMS = {"联系方式变更": "PS14", "退保": "PS02", "受益人变更": "PS13", "住院医疗": "CL05", "身故保险金": "CL01"}
#: Kind of paper in the scan → 资料类型; identity cards are told apart by `_types`.
PAPERS = {
    "cover_sheet": "COVER", "application_form": "APP_FORM", "application_form_health": "DISCLOSURE", "bank_card": "BANK_CARD",
    "servicing_form": "SERVICING_FORM", "claim_form": "CLAIM_FORM", "diagnosis_certificate": "DIAGNOSIS",
    "discharge_record": "DISCHARGE_RECORD", "medical_invoice": "INVOICE", "death_certificate": "DEATH_CERT",
    "power_of_attorney": "POWER_OF_ATTORNEY",
}  # fmt: skip
#: product, cover term, pay term, mode, sum assured of the policy an arrival is about
PLANS = {
    "CL05": ("M10", "1Y", "SINGLE", "single", 300000), "CL01": ("W30", "WHOLE_LIFE", "SINGLE", "single", 200000),
    "PS02": ("W30", "WHOLE_LIFE", "SINGLE", "single", 100000), "PS13": ("T20", "20Y", "20Y", "annual", 300000),
    "PS14": ("T20", "20Y", "20Y", "annual", 300000),
}  # fmt: skip


@dataclass(frozen=True)
class Arrival:
    """One scanned case file."""

    folder: Path
    truth: dict[str, Any]

    @property
    def number(self) -> str:
        return str(self.truth["case_no"])

    @property
    def line(self) -> str:
        return LINES[self.truth["case_type"]]

    @property
    def pages(self) -> list[dict[str, Any]]:
        return list(self.truth["pages"])

    def form(self, kind: str) -> dict[str, Any]:
        """Fields of the first paper of a kind; empty where there is none."""
        docs = (doc for page in self.pages for doc in page["docs"] if doc["type"] == kind)
        return dict(next((doc.get("fields", {}) for doc in docs), {}))

    @property
    def business(self) -> str:
        """What is applied for, in the paper's words."""
        if self.line == "underwriting":
            return str(self.form("application_form")["coverages"][0]["name"])
        form = self.form("servicing_form") or self.form("claim_form")
        return str(form["item"] if self.line == "servicing" else form["items"][0])

    @property
    def item(self) -> str:
        """The item of the catalogue; what has none yet is registered as the nearest, and said."""
        if self.line == "underwriting":
            return "NB02" if "终身" in self.business else "NB01"
        return ITEMS.get(self.business, "CL05")

    @property
    def in_catalogue(self) -> bool:
        return self.line == "underwriting" or self.business in ITEMS

    @property
    def by_proxy(self) -> bool:
        return any(doc["type"] == "power_of_attorney" for page in self.pages for doc in page["docs"])

    def types(self) -> list[str]:
        """资料类型 of each page, in order; "" for a blank page."""
        cards, found = 0, []
        for page in self.pages:
            kinds = [doc["type"] for doc in page["docs"]]
            if kinds[0] == "blank":
                found.append("")
            elif kinds[0] == "id_card":
                found.append(self._card(cards))
                cards += 1
            else:
                found.append(PAPERS[kinds[0]])
        return found

    def _card(self, number: int) -> str:
        second = {"underwriting": "ID_INSURED", "servicing": "ID_BENEFICIARY", "claims": "ID_INSURED"}[self.line]
        if number and self.by_proxy:
            return "ID_PROXY"
        return second if number else "ID_APPLICANT"

    def files(self) -> list[Path]:
        return [self.folder / name for name in dict.fromkeys(page["file"] for page in self.pages)]


def read_arrivals(folder: Path) -> list[Arrival]:
    """Every case file below a folder, in the order of its name."""
    found = sorted(folder.glob("*/truth.json"))
    return [Arrival(path.parent, json.loads(path.read_text(encoding="utf-8"))) for path in found]


def register(arrival: Arrival, *, branch: Branch, clerk: User, scanner: User, now: datetime, sort: bool) -> Case | None:
    """受理 of a case file with its scans; None where it has been registered before. `sort` gives the pages their types."""
    key = f"scan:{arrival.number}"
    if case_of_key(clerk, key):
        return None
    day = timezone.localdate(now)
    with transaction.atomic():
        policy, applicant, name = _people(arrival, branch, clerk, day)
        kind = _applicant_kind(arrival)
        case = accept_case(
            branch=branch, actor=clerk, line=arrival.line, item=arrival.item, channel="counter", applicant_kind=kind,
            submitted_on=day, policy=policy, applicant=applicant, applicant_name=name, occurred_on=_event_day(arrival, day),
            papers=_papers(arrival, kind, day), now=now, idempotency_key=key,
        )
    _scan(arrival, case, scanner, now, sort)
    return Case.objects.get(pk=case.pk)


def _scan(arrival: Arrival, case: Case, scanner: User, now: datetime, sort: bool) -> None:
    """Take the files in, one by one so that their order stays."""
    for path in arrival.files():
        with path.open("rb") as stream:
            ingest(case=case, files=[File(stream, name=path.name)], actor=scanner, now=now)
    pages = list(Page.objects.of_case(case))
    for page, kind in zip(pages, arrival.types() if sort else [], strict=False):
        arrange_page(page=page, data={"doc_type": kind} if kind else {"hidden": "1"}, actor=scanner, now=now)


def _papers(arrival: Arrival, kind: str, day: date) -> list[dict[str, Any]]:
    """What lies on the counter, counted; papers that the list does not know are taken too."""
    counted = Counter(t for t in arrival.types() if t)
    rules = rules_for(line=arrival.line, item=arrival.item, channel="counter", applicant_kind=kind, day=day)
    originals = {rule.doc_type_id for rule in rules if rule.original_required}
    known = {rule.doc_type_id for rule in rules}
    if arrival.line == "underwriting" and "ID_INSURED" in known and "ID_INSURED" not in counted:
        counted["ID_INSURED"] = counted["ID_APPLICANT"]  # one card for both roles
    return [
        {"doc_type": code, "received": "original" if code in originals else "copy", "pages": pages} for code, pages in counted.items()
    ]


def _applicant_kind(arrival: Arrival) -> str:
    if arrival.by_proxy:
        return "proxy"
    if arrival.line != "claims":
        return "policyholder"
    return "insured" if arrival.item != "CL01" else "beneficiary"


def _event_day(arrival: Arrival, today: date) -> date | None:
    text = arrival.truth["case_fields"].get("event_date")
    return min(date.fromisoformat(text), today) if text else None


def _people(arrival: Arrival, branch: Branch, clerk: User, day: date) -> tuple[Policy | None, Party | None, str]:
    """The policy the paper names, taken over with its number, and the applicant."""
    if arrival.line == "underwriting":
        return None, None, str(arrival.form("application_form")["policyholder"]["name"])
    form = arrival.form("servicing_form") or arrival.form("claim_form")
    insured = _party(form["insured"], day)
    holder = _party(form["policyholder"], day) if arrival.line == "servicing" else insured
    applicant = holder if arrival.line == "servicing" else _party(form["applicant"], day)
    return _policy(arrival, branch, clerk, holder, insured, day), applicant, applicant.name


def _party(fields: dict[str, Any], day: date) -> Party:
    card = check_identity(id_type=IdType.RESIDENT, number=fields["id_no"], on=day)
    return find_or_create_party(
        name=fields["name"], id_number=fields["id_no"], birth_date=card.birth_date, sex=card.sex, phone=fields.get("phone", ""),
        id_valid_to=day + timedelta(days=3650), address=fields.get("address", ""),
    )


def _policy(arrival: Arrival, branch: Branch, clerk: User, holder: Party, insured: Party, day: date) -> Policy:
    number = arrival.truth["case_fields"]["policy_no"]
    known = Policy.objects.filter(number=number).first()
    if known:
        return known
    product, cover, pay, mode, amount = PLANS[arrival.item]
    version = ProductVersion.objects.get(product__code=product)
    effective = day - timedelta(days=300)
    premium = quote(
        version=version, sex=insured.sex, age=insured.age(effective) or 0, cover_term=cover, pay_term=pay, pay_mode=mode,
        sum_assured=Decimal(amount),
    )
    issued = issue_policy(
        case_number="", branch=branch, agent_code="", policyholder=holder, insured=insured, number=number,
        relation="self" if holder == insured else "spouse", applied_on=effective, effective_on=effective, pay_mode=mode,
        coverages=[{
            "version": version, "sum_assured": Decimal(amount), "cover_term": cover, "pay_term": pay, "premium": premium.standard,
        }],
        beneficiaries=[], actor=clerk, now=timezone.now(),
    )
    return deliver_policy(policy=issued, signed_on=effective + timedelta(days=4))
