"""变更申请: posts, limits and accounts change as one person asks and another decides, here as on the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.administration.forms import FORMS
from lifeops.administration.orders import OPS, decide, decision_refusals, hand_out, hand_out_refusals, op_for, propose
from lifeops.administration.views import KEEPERS, age_of, find_people, orders_about, ways_for
from lifeops.api.base import Endpoint, body, page_of, read
from lifeops.api.documenting import CURSOR, form_body, query, says
from lifeops.api.shapes import order as shapes
from lifeops.api.stepping import through
from lifeops.cases.errors import Invalid
from lifeops.org.models import ChangeOrder, Posting, Role, User
from lifeops.org.requests import whole_number

TAG = "机构与人员"
MOST = 10**18
#: The whole company's orders wait in few rows; whose they are stands in the order, and who may decide is asked of each.
ORDERS = ChangeOrder.objects.select_related("requested_by", "decided_by")


def detail(order: ChangeOrder, user: User) -> dict[str, Any]:
    """As `OrderDetail` shows it: the order, and what of it is this person's to do."""
    is_open = order.state == ChangeOrder.State.OPEN
    return {
        **shapes.OrderShape(order).data, "refusals": decision_refusals(order, user) if is_open else [],
        "password_waits": not hand_out_refusals(order, user, timezone.now()),
    }  # fmt: skip


def order_of(pk: int) -> ChangeOrder:
    found = ORDERS.filter(pk=pk).first() if pk < MOST else None
    if found is None:
        raise Http404("没有这项申请")
    return found


def person_of(staff_no: str) -> User | None:
    return User.objects.select_related("branch").filter(staff_no=staff_no).first()


def order_body() -> dict[str, Any]:
    """All fields of all kinds; which of them are asked for depends on `op`."""
    found = form_body(*FORMS.values())
    found["application/json"]["properties"] |= {
        "op": {"type": "string", "enum": list(OPS), "description": "变更种类"},
        "person": {"type": "string", "description": "员工工号：grant、close、reopen、reset"},
        "posting": {"type": "integer", "description": "任岗编号（见员工的 postings）：end"},
    }
    return found


class OrdersView(Endpoint):
    access_roles = KEEPERS
    roles_by_method = {"POST": (Role.SYSADMIN, Role.SECADMIN)}

    @says(
        "changes_list", "变更申请，新者在前", tag=TAG, gives={200: shapes.OrderPage},
        parameters=(query("tab", "open 待复核（默认）、done 已复核"), CURSOR),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        tab = request.query_params.get("tab", "") or "open"
        if tab not in ("open", "done"):
            raise Invalid({"tab": ["没有这个选项"]})
        waits = {"state": ChangeOrder.State.OPEN}
        page, following = page_of(ORDERS.filter(**waits) if tab == "open" else ORDERS.exclude(**waits), request)
        return Response({"results": shapes.OrderShape(page, many=True).data, "next": following})

    @says(
        "changes_create", "申请变更：任岗、终止任岗、权限额度、账号；由另一人复核后生效", tag=TAG, takes=order_body(),
        gives={201: shapes.OrderDetail},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        told = body(request)
        code, staff_no, posted = (told.pop(name, None) for name in ("op", "person", "posting"))
        spec = op_for(code, request.user) if isinstance(code, str) else None
        if spec is None:
            raise Invalid({"op": ["没有这种变更"]})
        posting = person = None
        if spec.code == "end":
            key = whole_number(str(posted))
            posting = Posting.objects.select_related("user__branch", "branch").filter(pk=key).first() if key else None
            if posting is None:
                raise Invalid({"posting": ["没有这个任岗"]})
            person = posting.user
        elif spec.code not in ("limit", "open"):
            person = person_of(staff_no) if isinstance(staff_no, str) else None
            if person is None:
                raise Invalid({"person": ["没有这个工号"]})
        given = through(FORMS[spec.code], told, person=person, posting=posting)
        made = propose(op=spec.code, **given, actor=request.user, now=timezone.now())
        return Response(detail(made, request.user), status=201)


class OrderView(Endpoint):
    access_roles = KEEPERS

    @says("changes_retrieve", "一项变更申请", tag=TAG, gives={200: shapes.OrderDetail}, refuses=(404,))
    def get(self, request: Request, pk: int) -> Response:
        return Response(detail(order_of(pk), request.user))


class OrderDecideView(Endpoint):
    access_roles = (Role.SECADMIN,)

    @says(
        "changes_decide", "复核：同意即生效，驳回须写明意见；申请人以外的人", tag=TAG, takes=shapes.DecideBody,
        gives={200: shapes.OrderDetail}, refuses=(404,),
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        order = order_of(pk)
        done, _ = decide(order=order, **read(shapes.DecideBody, request), actor=request.user, now=timezone.now())
        return Response(detail(order_of(done.pk), request.user))


class OrderPasswordView(Endpoint):
    """取出初始密码: told in this one answer, kept nowhere."""

    access_roles = (Role.SYSADMIN,)

    @says("changes_password", "取出初始密码：只由申请人，只给出一次", tag=TAG, gives={200: shapes.PasswordTold}, refuses=(404,))
    def post(self, request: Request, pk: int) -> Response:
        response = Response({"detail": hand_out(order=order_of(pk), actor=request.user, now=timezone.now())})
        response["Cache-Control"] = "no-store"
        return response


class StaffView(Endpoint):
    """POST: the name of a person belongs into no address."""

    access_roles = KEEPERS

    @says("people_find", "按工号、账号或姓名找员工，最多 20 人", tag=TAG, takes=shapes.FindBody, gives={200: shapes.StaffRow(many=True)})
    def post(self, request: Request) -> Response:
        return Response(shapes.StaffRow(find_people(read(shapes.FindBody, request)["q"].strip()), many=True).data)


class StaffMemberView(Endpoint):
    access_roles = KEEPERS

    @says("people_retrieve", "一位员工：账号、任岗、有关的变更申请", tag=TAG, gives={200: shapes.StaffDetail}, refuses=(404,))
    def get(self, request: Request, staff_no: str) -> Response:
        person = person_of(staff_no)
        if person is None:
            raise Http404("没有这个工号")
        today = timezone.localdate()
        rows = person.postings.select_related("branch").order_by("-starts_on", "role")
        found = {
            **shapes.StaffRow(person).data,
            "postings": shapes.StaffPosting([{"row": row, "age": age_of(row, today)} for row in rows], many=True).data,
            "orders": shapes.OrderShape(orders_about(person), many=True).data,
            "ops": [code for code in (*ways_for(person), "end") if request.user.holds(*OPS[code].proposers)],
        }
        return Response(found)
