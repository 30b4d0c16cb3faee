"""Requests of the interface in short."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from lifeops.org.models import User
from tests.factories import PAPERS, make_policy

ROOT = "/api/v1"


def accept_body(policy: Any, **fields: Any) -> dict[str, Any]:
    """受理 of a complete hospital claim of the insured."""
    insured = policy.insured
    return {
        "line": "claims", "item": "CL05", "channel": "counter", "applicant_kind": "insured", "agent": "",
        "submitted_on": timezone.localdate().isoformat(), "policy_number": policy.number,
        "occurred_on": (timezone.localdate() - timedelta(days=20)).isoformat(),
        "applicant": {"name": insured.name, "id_number": insured.id_number, "phone": insured.phone},
        "papers": [{"doc_type": code, "received": "original", "pages": 1} for code in PAPERS["CL05"]],
    } | fields  # fmt: skip


def accepted(client: Any, cast: Any, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"{ROOT}/cases/", accept_body(make_policy(cast.county, cast.clerk), **fields), format="json")
    assert answer.status_code == 201, answer.data
    return answer.json()


def step(client: Any, case: Any, name: str, *, version: int | None = None, key: str = "", **inputs: Any) -> Any:
    """POST of a step; the version is the one in hand, or that which the interface tells now."""
    number = case if isinstance(case, str) else case["number"] if isinstance(case, dict) else case.number
    if version is None:
        version = client.get(f"{ROOT}/cases/{number}/").json()["version"]
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(
        f"{ROOT}/cases/{number}/steps/{name}/", {"version": version, **inputs}, format="json", headers=headers
    )


def offered(case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in case["steps"]}


def client_of(user: User | None = None) -> APIClient:
    """A client of the interface that is this person; a stranger where nobody is named."""
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client
