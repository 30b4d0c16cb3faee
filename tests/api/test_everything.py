"""What a page takes, the interface takes: every address that forms are sent to has its counterpart, or says why it needs none."""

from __future__ import annotations

from typing import Any

from lifeops.administration.registry import site
from lifeops.api.configuring import KINDS
from tests.architecture.walk import addresses

#: Page that takes forms → endpoints that do the same.
SAME = {
    "login": ("token",), "logout": ("token",), "password": ("password",), "cases:preview": ("preview",), "cases:step": ("step",),
    "cases:next": ("next",), "cases:request_step": ("request_step",), "cases:search": ("search",), "intake:counter": ("cases",),
    "intake:find": ("search",), "intake:handout": ("letters", "letter_print"), "intake:hand_over": ("hand_overs",),
    "intake:settlement": ("settlements",), "intake:precheck": ("step",), "intake:papers": ("papers",), "intake:entry": ("record", "step"),
    "intake:handover": ("step",), "notices:read": ("notices_read",), "documents:upload": ("documents",), "documents:page_state": ("page",),
    "documents:letter_issue": ("letters",), "documents:letter_print": ("letter_print",), "documents:statement_issue": ("statement",),
    "documents:notices_print": ("policy_notice_print",), "documents:notice_sent": ("policy_notice_sent",),
    "documents:requests_print": ("request_print",), "documents:request_print": ("request_print",), "org:changes": ("people",),
    "org:new": ("changes",), "org:change": ("change_decide",), "org:change_password": ("change_password",),
    "org:products": ("products_preview", "products"), "org:absences": ("absences",), "org:absence_end": ("absence_end",),
    "insight:person": ("reassignments",), "archive:paper": ("letters", "letter_print"), "archive:hand_over": ("step",), "archive:leg": ("legs",),
    "archive:receipt": ("step",), "archive:give_back": ("originals",), "archive:payment_act": ("payment_act",), "archive:filing_case": ("step",),
    "archive:volume": ("volume_loans",), "archive:loans": ("volume_loans",), "archive:loan_act": ("loan_act",), "policies:quote": ("quotes",),
    "policies:values": ("policy_values",), "policies:hold": ("holds",), "policies:lift": ("hold_lift",), "policies:recover": ("recover",), "policies:recover_act": ("recover_decide",),
    "policies:customer_reveal": ("customer_reveal",), "policies:customer_add": ("particulars",), "policies:customer_end": ("particular_end",),
    "policies:customer_duplicates": ("candidates",), "policies:dividends": ("dividends",), "policies:dividend_act": ("dividend_decide",),
    "policies:duplicate_act": ("duplicate_act",), "policies:watch_lists": ("watch_lists",), "policies:watch_list_act": ("watch_list_decide",),
    "policies:watch_hit": ("watch_hit_judge",),
}  # fmt: skip
#: What only a page needs: the draft of a form that is open in a browser, the side of the counter's form, the probes.
OF_PAGES = {"cases:draft", "intake:refresh", "health_live", "health_ready"}


def methods_of(view: Any) -> list[str] | None:
    """The methods that Django's decorators let through to a view, however deep they lie; None where none of them is there."""
    seen, ahead = set(), [view]
    while ahead:
        part = ahead.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        names = getattr(getattr(part, "__code__", None), "co_freevars", ())
        for name, cell in zip(names, getattr(part, "__closure__", None) or (), strict=False):
            if name == "request_method_list":
                return list(cell.cell_contents)
            if callable(cell.cell_contents):
                ahead.append(cell.cell_contents)
        ahead.append(getattr(part, "__wrapped__", None))
    return None


def test_every_page_that_takes_a_form_has_its_endpoint():
    taking = {a.name for a in addresses() if not a.is_api and not a.apart and "POST" in (methods_of(a.view) or ["POST"])}
    assert taking == set(SAME) | OF_PAGES
    endpoints = {a.name.removeprefix("api:") for a in addresses() if a.is_api}
    assert [(page, name) for page, names in SAME.items() for name in names if name not in endpoints] == []


def test_whatever_the_administration_writes_the_interface_writes():
    written = {model._meta.label_lower for model, admin in site._registry.items() if getattr(admin, "writers", ())}
    writable = {label for label in KINDS.values() if site.admin_of(label).writers}
    assert written == writable
