"""lifeops: the operations system of a life insurer (运营集中作业)."""

from lifeops.celery import app as celery_app

__all__ = ["celery_app"]
