"""The description is valid, complete and true: every endpoint is in it, and nothing it allows breaks the server."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from contextlib import contextmanager

import pytest
import schemathesis
from django.core import signals
from django.core.management import call_command
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.authtoken.models import Token
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.api.calls import ROOT
from tests.architecture.walk import addresses


def test_the_schema_is_valid_and_without_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))
    assert (tmp_path / "schema.yml").stat().st_size > 10_000


def schema(api, person):
    return api(person).get(f"{ROOT}/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()


def test_every_endpoint_is_described_with_its_refusals(cast, api):
    found = schema(api, cast.clerk)["paths"]
    routes = {
        "/" + a.route.replace("<str:", "{").replace("<int:", "{").replace("<slug:", "{").replace(">", "}").replace("{pk}", "{id}")
        for a in addresses()
        if a.is_api and a.name not in ("api:schema", "api:docs")
    }
    assert set(found) == routes
    for path, methods in found.items():
        for method, told in methods.items():
            assert {"400", "401", "403"} <= set(told["responses"]), (method, path)
            assert told["summary"] and told["tags"], (method, path)
            if "{" in path:
                assert "404" in told["responses"] or "act" in path, (method, path)


def test_schema_and_docs_are_for_people_of_the_house(cast, api, as_user):
    for part in ("schema", "docs"):
        assert api().get(f"{ROOT}/{part}/").status_code == 401
        assert as_user(cast.clerk).get(f"{ROOT}/{part}/").status_code == 200
    page = as_user(cast.clerk).get(f"{ROOT}/docs/").content.decode()
    # the content security policy lets no script in the page run
    assert "<script>" not in page and "http://" not in page and "https://" not in page
    script = as_user(cast.clerk).get(f"{ROOT}/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript") and "SwaggerUIBundle" in script.content.decode()


# Schemathesis -----------------------------------------------------------------------------------------------------

#: Examples per operation; more by hand: FUZZ=100.
EXAMPLES = int(os.environ.get("FUZZ", "6"))
CHECKS = (not_a_server_error, status_code_conformance, response_schema_conformance)


@pytest.fixture
def world(cast):
    """One person with every post, and a row for every kind of address: what is sent reaches as deep as it can."""
    from tests.matrix.world import rows

    found = rows(cast)
    person = everything(cast)
    return person, {
        "cases": [found["case"].number, found["decided"].number],
        "requests": [found["request"].number],
        "pages": [found["page"].pk],
        "letters": [found["letter"].pk],
        "clocks": [found["clock"].pk],
        "policies": [found["policy"].number],
        "payments": [f"{found['decided'].number}-P01"],
        "queues": ["claims", "approval"],
        "loans": [1],
    }


def everything(cast):
    from datetime import date

    from lifeops.org.models import Posting, Role
    from tests.cast import hire

    person = hire("fuzz", Role.INTAKE, cast.hq, 5)
    for role in Role:
        Posting.objects.get_or_create(user=person, role=role, branch=cast.hq, grade=5, starts_on=date(2020, 1, 1))
    return person


@contextmanager
def one_connection():
    """The application runs inside the test's transaction: the end of a request closes nothing."""
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


def test_nothing_that_the_schema_allows_breaks_the_server(world, api):
    person, rows = world
    headers = {"Authorization": f"Token {Token.objects.create(user=person).key}"}
    described = schema(api, person)
    described["paths"].pop(f"{ROOT}/auth/token/")  # throttled; its tests are in test_sign_in
    from lifeops.wsgi import application

    loaded = schemathesis.openapi.from_dict(described)
    loaded.app = application
    broken: dict[str, str] = {}
    codes: Counter[int] = Counter()
    with one_connection():
        for result in loaded.get_all_operations():
            operation = result.ok()
            try:
                tried(operation, rows, headers, codes)
            except (Failure, FailureGroup) as found:
                broken[operation.label] = "\n".join(str(e) for e in getattr(found, "exceptions", [found]))
    assert broken == {}
    # it went in, and was not merely turned away at the door
    assert codes[200] > 20 and {400, 404} <= set(codes)


def tried(operation, rows, headers, codes):
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(), data=st.data())
    def run(case, data):
        known = real(operation.path, rows)
        for name, values in known.items():
            if data.draw(st.integers(0, 3)):
                case.path_parameters[name] = data.draw(st.sampled_from(values))
        codes[case.call_and_validate(headers=headers, checks=CHECKS).status_code] += 1

    run()


def real(path, rows):
    """Argument of an address → values that exist."""
    parts = path.strip("/").split("/")
    found = {part[1:-1]: rows[before] for before, part in itertools.pairwise(parts) if part[0] == "{" and before in rows}
    if "steps" in parts:
        found["name"] = (
            ["print_out", "deliver", "answer", "close", "log_contact", "extend", "assign_handler", "cancel"]
            if parts[2] == "requests"
            else ["withdraw", "conclude", "issue_request", "assign", "release", "file", "take", "suspend", "mark_complex"]
        )
    if "act" in path:
        found["act"] = ["release", "settle", "return", "reissue", "approve", "refuse", "lend", "take_back"]
    return found
