"""Of every step it is decided whether somebody else is told: a notice is never forgotten for want of a line."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from lifeops.cases import table
from lifeops.cases.models import CaseEvent, Request
from lifeops.cases.perform import perform
from lifeops.cases.requests import perform_request
from lifeops.cases.routing import DECISIONS, READERS, is_told, readers
from tests.factories import handed_over

#: Steps that concern nobody but the one who takes them, or the unit that sees the case in its list anyway.
QUIET = {
    # at the counter: the list of work of the unit
    "pass_precheck", "return_for_correction", "resubmit", "save_record", "complete_entry", "complete_scan", "hand_over",
    "reopen_capture",
    # in the pool and on one's own desk
    "take", "hand_back", "suspend", "resume", "mark_complex",
    # afterwards: the lists of release and filing
    "release", "register_receipt", "file",
    # of a letter: the branch works on its own letters, the reviewer learns of the answer and of the waking
    "request.print_out", "request.reprint", "request.deliver", "request.log_contact", "request.close",
}
#: Told by where they lead, not by their name.
BY_STATE = {"conclude", "approve"}


def every_step() -> set[str]:
    found = set()
    for _title, model, states in table.machines():
        prefix = "request." if issubclass(model, Request) else ""
        found |= {prefix + row.name for row in table.rows(model, states)}
    return found


def test_of_every_step_it_is_decided_whether_somebody_is_told():
    decided = QUIET | BY_STATE | set(READERS)
    assert every_step() - decided == set(), "新步骤须写入 routing.READERS（通知谁），或在此列为不通知"


def test_nobody_is_told_of_steps_that_do_not_exist():
    written = {"request.urge"}  # by the sweep, not by a step
    assert set(READERS) - every_step() == written
    assert (QUIET | BY_STATE) - every_step() == set()
    assert QUIET & set(READERS) == set()


def test_what_is_told_by_its_state_does_lead_there():
    leading = {row.name for _, model, states in table.machines() for row in table.rows(model, states)
               if set(row.targets) & set(DECISIONS)}
    assert leading - set(READERS) == BY_STATE
    assert all(is_told(CaseEvent(step=name, from_state="in_review", to_state=state)) for name in BY_STATE for state in DECISIONS)
    assert not is_told(CaseEvent(step="conclude", from_state="in_review", to_state="pending_approval"))


def test_the_second_reckoning_of_clocks_shares_no_code_with_the_first():
    text = (Path(settings.BASE_DIR) / "tests/cases/clock_oracle.py").read_text(encoding="utf-8")
    assert re.findall(r"^\s*(?:from|import)\s+(\S+)", text, re.M) == ["__future__"]


def test_who_carries_a_letter_out_is_told_when_it_is_given_prolonged_or_called_off(cast):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    perform(case, "issue_request", actor=cast.cl_reviewer, kind="query", addressee="customer", cause="医疗资料", contents=["CQ02"],
            blocking=True, due_days=10)
    letter = case.requests.get()
    later = (letter.due_on + timedelta(days=3)).isoformat()
    prolonged = perform_request(letter, "extend", actor=cast.cl_reviewer, due_on=later, reason="客户住院")
    assert readers(prolonged) == [cast.query]  # nobody is named: the desk
    given = perform_request(letter, "assign_handler", actor=cast.head, handler=cast.investigator.username)
    assert readers(given) == [cast.investigator]
    off = perform_request(letter, "cancel", actor=cast.cl_reviewer, reason="资料已在卷")
    assert readers(off) == [cast.investigator]
    assert all(CaseEvent.objects.get(pk=e.pk).published_at is None for e in (given, prolonged, off))
