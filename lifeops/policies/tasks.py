"""Celery tasks of the book; each may run twice."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from lifeops.policies.services.comparing import propose_duplicates
from lifeops.policies.services.life import run_policy_day

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def policy_day() -> None:
    """日终批处理 of today; missed days are made up for in order."""
    run = run_policy_day(timezone.localdate())
    logger.info("policy day policies=%s steps=%s stuck=%s", run.policies, run.steps, run.stuck)


@shared_task(ignore_result=True)
def compare_customers() -> None:
    """夜间查重 of customers that are new or have changed."""
    done = propose_duplicates(timezone.now())
    logger.info("customers compared=%s proposed=%s", done.customers, done.proposed)
