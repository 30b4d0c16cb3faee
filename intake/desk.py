"""作业前: 受理, 预审, 录入, 扫描 and 交接, for every line."""

from lifeops.cases.registry import Desk
from lifeops.cases.states import BEFORE

DESK = Desk(
    code="intake", label="作业前", proxy="intake.models.IntakeCase", states=BEFORE,
    work="intake.stages.work_page", tiles="intake.stages.tiles",
    onwards="intake.stages.onwards",
)
