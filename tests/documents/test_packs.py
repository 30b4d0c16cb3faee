"""批打: the letters of a noon in one file, under the list that is signed for."""

from __future__ import annotations

import pypdfium2
import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from lifeops.cases.models import Request
from lifeops.cases.perform import perform
from lifeops.cases.requests import issue_request
from lifeops.cases.states import RequestState
from lifeops.documents.models import LetterCopy
from tests.documents.letter_reading import printed
from tests.factories import again, handed_over

pytestmark = pytest.mark.django_db
URL = "documents:requests_print"


def issued(cast, **fields):
    case = handed_over(cast)
    perform(case, "take", actor=cast.cl_reviewer)
    return issue_request(case=again(case), actor=cast.cl_reviewer, **({"kind": "query", "addressee": "customer", "cause": "核实", "extra": "请补充", "due_days": 10} | fields))


def states():
    return sorted(Request.objects.values_list("state", flat=True))


def test_ticked_letters_come_in_one_file_under_a_list_of_them_each_counted_as_printed(cast, as_user):
    first, second, third = issued(cast), issued(cast), issued(cast)
    client = as_user(cast.query)
    page = client.get(reverse("cases:requests"), {"tab": "print"}).content.decode()
    assert all(f'value="{item.number}"' in page for item in (first, second, third))
    answer = client.post(reverse(URL), {"request": [first.number, second.number]})
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "private, no-store"
    text = printed(answer.content)
    assert "发放交接清单" in text and text.count(first.number) >= 2 and text.count(second.number) >= 2 and third.number not in text
    assert f"{first.due_on}前回复" in text and cast.query.name in text
    assert len(pypdfium2.PdfDocument(answer.content)) >= 3
    assert states() == [RequestState.ISSUED, RequestState.PRINTED, RequestState.PRINTED]
    assert LetterCopy.objects.filter(letter__request__in=[first, second], by=cast.query).count() == 2


def test_what_is_printed_already_or_of_another_unit_or_not_ticked_is_not_printed_again(cast, as_user):
    letter = issued(cast)
    for who, chosen in ((cast.other_query, [letter.number]), (cast.query, []), (cast.query, ["查无此号\0"[:4]])):
        answer = as_user(who).post(reverse(URL), {"request": chosen})
        assert answer.url.endswith("?tab=print") and "没有可打印的函件" in str(next(iter(get_messages(answer.wsgi_request))))
    assert states() == [RequestState.ISSUED]
    as_user(cast.query).post(reverse(URL), {"request": [letter.number]})
    assert as_user(cast.query).post(reverse(URL), {"request": [letter.number]}).status_code == 302
    assert LetterCopy.objects.filter(letter__request=letter).count() == 1


@pytest.mark.parametrize("who", ["clerk", "cl_reviewer", "manager", "auditor", "issue"])
def test_only_those_who_carry_letters_out_print_them(cast, as_user, who):
    letter = issued(cast)
    assert as_user(getattr(cast, who)).post(reverse(URL), {"request": [letter.number]}).status_code == 403
    assert "打印所选" not in as_user(getattr(cast, who)).get(reverse("cases:requests"), {"tab": "print"}).content.decode()
    assert states() == [RequestState.ISSUED]
