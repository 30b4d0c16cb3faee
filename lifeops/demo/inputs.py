"""What clerks key in the demonstration, item by item."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from lifeops.demo.customers import Book
from lifeops.documents.letters.schema import show_day
from lifeops.policies.models import Policy
from lifeops.policies.rules.dates import age_on
from lifeops.policies.services.overpaid import overpaid
from lifeops.policies.services.quoting import quote
from lifeops.policies.services.terms import options_for

#: item → (line, product of the policy it is about, "" where none)
ITEMS = {
    "NB01": ("underwriting", ""), "NB02": ("underwriting", ""), "PS01": ("servicing", "W30"), "PS02": ("servicing", "W30"),
    "PS03": ("servicing", "W30"), "PS07": ("servicing", "W30"), "PS08": ("servicing", "W30"), "PS09": ("servicing", "W30"),
    "PS10": ("servicing", "W30"), "PS12": ("servicing", "T20"), "PS13": ("servicing", "T20"), "PS14": ("servicing", "T20"), "PS24": ("servicing", "A60"), "PS26": ("servicing", "E20"),
    "PS27": ("servicing", "W31"), "PS28": ("servicing", "W30"), "PS33": ("servicing", "W30"),
    "CL01": ("claims", "T20"), "CL05": ("claims", "M10"),
}  # fmt: skip
PROPOSALS = {
    "NB01": (("T20", "20Y", "20Y", "annual"),), "NB02": (("W30", "WHOLE_LIFE", "10Y", "annual"), ("W31", "WHOLE_LIFE", "10Y", "annual")),
}  # fmt: skip
ILLNESSES = (("肺炎", "药品"), ("急性阑尾炎", "手术"), ("胆囊结石", "手术"), ("腰椎间盘突出", "治疗"))
BANK = {"bank": "样本银行样本支行", "account": "9900001234567890"}


def inputs(item: str, policy: Policy | None, day: date, book: Book, *, big: bool = False) -> dict[str, Any]:
    """The record of a case submitted on `day`; `big` makes an amount that one signature does not cover."""
    if policy is None:
        return proposal(item, day, book, big=big)
    if item == "PS12":
        return succession(book)
    if item.startswith("PS"):
        return change(item, policy, day, book.random)
    return claim(item, policy, day, book.random, big=big)


def proposal(item: str, day: date, book: Book, *, big: bool) -> dict[str, Any]:
    product, cover_term, pay_term, pay_mode = book.random.choice(PROPOSALS[item])
    person, amount = book.particulars(young=True), 1500000 if big else book.random.choice((100000, 200000, 300000))
    premium = quote(
        version=book.versions[product], sex=person["sex"], age=age_on(person["birth_date"], day), cover_term=cover_term,
        pay_term=pay_term, pay_mode=pay_mode, sum_assured=Decimal(amount),
    )
    sharing = options_for(book.versions[product])
    chosen = {"dividend_option": book.random.choice(sharing)} if sharing else {}
    holder = {
        f"holder_{name}": value.isoformat() if isinstance(value, date) else value for name, value in person.items()
    } | {"holder_id_type": "resident", "holder_occupation_class": "1", "holder_income": "400000"}
    return holder | chosen | {
        "relation": "self", "consented": False, "parents_consented": False,
        "beneficiaries": [
            {"name": person["name"][:1] + "小宝", "relation": "子女", "order": "1", "share_pct": "100", "id_number": ""}
        ],
        "product": product, "sum_assured": str(amount), "cover_term": cover_term, "pay_term": pay_term, "pay_mode": pay_mode,
        "premium_stated": str(premium.total), "account_bank": BANK["bank"], "account_number": BANK["account"],
        "height_cm": str(book.random.randint(155, 182)), "weight_kg": str(book.random.randint(50, 78)),
        "health": [{"code": str(n), "answer": "否", "note": ""} for n in range(1, 16)], "other_death_cover": "0",
        "agent_code": "A1001", "applied_on": day.isoformat(),
    }  # fmt: skip


def succession(book: Book) -> dict[str, Any]:
    """The policy goes over to the spouse of its policyholder, who is the insured himself."""
    person = book.particulars(young=True)
    told = {f"holder_{name}": person[name] for name in ("name", "id_number", "id_valid_to", "phone", "address")}
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in told.items()} | {"holder_id_type": "resident", "new_relation": "spouse"}


def change(item: str, policy: Policy, day: date, random: Random) -> dict[str, Any]:
    if item == "PS13":
        name = policy.insured.name[:1] + random.choice(("家明", "家宁", "思源"))
        return {
            "beneficiaries": [
                {"name": name, "relation": "配偶", "id_type": "resident", "id_number": "", "birth_date": "", "order": "1", "share_pct": "100"}
            ],
            "consent_by": "insured", "consent_on": day.isoformat(),
        }  # fmt: skip
    if item == "PS27":
        return {"dividend_option": random.choice(("cash", "offset", "paid_up"))}
    if item == "PS14":
        return {"subject": "policyholder", "phone": f"1991{random.randint(1000000, 9999999)}", "address": f"样本市新区路 {random.randint(1, 400)} 号"}
    if item == "PS07":
        health = [{"code": str(n), "answer": "否", "note": ""} for n in range(1, 16)]
        return {"health": health, "occupation_class": str(policy.insured.occupation_class or 1)}
    if item == "PS08":
        return {}
    if item == "PS33" and policy.lapsed_on:
        return {"why_text": f"第二期保险费逾期未交，合同效力自 {show_day(policy.lapsed_on)} 起中止；中止后书面通知三次，至今未办理复效。"}
    if item == "PS10":
        return {
            "asked": f"{random.choice((500, 1000, 2000))}.00", "paid_how": "transfer", "payer": policy.policyholder.name,
            "received_on": day.isoformat(), "reference": f"K{random.randint(10**9, 10**10 - 1)}",
        }  # fmt: skip
    account = {"payee": policy.policyholder.name, "payee_bank": BANK["bank"], "payee_account": BANK["account"]}
    if item in ("PS24", "PS26"):
        return account | {"payee": policy.insured.name}
    if item == "PS28":
        why = "合同终止后银行仍扣款" if policy.status == "terminated" else random.choice(("银行重复扣款", "误转，多交保险费", "交清后仍有扣款"))
        return account | {"asked": f"{overpaid(policy, day).free:.2f}", "why_text": why}
    if item == "PS03":
        return account | {"cover": str(policy.main.pk), "asked": "20000.00", "why": "money"}
    if item == "PS09":
        return account | {"asked": f"{random.choice((1000, 3000, 5000))}.00", "why_text": random.choice(("子女教育", "装修住房", "经营周转"))}
    return {"why": "money", "payee": policy.policyholder.name, "payee_bank": BANK["bank"], "payee_account": BANK["account"]}


def claim(item: str, policy: Policy, day: date, random: Random, *, big: bool) -> dict[str, Any]:
    event = (day - timedelta(days=random.randint(9, 25))).isoformat()
    common = {
        "event_on": event, "cause": "illness", "payee": policy.insured.name, "payee_relation": "本人",
        "payee_bank": BANK["bank"], "payee_account": BANK["account"],
    }  # fmt: skip
    if item == "CL01":
        heir = policy.beneficiaries.get()
        return common | {
            "description": "因病医治无效身故", "had_capacity": True, "payee": heir.name, "payee_relation": heir.relation,
        }
    illness, kind = random.choice(ILLNESSES)
    spent = random.randint(30000, 60000) if big else random.randint(6000, 9000)
    return common | {
        "description": f"因{illness}住院治疗", "diagnosis": illness, "hospital": "虚构人民医院", "admitted_on": event,
        "discharged_on": (day - timedelta(days=5)).isoformat(),
        "expenses": [
            {"category": kind, "invoiced": f"{spent}.00", "non_covered": "200.00", "over_limit": "0"},
            {"category": "检查", "invoiced": "1400.00", "non_covered": "0", "over_limit": "0"},
        ],
        "social_insurance": f"{spent * 6 // 10}.00", "other_paid": "0", "ss_used": True,
    }  # fmt: skip
