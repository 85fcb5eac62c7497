"""One line of the table of speeds."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, in which unit, the goal, if there is one, and what each round gave."""

    what: str
    unit: str
    goal: float | None
    rounds: list[float]

    @property
    def median(self) -> float:
        """Median of the rounds."""
        return statistics.median(self.rounds)

    def text(self) -> str:
        """Line of a Markdown table."""
        least, most = min(self.rounds), max(self.rounds)
        goal = "–" if self.goal is None else f"{self.goal:.3g}"
        return f"| {self.what} | {self.unit} | {goal} | {self.median:.3g} | {least:.3g}–{most:.3g} |"
