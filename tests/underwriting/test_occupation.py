"""职业 of the proposal: from the list with its class, or free text with a class chosen by hand."""

from __future__ import annotations

import pytest
from django.utils import timezone

from lifeops.cases.perform import perform
from tests.factories import accept_proposal, again, proposal_inputs
from underwriting.models import Proposal

pytestmark = pytest.mark.django_db


def keyed(cast, **fields):
    from intake.services import precheck_specs

    case = accept_proposal(cast)
    warned = [f.code for f in precheck_specs(case, timezone.now()) if f.level == "warn"]
    perform(case, "pass_precheck", actor=cast.clerk, overrides=dict.fromkeys(warned, "已核对原件"))
    perform(case, "save_record", actor=cast.entry, **proposal_inputs(**fields))
    return Proposal.objects.get(case_id=again(case).pk)


def test_the_occupation_is_kept_and_shown(cast):
    record = keyed(cast, holder_occupation="L007", holder_occupation_class="2")
    assert record.holder_occupation == record.insured_occupation == "L007 外勤业务人员"


def test_a_class_other_than_that_of_the_list_is_refused(cast):
    from lifeops.cases.errors import Invalid

    with pytest.raises(Invalid) as caught:
        keyed(cast, holder_occupation="L013 货车司机", holder_occupation_class="1")
    assert caught.value.errors == {"holder_occupation_class": ["职业表中“货车司机”为 4 类"]}


def test_free_text_stays(cast):
    assert keyed(cast, holder_occupation="非遗传承人").holder_occupation == "非遗传承人"
