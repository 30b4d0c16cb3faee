"""Who usually applies for an item."""

from __future__ import annotations


def usual_kind(item: str) -> str:
    """Of a death a survivor, of another claim the insured, of what the company asks itself the company, else the policyholder."""
    if item == "PS33":
        return "company"
    return "beneficiary" if item == "CL01" else "insured" if item.startswith("CL") else "policyholder"
