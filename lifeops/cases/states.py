"""The words a case is described with: where it waits, who holds it, which line it belongs to."""

from django.db import models


class State(models.TextChoices):
    """案件状态: states say where the case waits (docs/architecture.md)."""

    RECEIVED = "received", "已受理"
    RETURNED = "returned", "待补正"
    PRECHECKED = "prechecked", "预审通过"
    CAPTURED = "captured", "已录入扫描"
    QUEUED = "queued", "待审核"
    IN_REVIEW = "in_review", "审核中"
    WAITING = "waiting", "问题件处理中"
    PENDING_APPROVAL = "pending_approval", "待批准"
    APPROVED = "approved", "已批准"
    DECLINED = "declined", "不予批准"
    RELEASED = "released", "已发放"
    WITHDRAWN = "withdrawn", "已撤件"
    ARCHIVED = "archived", "已归档"


BEFORE = (State.RECEIVED, State.RETURNED, State.PRECHECKED, State.CAPTURED)
DURING = (State.QUEUED, State.IN_REVIEW, State.WAITING, State.PENDING_APPROVAL)
AFTER = (State.APPROVED, State.DECLINED, State.RELEASED, State.WITHDRAWN)
UNDECIDED = BEFORE + DURING
#: Of those that were handed over, the ones that may still come to something: a list that comes into force is held against them.
SCREENED = (*DURING, State.APPROVED, State.DECLINED, State.RELEASED)
OPEN = BEFORE + DURING + AFTER


class Stage(models.TextChoices):
    """作业阶段."""

    BEFORE = "before", "作业前"
    DURING = "during", "作业中"
    AFTER = "after", "作业后"
    DONE = "done", "已结束"


def stage_of(state: str) -> Stage:
    """The stage a state belongs to."""
    if state in BEFORE:
        return Stage.BEFORE
    if state in DURING:
        return Stage.DURING
    return Stage.AFTER if state in AFTER else Stage.DONE


class LineCode(models.TextChoices):
    """业务条线."""

    UNDERWRITING = "underwriting", "新契约"
    SERVICING = "servicing", "保全"
    CLAIMS = "claims", "理赔"


class Channel(models.TextChoices):
    """递交渠道."""

    COUNTER = "counter", "柜面"
    AGENT = "agent", "代理人"
    BANK = "bank", "银保"
    MAIL = "mail", "邮寄"
    ONLINE = "online", "线上"


class ApplicantKind(models.TextChoices):
    """申请人身份 (facts 1.1)."""

    POLICYHOLDER = "policyholder", "投保人"
    INSURED = "insured", "被保险人"
    BENEFICIARY = "beneficiary", "受益人"
    GUARDIAN = "guardian", "监护人"
    PROXY = "proxy", "受托人"
    HEIR = "heir", "继承人"
    COMPANY = "company", "本公司"


class Holder(models.TextChoices):
    """持有方: who has the case in hand, whose time runs."""

    BRANCH = "branch", "机构"
    HQ = "hq", "总部"
    CUSTOMER = "customer", "客户"
    AGENT = "agent", "代理人"
    THIRD = "third", "第三方"


class RequestKind(models.TextChoices):
    """问题件种类 (facts 1.6)."""

    QUERY = "query", "照会"
    EXAM = "exam", "体检"
    INVESTIGATION = "investigation", "调查"


class RequestState(models.TextChoices):
    """问题件状态."""

    DRAFT = "draft", "草拟"
    ISSUED = "issued", "已下发"
    PRINTED = "printed", "已打印"
    DELIVERED = "delivered", "已送达"
    REPLIED = "replied", "已回复"
    CLOSED = "closed", "已回销"
    CANCELLED = "cancelled", "已撤销"


REQUEST_OPEN = (
    RequestState.DRAFT,
    RequestState.ISSUED,
    RequestState.PRINTED,
    RequestState.DELIVERED,
    RequestState.REPLIED,
)
