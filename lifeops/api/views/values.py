"""价值试算: what a policy would pay, cost or be worth on a day."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.api.base import Endpoint, read
from lifeops.api.documenting import says
from lifeops.api.shapes import value as shapes
from lifeops.cases.access import CASE_ROLES
from lifeops.cases.errors import Invalid
from lifeops.cases.value_form import ValueForm
from lifeops.cases.views.policy import get_policy


class ValuesView(Endpoint):
    access_roles = CASE_ROLES

    @says(
        "policies_values", "价值试算：金额与每一步算式；条款没有的、该日不能办的，以 400 在该字段说明（kind、day 或该项的字段）", tag="保单",
        takes=shapes.ValueBody, gives={200: shapes.ValueAnswer}, refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        policy = get_policy(request.user, number)
        given = read(shapes.ValueBody, request)
        kind, typed = given.pop("kind"), {name: value for name, value in given.items() if value is not None}
        form = ValueForm(typed, policy=policy, kind=kind, today=timezone.localdate())
        found = form.reckon()
        if found is None:
            # what the contract does not have at all belongs to the kind that was asked for
            raise Invalid({"kind" if name == "__all__" else name: list(map(str, words)) for name, words in form.errors.items()})
        told = {"kind": found.kind, "day": found.day, "title": found.title, "amount": found.amount, "lines": found.calculation.lines, "notes": found.notes}
        return Response(shapes.ValueAnswer(told).data)
