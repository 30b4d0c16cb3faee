"""The settings with the jobs of delivery due each second, for the beats of the delivery test."""

from lifeops.settings import *  # noqa: F403
from lifeops.settings import CELERY_BEAT_SCHEDULE as _schedule

_WANTED = ("publish-forgotten", "escalate-due", "deliver-forgotten")
CELERY_BEAT_SCHEDULE = {name: _schedule[name] | {"schedule": 1.0} for name in _WANTED}
