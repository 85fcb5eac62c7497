"""What of a code each token carries, in words."""

from collections.abc import Sequence
from itertools import groupby


def token_labels(parts: Sequence[tuple[str, int]], size: int, names: Sequence[str] = ()) -> list[str]:
    """A label for each token of a code of `size` numbers a token, after that of the class token.

    `parts` are names and lengths of the code's parts in their order, `names` those of its first numbers, for a token
    that carries one alone. Of parts ("pathways", 3), ("tissue code", 2), tokens of 4 carry "pathways 1–3, tissue code
    1" and "tissue code 2".
    """
    numbers = [(part, place) for part, length in parts for place in range(1, length + 1)]
    labels = ["class token"]
    for start in range(0, len(numbers), size):
        runs = [
            (part, [place for _, place in run])
            for part, run in groupby(numbers[start : start + size], lambda number: number[0])
        ]
        spans = (f"{part} {run[0]}" + (f"–{run[-1]}" if len(run) > 1 else "") for part, run in runs)
        labels.append(names[start] if size == 1 and start < len(names) else ", ".join(spans))
    return labels
