"""Invented customers and their policies: region 99 of the identity numbers does not exist."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from lifeops.org.models import Branch, User
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Party, Policy, ProductVersion
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.issuing import deliver_policy, issue_policy
from lifeops.policies.services.lending import lend
from lifeops.policies.services.life import bring_to
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.quoting import quote
from lifeops.policies.services.reinstating import due_for_reinstatement

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = {
    "M": ("建国", "志强", "文博", "国庆", "晓东", "一鸣", "浩然", "立新", "海波", "思远", "俊杰"),
    "F": ("秀英", "丽华", "雨桐", "海燕", "子涵", "晓梅", "静怡", "若兰", "慧敏", "佳宁", "欣悦"),
}
#: product → (cover term, pay term, pay mode, sum assured in 元)
PLANS: dict[str, tuple[tuple[str, str, str, int], ...]] = {
    "M10": (("1Y", "SINGLE", "single", 300000),),
    "T20": (("20Y", "20Y", "annual", 500000), ("20Y", "10Y", "annual", 300000)),
    "W30": (("WHOLE_LIFE", "SINGLE", "single", 200000), ("WHOLE_LIFE", "10Y", "annual", 100000)),
    "W31": (("WHOLE_LIFE", "10Y", "annual", 100000),),
}


#: The years in which the customers were born; nobody is too old for the plans.
FIRST_BORN, LAST_BORN = 1972, 2002


def _has_grown_child(insured: Party) -> bool:
    return insured.birth_date is not None and insured.birth_date.year <= 1982


class Book:
    """Writes customers and policies; the same seed gives the same people."""

    def __init__(self, actor: User, seed: int = 2026) -> None:
        self.actor, self.random, self.made = actor, Random(seed), 0
        self.versions = {code: ProductVersion.objects.get(product__code=code) for code in PLANS}

    def identity(self, sex: str, born: date) -> str:
        self.made += 1
        # odd sequences are men's; each birth day has room for all of them
        return compose_card(region="990101", birth_date=born, sequence=(self.made * 2) % 998 + (sex == "M"))

    def particulars(self, *, young: bool = False) -> dict[str, Any]:
        """A person who is not on file yet."""
        sex = self.random.choice("MF")
        born = date(self.random.randint(1984 if young else FIRST_BORN, LAST_BORN), self.random.randint(1, 12), self.random.randint(1, 28))
        return {
            "name": self.random.choice(SURNAMES) + self.random.choice(GIVEN[sex]), "sex": sex, "birth_date": born,
            "id_number": self.identity(sex, born), "id_valid_to": date(2041, 1, 1),
            "phone": f"1990{1000000 + self.made:07d}", "address": f"样本市样本区样本路 {self.made} 号",
        }

    def customer(self) -> Party:
        return Party.objects.create(**self.particulars())

    def policy(self, insured: Party, product: str, branch: Branch, *, effective_on: date, signed_on: date, plan: int | None = None) -> Policy:
        """A delivered policy on the insured's own life, with a beneficiary where it covers death."""
        cover, pay, mode, amount = self.random.choice(PLANS[product]) if plan is None else PLANS[product][plan]
        version = self.versions[product]
        premium = quote(
            version=version, sex=insured.sex, age=insured.age(effective_on) or 0, cover_term=cover, pay_term=pay, pay_mode=mode,
            sum_assured=Decimal(amount),
        )
        relation, sex = ("子女", "F") if _has_grown_child(insured) else ("父母", "M")
        heir = {"name": insured.name[:1] + self.random.choice(GIVEN[sex]), "relation": relation, "order": 1, "share_pct": "100"}
        issued = issue_policy(
            case_number="", branch=branch, agent_code=f"A{self.random.randint(1000, 1999)}", policyholder=insured, insured=insured,
            relation="self", applied_on=effective_on, effective_on=effective_on, pay_mode=mode,
            coverages=[{
                "version": version, "sum_assured": Decimal(amount), "cover_term": cover, "pay_term": pay, "premium": premium.standard,
            }],
            beneficiaries=[] if product == "M10" else [heir], actor=self.actor, now=timezone.now(),
        )
        return deliver_policy(policy=issued, signed_on=signed_on)

    def survivor(self, policy: Policy) -> Party:
        """The beneficiary of a policy, who comes with the death claim."""
        heir, born = policy.beneficiaries.get(), policy.insured.birth_date
        assert born is not None
        child = heir.relation == "子女"
        born, sex = add_years(born, 25 if child else -25), "F" if child else "M"
        return Party.objects.create(
            **self.particulars() | {"name": heir.name, "sex": sex, "birth_date": born, "id_number": self.identity(sex, born)}
        )

    def old_policy(self, insured: Party, product: str, branch: Branch, plan: int | None = None) -> Policy:
        """Between four and eleven months old, so that every instalment due has been paid."""
        effective = timezone.localdate() - timedelta(days=self.random.randint(120, 340))
        return self.policy(insured, product, branch, effective_on=effective, signed_on=effective + timedelta(days=4), plan=plan)

    def yearly_policy(self, insured: Party, branch: Branch, begun: date) -> Policy:
        """Whole life over ten yearly premiums, those that fell due before `begun` paid."""
        effective = add_years(begun - timedelta(days=self.random.randint(90, 250)), -2)
        policy = self.policy(insured, "W30", branch, effective_on=effective, signed_on=effective + timedelta(days=4), plan=1)
        for year in (1, 2):
            self.pay(policy, policy.main.premium, add_years(effective, year))
        return Policy.objects.get(pk=policy.pk)

    def suspended_policy(self, insured: Party, branch: Branch, begun: date) -> Policy:
        """Whose second premium was not paid, suspended some weeks before `begun`; what is to be paid in came on that day."""
        effective = add_years(begun - timedelta(days=self.random.randint(90, 160)), -1)
        policy = self.policy(insured, "W30", branch, effective_on=effective, signed_on=effective + timedelta(days=4), plan=1)
        with transaction.atomic():
            bring_to(Policy.objects.select_for_update(of=("self",), no_key=True).select_related("insured").get(pk=policy.pk), begun)
        lapsed = Policy.objects.get(pk=policy.pk)
        self.pay(lapsed, due_for_reinstatement(lapsed, begun, with_debts=False).due.amount, begun)
        return Policy.objects.get(pk=policy.pk)

    def long_suspended_policy(self, insured: Party, branch: Branch, begun: date) -> Policy:
        """Whose second premium was not paid either; the two years of 复效 are over by `begun`."""
        effective = add_years(begun - timedelta(days=self.random.randint(70, 160)), -3)
        policy = self.policy(insured, "W30", branch, effective_on=effective, signed_on=effective + timedelta(days=4), plan=1)
        with transaction.atomic():
            bring_to(Policy.objects.select_for_update(of=("self",), no_key=True).select_related("insured").get(pk=policy.pk), begun)
        return Policy.objects.get(pk=policy.pk)

    def lent_policy(self, insured: Party, branch: Branch, begun: date) -> Policy:
        """With a loan some months old."""
        policy = self.old_policy(insured, "W30", branch, plan=0)
        day = max(begun - timedelta(days=self.random.randint(30, 100)), policy.effective_on + timedelta(days=60))
        lend(policy=policy, case_number="", amount=Decimal(2000), day=day, actor=self.actor, now=timezone.now())
        return Policy.objects.get(pk=policy.pk)

    def pay(self, policy: Policy, amount: Decimal, day: date) -> None:
        fresh = Policy.objects.get(pk=policy.pk)
        receive_premium(policy=fresh, amount=amount, received_on=day, reference=f"B{policy.number}{day:%y%m}", actor=self.actor, now=timezone.now())

    def unpaid_policy(self, insured: Party, branch: Branch) -> Policy:
        """Whose second yearly premium was not paid: the grace has run out in the last weeks, or runs out soon."""
        effective = timezone.localdate() - timedelta(days=self.random.randint(415, 460))
        return self.policy(insured, "T20", branch, effective_on=effective, signed_on=effective + timedelta(days=4), plan=0)
