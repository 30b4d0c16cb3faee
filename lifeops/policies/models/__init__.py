"""The book: products, parties, policies, premiums, payments. Cases change it only through `services`."""

from lifeops.policies.models.keys import KeyRotation
from lifeops.policies.models.ledger import Account, LedgerEntry, LedgerLine
from lifeops.policies.models.life import (
    CoverageState,
    EventKind,
    EventSource,
    HoldKind,
    NoticeKind,
    PartyContact,
    PolicyEvent,
    PolicyHold,
    PolicyNotice,
    PolicySnapshot,
)
from lifeops.policies.models.party import IdType, Party, PartyQuerySet, Sex
from lifeops.policies.models.payment import Payment, PaymentKind, PaymentState
from lifeops.policies.models.policy import (
    Beneficiary,
    Coverage,
    Ending,
    Endorsement,
    MedicalUsage,
    Policy,
    PolicyLoan,
    PolicyQuerySet,
    PolicyStatus,
    PremiumEntry,
    StatusChange,
)
from lifeops.policies.models.product import Product, ProductKind, ProductVersion, Rate

__all__ = [
    "Account",
    "Beneficiary",
    "Coverage",
    "CoverageState",
    "Ending",
    "Endorsement",
    "EventKind",
    "EventSource",
    "HoldKind",
    "IdType",
    "KeyRotation",
    "LedgerEntry",
    "LedgerLine",
    "MedicalUsage",
    "NoticeKind",
    "Party",
    "PartyContact",
    "PartyQuerySet",
    "Payment",
    "PaymentKind",
    "PaymentState",
    "Policy",
    "PolicyEvent",
    "PolicyHold",
    "PolicyLoan",
    "PolicyNotice",
    "PolicyQuerySet",
    "PolicySnapshot",
    "PolicyStatus",
    "PremiumEntry",
    "Product",
    "ProductKind",
    "ProductVersion",
    "Rate",
    "Sex",
    "StatusChange",
]
