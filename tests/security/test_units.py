"""机构代码 is one step of a path: nothing in it may look like two."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from lifeops.org.models import Branch, Level

BAD = ["8601/01", "/", "86%", "86_1", "86 01", "８６", "86\n", "86\u200b01", "86..", "86'--"]


def unit(cast, code):
    return Branch(code=code, name="假机构", short_name="假机构", level=Level.COUNTY, parent=cast.other_province)


@pytest.mark.parametrize("code", BAD)
def test_a_code_of_more_than_one_step_is_refused_by_model_and_database(cast, code):
    with pytest.raises(ValidationError, match="机构代码"):
        unit(cast, code).full_clean(exclude=["path"])
    with pytest.raises(IntegrityError), transaction.atomic():
        unit(cast, code).save()


@pytest.mark.parametrize("code", ["8601/01", "86%", "86 01"])
def test_the_form_says_so_at_the_field(cast, as_user, code):
    given = {"code": code, "name": "假机构", "short_name": "假", "level": "4", "parent": str(cast.other_province.pk), "active": "on"}
    page = as_user(cast.sysadmin).post("/admin/org/branch/add/", given)
    assert page.status_code == 200 and "机构代码只能用数字、字母和横线" in page.content.decode()
    assert not Branch.objects.filter(name="假机构").exists()


@pytest.mark.parametrize("code", ["86020102", "8602-A1", "8602AB"])
def test_plain_codes_are_taken(cast, as_user, code):
    given = {"code": code, "name": "新机构", "short_name": "新", "level": "4", "parent": str(cast.other_province.pk), "active": "on"}
    assert as_user(cast.sysadmin).post("/admin/org/branch/add/", given).status_code == 302
    assert Branch.objects.get(code=code).path == f"{cast.other_province.path}{code}/"
