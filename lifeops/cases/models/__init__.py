from lifeops.cases.models.case import Case, CaseQuerySet, Rank, Serial
from lifeops.cases.models.clock import Clock, ClockKind, ClockRule, LadderStep, StartFrom, Unit
from lifeops.cases.models.event import CaseEvent, CustodySegment, Draft, IdempotencyKey, broken_links, digest_of, plain
from lifeops.cases.models.process import CaptureOrder, Finding, ProcessRule
from lifeops.cases.models.request import Addressee, ContactLog, ContentItem, Request, UrgeStep

__all__ = [
    "Addressee",
    "CaptureOrder",
    "Case",
    "CaseEvent",
    "CaseQuerySet",
    "Clock",
    "ClockKind",
    "ClockRule",
    "ContactLog",
    "ContentItem",
    "CustodySegment",
    "Draft",
    "Finding",
    "IdempotencyKey",
    "LadderStep",
    "ProcessRule",
    "Rank",
    "Request",
    "Serial",
    "StartFrom",
    "Unit",
    "UrgeStep",
    "broken_links",
    "digest_of",
    "plain",
]
