"""作业后: 发放, 归档, for every line."""

from lifeops.cases.registry import Desk
from lifeops.cases.states import AFTER, State

DESK = Desk(
    code="archive", label="作业后", proxy="archive.models.ArchiveCase", states=(*AFTER, State.ARCHIVED),
    work="archive.pages.work_page", tiles="archive.pages.tiles",
)
