"""Beat: fold the counters often, prove them every night."""

from __future__ import annotations

import logging

from celery import shared_task

from lifeops.insight import counters

log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def fold_counters() -> int:
    return counters.fold()


@shared_task(ignore_result=True)
def prove_counters() -> int:
    """Compare with the cases; a difference is an error in the log and is made good. Returns how many there were."""
    found = counters.prove(repair=True)
    wrong = sum(len(rows) for rows in found.values())
    if wrong:
        log.error("看板计数与案件不符 %s 处，已更正", wrong)
    return wrong
