"""The book: products, parties, policies, premiums, payments. Cases change it only through `services`."""

from lifeops.policies.models.keys import KeyRotation
from lifeops.policies.models.party import IdType, Party, PartyQuerySet, Sex
from lifeops.policies.models.payment import Payment, PaymentState
from lifeops.policies.models.policy import (
    Beneficiary,
    Coverage,
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
    "Beneficiary",
    "Coverage",
    "Endorsement",
    "IdType",
    "KeyRotation",
    "MedicalUsage",
    "Party",
    "PartyQuerySet",
    "Payment",
    "PaymentState",
    "Policy",
    "PolicyLoan",
    "PolicyQuerySet",
    "PolicyStatus",
    "PremiumEntry",
    "Product",
    "ProductKind",
    "ProductVersion",
    "Rate",
    "Sex",
    "StatusChange",
]
