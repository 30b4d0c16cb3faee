"""Celery tasks of 名单核查; each may run twice and side by side."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from lifeops.screening.services.customers import end_hits, screen_left, screen_next

logger = logging.getLogger(__name__)
#: Batches of one run: the next run goes on where this one stopped.
MOST_BATCHES = 50


@shared_task(ignore_result=True)
def screen_customers(most: int = MOST_BATCHES) -> int:
    """存量筛查: customers in force against lists that have come into force; hits of lists that are over are marked. Returns the
    entries gone through."""
    now = timezone.now()
    end_hits(now)
    left, done = screen_left(now), 0
    for _ in range(most):
        entries = screen_next(timezone.now())
        if not entries:
            break
        done += entries
    if done or left:
        logger.info("screening entries=%s left=%s", done, left)
    return done
