"""What is invisible is not kept: two names that look alike are alike, and nothing turns a line round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeops.cases.errors import Invalid
from lifeops.cases.perform import perform
from lifeops.org.text import visible
from lifeops.policies.services.parties import find_or_create_party
from tests.factories import accept, again, claim_inputs, make_party, overrides_at_counter

TRICKS = ["测试\u200b人", "\u202e测试人", "测试人\ufeff", "测\u2066试\u2069人", "测试\u00ad人", "\u2028测试人", "测试\x1b人"]


@pytest.mark.parametrize("name", TRICKS)
def test_a_name_is_what_is_seen_of_it(db, name):
    assert make_party(name=name).name == "测试人"
    assert find_or_create_party(name=name, id_type="passport", id_number="E1234567").name == "测试人"


def test_a_payee_who_looks_like_the_insured_is_the_insured(cast):
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    name = case.policy.insured.name
    perform(case, "save_record", actor=cast.entry, **claim_inputs(payee=f"{name[:2]}\u200b{name[2:]}\u202c"))
    assert again(case).record.payee == name


def test_text_in_rows_of_tables_is_cleaned_too(cast):
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    rows = [{"category": "药\u202e品", "invoiced": "12000.00", "non_covered": "0", "over_limit": "0"}]
    perform(case, "save_record", actor=cast.entry, **claim_inputs(expenses=rows))
    assert again(case).record.expenses[0]["category"] == "药品"


def test_a_text_of_nothing_but_the_invisible_is_no_text(cast):
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **claim_inputs(payee="\u200b\u200b"))
    assert "payee" in caught.value.errors


def test_a_nul_is_refused_and_not_swallowed(cast):
    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    with pytest.raises(Invalid) as caught:
        perform(case, "save_record", actor=cast.entry, **claim_inputs(payee="测试\x00"))
    assert "payee" in caught.value.errors


@given(st.text())
def test_cleaning_twice_is_cleaning_once_and_line_ends_stay(text):
    once = visible(text)
    assert visible(once) == once
    assert once.count("\n") == text.count("\n")
    assert visible({"a": [text, 1, None]}) == {"a": [once, 1, None]}


@pytest.mark.parametrize("length", [2_000_001, 9_000_000])
def test_a_huge_body_is_refused_before_it_is_read_as_json(cast, as_user, length):
    client = as_user(cast.clerk)
    told = client.post("/api/v1/search/", b'{"q":"' + b"x" * length + b'"}', content_type="application/json")
    assert told.status_code == 413 and "请求过大" in told.json()["detail"]
    assert client.post("/api/v1/search/", b'{"q":"x"}' + b" " * 1_000_000, content_type="application/json").status_code == 200
