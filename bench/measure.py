"""What a benchmark measures and how it is reported."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

SAMPLES = 5


@dataclass(frozen=True)
class Result:
    """`value` and `reference` in `unit`; `ratio` above 1 says that ours is better, by how much."""

    name: str
    unit: str
    value: float
    reference: float
    ratio: float
    conditions: str


def rates(
    name: str, rows: int, ours: Sequence[float], reference: Sequence[float], conditions: str
) -> Result:
    """Rows per second from durations in seconds, the n-th of each taken side by side.

    The ratio is the median of the pairs' ratios: a slow moment of the machine hits both of a pair.
    Raises ValueError when the samples do not pair.
    """
    pairs = list(zip(ours, reference, strict=True))
    return Result(
        name,
        "rows/s",
        value=round(rows / median(ours)),
        reference=round(rows / median(reference)),
        ratio=round(median(theirs / mine for mine, theirs in pairs), 2),
        conditions=conditions,
    )


def alternate(
    contenders: Mapping[str, Callable[[], float]], samples: int = SAMPLES
) -> dict[str, list[float]]:
    """Durations of each contender, called in turn; every other round goes the other way."""
    durations: dict[str, list[float]] = {name: [] for name in contenders}
    for sample in range(samples):
        for name in list(contenders)[:: -1 if sample % 2 else 1]:
            durations[name].append(contenders[name]())
    return durations


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock duration of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def table(results: Sequence[Result]) -> str:
    """The results for a terminal, one line each."""
    width = max(len(result.name) for result in results)
    lines = [f"{'name':{width}}  {'ours':>9}  {'reference':>9}  {'ratio':>6}  unit"]
    for r in results:
        lines.append(
            f"{r.name:{width}}  {r.value:9.0f}  {r.reference:9.0f}  {r.ratio:6.2f}  {r.unit}"
        )
    return "\n".join(lines)
