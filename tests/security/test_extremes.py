"""Numbers beyond every limit are said at their field; nothing breaks."""

from __future__ import annotations

import re

import pytest
from django import forms

from lifeops.cases import registry
from lifeops.cases.quote_form import QuoteForm, on_sale
from tests.factories import make_policy

WILD = ["-1", "-0.01", "1e400", "NaN", "Infinity", "-Infinity", "9" * 400, "1e-400", "0.00001", "९", "1_0", "0x10", " ", "--1"]
BARE = re.compile(r"(?<!%)(?:%%)*%(?![%(])")


def fields_of(form):
    return list((form.fields if isinstance(form, forms.Form) else form.base_fields).items())


def all_forms(db):
    from django.utils import timezone

    found = [registry.resolve(line.decision_form) for line in registry.lines()]
    found += [registry.resolve(item.form) for line in registry.lines() for item in line.items]
    return found + [QuoteForm(version=version) for version in on_sale(timezone.localdate())]


def test_a_percent_sign_in_a_message_is_written_twice(db):
    """Django fills limits into these messages: a bare % breaks the page at the very moment the message is due."""
    told = ("min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits", "min_length", "max_length", "invalid_choice", "invalid")
    wrong = [
        (type(form).__name__ if isinstance(form, forms.Form) else form.__name__, name, code)
        for form in all_forms(db)
        for name, field in fields_of(form)
        for code, words in field.error_messages.items()
        if code in told and BARE.search(str(words))
    ]
    assert wrong == []


@pytest.mark.parametrize("wild", WILD)
def test_every_number_of_every_form_takes_or_refuses_with_words(db, wild):
    for form in all_forms(db):
        for name, field in fields_of(form):
            if not isinstance(field, forms.DecimalField | forms.IntegerField | forms.DateField):
                continue
            try:
                field.clean(wild)
            except forms.ValidationError as error:
                assert all(str(message) for message in error.messages), name


@pytest.mark.parametrize("field", ["em_percent", "per_mille", "sum_assured", "premium", "age"])
def test_a_quote_with_wild_numbers_is_answered(cast, as_user, field):
    make_policy(cast.county, cast.clerk)
    client = as_user(cast.clerk)
    body = {"product": "T20", "sex": "M", "age": 30, "cover_term": "20Y", "pay_term": "20Y", "pay_mode": "annual", "sum_assured": "200000"}
    for wild in WILD:
        told = client.post("/api/v1/quotes/", body | {field: wild}, content_type="application/json")
        assert told.status_code in (200, 400, 403), (field, wild)
        page = client.post("/policies/quote/?product=T20", {**body, field: wild})
        assert page.status_code in (200, 400), (field, wild)
