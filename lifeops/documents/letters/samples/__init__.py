"""A made-up but realistic example of every kind of letter, for preview and for tests. All persons are fictional."""

from __future__ import annotations

from typing import Any

from lifeops.documents.letters.samples.decisions import DECISIONS
from lifeops.documents.letters.samples.internal import INTERNAL
from lifeops.documents.letters.samples.lending import LENDING
from lifeops.documents.letters.samples.notice import NOTICE
from lifeops.documents.letters.samples.pending import PENDING
from lifeops.documents.letters.samples.statement import STATEMENT

SAMPLES: dict[str, dict[str, Any]] = PENDING | DECISIONS | INTERNAL | LENDING | NOTICE | STATEMENT
