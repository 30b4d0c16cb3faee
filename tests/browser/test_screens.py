"""Every screen that a post's menu and home page lead to: no fault of a script, nothing cut off, all in Chinese, inputs named."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from lifeops.cases.perform import perform
from lifeops.cases.requests import issue_request
from tests.archive import ways
from tests.browser.looks import LEADS, SIZES, faults
from tests.factories import accept, again, handed_over, make_policy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

POSTS = (
    "clerk", "entry", "scan", "query", "investigator", "issue", "archive", "head", "underwriter2", "ps_reviewer2", "cl_reviewer2",
    "approver_high", "manager", "auditor", "sysadmin", "secadmin",
)
#: A case is told from another by its number alone: one of each page is looked at.
NUMBERS = re.compile(r"[\dA-Z]{8,}(-[A-Z\d]+)+|(?<=/)\d+(?=/)|(?<==)[\d-]+$")
MOST = 14
#: So many posts look at the same page.
ENOUGH = 4


def work_of_all_kinds(cast):
    """Cases at each stage, so that lists have rows and pages have something to show."""
    ways.filed(cast)
    ways.released(cast, how="mail")
    ways.approved(cast)
    accept(cast)
    accept(cast, gaps=["发票"])
    case = accept(cast, item="PS14")
    perform(case, "pass_precheck", actor=cast.clerk, overrides={"J08": "已核对"})
    for kind in ("query", "investigation"):
        case = handed_over(cast)
        perform(case, "take", actor=cast.cl_reviewer)
        to = "customer" if kind == "query" else "branch"
        issue_request(case=again(case), actor=cast.cl_reviewer, kind=kind, addressee=to, cause="核实", extra="请补充", due_days=10)
    for who, item in (("cl_reviewer2", "CL05"), ("ps_reviewer2", "PS14"), ("underwriter2", "NB01")):
        handed_over(cast, item=item)
        perform(handed_over(cast, item=item), "take", actor=getattr(cast, who))
    make_policy(cast.county, cast.clerk)


def test_every_screen_of_every_post(screens, transactional_cast):
    cast = transactional_cast
    work_of_all_kinds(cast)
    seen: dict[str, list[str]] = {}
    widths: Counter[str] = Counter()
    looked = 0
    for who in POSTS:
        screen = screens()
        answers: list[str] = []
        screen.page.on("response", lambda r, answers=answers: answers.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        screen.page.on("console", lambda m, answers=answers: answers.append(m.text) if m.type == "error" else None)
        screen.sign_in(getattr(cast, who))
        todo, done = ["/"], set()
        while todo and len(done) < MOST:
            address = todo.pop(0)
            shape = NUMBERS.sub("…", address)
            if shape in done or (address != "/" and widths[shape] == ENOUGH):
                continue
            done.add(shape)
            screen.page.set_viewport_size({"width": 1366, "height": 768})
            screen.goto(address)
            todo += screen.evaluate(LEADS)
            looked += 1
            # every width once for a page, the common one for every post that comes to it
            for line in [*faults(screen.page, SIZES if not widths[shape] else SIZES[:1]), *answers]:
                seen.setdefault(f"{shape} {line}", []).append(who)
            widths[shape] += 1
            answers.clear()
        screen.context.close()
    wrong = [f"{line}：{'、'.join(who)}" for line, who in seen.items()]
    assert looked > 5 * len(POSTS) and len(widths) > 40
    assert wrong == []
