"""What is wrong with a product's files: file, row, reason. All of it is reported, not only the first."""

from __future__ import annotations

from dataclasses import dataclass, field

#: A file with more faults than this is not read further.
MOST = 200


@dataclass(frozen=True)
class Fault:
    """`row` is the line of the file from 1 (the heading is line 1); 0 for the file as a whole."""

    file: str
    row: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file} 第 {self.row} 行：{self.reason}" if self.row else f"{self.file}：{self.reason}"


class Faulty(Exception):
    """Files that are not loaded, with every fault found."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("；".join(str(f) for f in faults[:3]))
        self.faults = faults


@dataclass
class Notes:
    """Faults stop the load; hints do not."""

    faults: list[Fault] = field(default_factory=list)
    hints: list[Fault] = field(default_factory=list)

    def fault(self, file: str, row: int, reason: str) -> None:
        if len(self.faults) < MOST:
            self.faults.append(Fault(file, row, reason))

    def hint(self, file: str, row: int, reason: str) -> None:
        if len(self.hints) < MOST:
            self.hints.append(Fault(file, row, reason))

    def stop_if_faulty(self) -> None:
        if self.faults:
            raise Faulty(self.faults)
