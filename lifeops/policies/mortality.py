"""Mortality of the catalogue: survivors by age of 中国人身保险业经验生命表（2010–2013）, computed by `compute_survivors`.

CL1/CL2: protection, men/women; CL3/CL4: savings; CL5/CL6: annuities. Nobody outlives 105.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

COLUMNS = ("CL1", "CL2", "CL3", "CL4", "CL5", "CL6")
SURVIVORS = Path(__file__).parent / "data" / "survivors_cl_2010_2013.csv"
END = 105
PURPOSES = {"protection": ("CL1", "CL2"), "savings": ("CL3", "CL4"), "annuity": ("CL5", "CL6")}


@cache
def survivors(purpose: str, sex: str) -> tuple[int, ...]:
    column = PURPOSES[purpose][0 if sex == "M" else 1]
    with SURVIVORS.open(encoding="utf-8") as stream:
        return tuple(int(row[column]) for row in csv.DictReader(stream))


@cache
def death_rate(purpose: str, sex: str, age: int) -> float:
    """Probability to die within the year, 1 from 105 on."""
    if age >= END:
        return 1.0
    alive = survivors(purpose, sex)
    return 1 - alive[age + 1] / alive[age]
