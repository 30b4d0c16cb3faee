"""A small list of our own for a bare installation: what everyday cases need. Free text stays allowed everywhere."""

from __future__ import annotations

from pathlib import Path

from lifeops.reference.lists import SPECS
from lifeops.reference.loading import read_file, store

STARTER = Path(__file__).parent / "starter"


def load_defaults() -> None:
    """Add what is missing; lists that were loaded from files stay as they are."""
    for spec in SPECS.values():
        path = STARTER / spec.file
        if path.exists() and not spec.model._default_manager.filter(starter=False).exists():
            store(spec, read_file(spec, path).rows, starter=True)
