"""Importing the package costs what importing the stock package costs."""

import statistics
import subprocess
import sys

ROUNDS = 15
MEASURE = (
    "import time; t = time.perf_counter(); import discovery_client; print(time.perf_counter() - t)"
)


def import_time(python: str) -> float:
    ran = subprocess.run(
        [python, "-c", MEASURE], capture_output=True, text=True, timeout=60, check=True
    )
    return float(ran.stdout)


def test_import_time_is_stocks(stock_python: str) -> None:
    times = {python: [] for python in (sys.executable, stock_python)}
    for _ in range(ROUNDS):
        # Turn and turn about, so that what else the machine does falls on both.
        for python, seen in times.items():
            seen.append(import_time(python))
    ours, stock = (statistics.median(seen) for seen in times.values())
    print(f"import discovery_client: {ours * 1000:.1f} ms, stock {stock * 1000:.1f} ms")
    assert ours <= 1.2 * stock
