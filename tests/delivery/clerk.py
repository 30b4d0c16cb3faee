"""A process that takes steps: reads "first last" per line, assigns those cases, answers what happened.

Steps are dated two minutes back, so that the outbox sweep may look for them at once.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta


def main() -> None:
    import django

    django.setup()
    from django.utils import timezone

    from lifeops.cases.models import Case
    from lifeops.cases.perform import perform
    from lifeops.org.models import User

    manager = User.objects.get(username="manager")
    cases = list(Case.objects.filter(state="queued").order_by("pk"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        first, last = map(int, line.split())
        failed, slowest = 0, 0.0
        for case in cases[first:last]:
            start = time.monotonic()
            try:
                perform(
                    case, "assign", actor=manager, assignee="cl_reviewer", reason="调配",
                    now=timezone.now() - timedelta(minutes=2),
                )
            except Exception as error:
                failed += 1
                sys.stderr.write(f"{error!r}\n")
            slowest = max(slowest, time.monotonic() - start)
        sys.stdout.write(f"{failed} {slowest:.2f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
