"""Demonstration: rules, company, documented accounts, customers, policies, and cases of every item in every state."""

from __future__ import annotations

import logging
from itertools import cycle
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from lifeops.demo.company import FULL, make_company
from lifeops.demo.customers import FIRST_BORN, Book
from lifeops.demo.dividends import participating
from lifeops.demo.inputs import ITEMS
from lifeops.demo.story import Story, ways
from lifeops.demo.watch import watch_lists
from lifeops.org.models import Branch
from lifeops.policies.models import Party, Policy
from lifeops.policies.services.life import run_policy_day

CASES, POLICIES, CUSTOMERS = 300, 500, 400
#: So many policies of each counter have had their day without the premium.
UNPAID = 3
#: The documented unit takes every second case, so that its people have work.
HOME = "86010101"
#: States that every branch shows, also those with a counter only.
COUNTER_STAGES = ("received", "returned")


class Command(BaseCommand):
    help = "装入演示数据（仅空库；生产环境拒绝）"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--if-empty", action="store_true", help="库中已有机构时什么也不做")
        parser.add_argument("--cases", type=int, default=CASES, help="案件数")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不装入演示数据")
        if Branch.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("库中已有机构，演示数据只装入空库")
        logging.disable(logging.INFO)  # one line per fifty cases tells more than one per act
        self.stdout.write("· 首次启动：装入规则与演示数据（约两分钟）…")
        with transaction.atomic():
            call_command("load_defaults", stdout=self.stdout)
            self.write(options["cases"])
        # outside the transaction: pictures are files, and each is drawn by a process of its own
        call_command("load_scans", "--sorted", stdout=self.stdout)
        logging.disable(logging.NOTSET)

    def write(self, number: int) -> None:
        company = make_company()
        book = Book(company.people["clerk.a"])
        story = Story(company, book, timezone.now())
        for done, (item, stage, team) in enumerate(self.plan(company, number), start=1):
            story.tell(item, stage, team)
            if done % 50 == 0:
                self.stdout.write(f"· 演示案件 {done} / {number}")
        self.fill_book(company, book, number)
        watch_lists(company.people["manager"], company.people["approver"])
        self.stdout.write(
            f"· 演示数据：员工 {len(company.people)} 人，客户 {Party.objects.count()} 人，保单 {Policy.objects.count()} 张，案件 {number} 件"
        )

    def plan(self, company: Any, number: int) -> list[tuple[str, str, Any]]:
        """Every item in every stage, at the documented unit and the others in turn."""
        teams = cycle([HOME, FULL[0], HOME, FULL[1], HOME, FULL[2], HOME, FULL[3]])
        small = cycle(code for code, team in company.teams.items() if not team.is_full)
        found: list[tuple[str, str, Any]] = []
        for item, stage in cycle(ways(ITEMS)):
            if len(found) == number:
                return found
            code = next(small) if stage in COUNTER_STAGES and len(found) % 3 == 0 else next(teams)
            found.append((item, stage, company.teams[code]))
        return found

    def fill_book(self, company: Any, book: Book, number: int) -> None:
        """Customers and policies without a case, so that searching and looking up is like at work."""
        branches = [team.branch for team in company.teams.values()]
        # annuitants are too old for what is sold here
        people = list(Party.objects.filter(died_on__isnull=True, birth_date__year__gte=FIRST_BORN).order_by("pk")[:CUSTOMERS])
        wanted = CUSTOMERS if number >= CASES else number
        people += [book.customer() for _ in range(max(0, wanted - len(people)))]
        for done in range(len(branches) * (UNPAID if number >= CASES else 1)):
            book.unpaid_policy(people[done % len(people)], branches[done % len(branches)])
        participating(book, list(company.teams.values()), company.people["manager"], company.people["approver"])
        for done in range(max(0, (POLICIES if number >= CASES else number) - Policy.objects.count())):
            insured = people[(done * 7) % len(people)]
            book.old_policy(insured, ("M10", "T20", "W30")[done % 3], branches[done % len(branches)])
        run_policy_day(timezone.localdate())
