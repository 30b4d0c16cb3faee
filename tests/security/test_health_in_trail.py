"""What a person says about health is encrypted where it is keyed, and does not stand in clear in the trail."""

from __future__ import annotations

import pytest

from lifeops.cases.perform import perform
from tests.factories import accept, accept_proposal, again, overrides_at_counter, proposal_inputs, servicing_inputs

SAID = "甲状腺结节手术"


def health(note=SAID):
    return [{"code": str(n), "answer": "是" if n == 4 else "否", "note": note if n == 4 else ""} for n in range(1, 16)]


@pytest.mark.parametrize("item", ["PS07", "NB01"])
def test_the_trail_tells_that_it_was_said_and_not_what(cast, item):
    case = accept_proposal(cast, item=item) if item == "NB01" else accept(cast, item=item)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    given = proposal_inputs(item) if item == "NB01" else servicing_inputs(item, case.policy)
    perform(case, "save_record", actor=cast.entry, **given)
    perform(again(case), "save_record", actor=cast.entry, **(given | {"health": health()}))
    changes = again(case).events.get(seq=again(case).event_seq).data["changes"]
    assert SAID not in str(changes) and "肿瘤" not in str(changes)
    assert [(row["label"].partition("·")[2], row["before"], row["after"]) for row in changes if "第 4 项" in row["label"]] == [("第 4 项", "", "已说明")]
    perform(again(case), "save_record", actor=cast.entry, **(given | {"health": health("又一次手术")}))
    (row,) = again(case).events.get(seq=again(case).event_seq).data["changes"]
    assert row["after"] == "已说明（已改）"
