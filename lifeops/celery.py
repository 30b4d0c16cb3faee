"""The Celery application; beat's schedule stands in the settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifeops.settings")

app = Celery("lifeops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
