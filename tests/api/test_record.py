"""录入资料 over the interface: in full where the page shows it so, to the same people, and taken back as it was told."""

from __future__ import annotations

import pytest
from django.utils import timezone

from intake.services import precheck_specs
from lifeops.cases.perform import perform
from tests.api.calls import ROOT
from tests.factories import accept, accept_proposal, again, inputs_for, proposal_inputs

#: Item → what its record holds in full, as keyed.
SECRETS = {
    "CL05": lambda given: given["payee_account"],
    "PS13": lambda given: given["beneficiaries"][0]["id_number"],
    "PS14": lambda given: given["phone"],
    "NB01": lambda given: given["holder_id_number"],
}


def keyed(cast, item):
    """A case whose record is saved, and what was keyed."""
    case = accept_proposal(cast, item=item) if item.startswith("NB") else accept(cast, item=item)
    warned = [found.code for found in precheck_specs(case, timezone.now()) if found.level == "warn"]
    perform(case, "pass_precheck", actor=cast.clerk, overrides=dict.fromkeys(warned, "已核对"))
    given = proposal_inputs(item) if item.startswith("NB") else inputs_for(case)
    perform(case, "save_record", actor=cast.entry, **given)
    return again(case), given


@pytest.mark.parametrize("item", SECRETS)
def test_who_keys_a_record_reads_it_back_and_sends_it_again(cast, api, item):
    case, given = keyed(cast, item)
    client, url = api(cast.entry), f"{ROOT}/cases/{case.number}/record/"
    answer = client.get(url)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert SECRETS[item](given) in answer.content.decode()
    saved = client.put(url, answer.json(), format="json")
    assert saved.status_code == 200, saved.json()
    assert again(case).events.get(seq=again(case).event_seq).data["changes"] == []
    assert client.get(url).json() == answer.json() | {"version": answer.json()["version"] + 1}
    # the case itself stays masked, to him as well
    assert SECRETS[item](given) not in client.get(f"{ROOT}/cases/{case.number}/").content.decode()


WHO = {
    "clerk": 403, "scan": 403, "query": 403, "head": 403, "manager": 403, "auditor": 403, "sysadmin": 403, "other_entry": 404,
    "underwriter": 404, "entry": 200,
}  # fmt: skip


@pytest.mark.parametrize(("who", "status"), WHO.items())
def test_nobody_else_reads_it_in_full_here_or_on_the_page(cast, api, as_user, who, status):
    case, given = keyed(cast, "CL05")
    person, number = getattr(cast, who), given["payee_account"]
    answer = api(person).get(f"{ROOT}/cases/{case.number}/record/")
    page = as_user(person).get(f"/intake/{case.number}/entry/")
    assert answer.status_code == status
    assert (number in answer.content.decode(), number in page.content.decode()) == ((status == 200),) * 2
    if status == 403 and who != "sysadmin":
        assert answer.json()["who"] == "录入岗" and page.status_code == 302


def test_once_it_is_keyed_nobody_reads_it_in_full(cast, api, as_user):
    case, given = keyed(cast, "CL05")
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    answer = api(cast.entry).get(f"{ROOT}/cases/{case.number}/record/")
    page = as_user(cast.entry).get(f"/intake/{case.number}/entry/", follow=True)
    assert answer.status_code == 403
    assert given["payee_account"] not in answer.content.decode() + page.content.decode()
    # what was sent back is keyed, and read, again
    perform(case, "reopen_capture", actor=cast.entry, reason="更正")
    assert given["payee_account"] in api(cast.entry).get(f"{ROOT}/cases/{case.number}/record/").content.decode()
