"""Arrivals, actions, undo, corrections and power cuts in orders drawn by seeds: `python benchmarks/any_history.py --seeds 14-39 54-100`.

The short version of this is a test, which always draws the same orders. A seed whose order breaks a promise is named with the
shortest order that breaks it, and the others are tried all the same.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "ports/filing")]

from test_filing_any_history import History  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs="+", type=numbers, default=[range(1, 11)], help="as 7 or 14-39")
    parser.add_argument("--histories", type=int, default=60, help="of each seed")
    parser.add_argument("--steps", type=int, default=25, help="of each history, at most")
    parser.add_argument("--as-found", action="store_true", help="do not look for the shortest order")
    chosen = parser.parse_args()
    phases = [Phase.generate] if chosen.as_found else [Phase.generate, Phase.shrink]
    how = settings(
        max_examples=chosen.histories,
        stateful_step_count=chosen.steps,
        phases=phases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    seeds = [seed for some in chosen.seeds for seed in some]
    broken = [seed for seed in seeds if not holds(seed, how)]
    print(f"{len(seeds)} seeds of {chosen.histories} histories, {len(broken)} failed", *broken)
    sys.exit(bool(broken))


def numbers(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def holds(seed: int, how: settings) -> bool:
    """Whether every promise is kept in all histories of the seed."""
    begun, failure = time.monotonic(), ""
    machine = type(History.__name__, (History,), {"_hypothesis_internal_use_seed": seed})
    try:
        run_state_machine_as_test(machine, settings=how)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001  whatever breaks is a find
        failure = traceback.format_exc()
    print(
        f"seed {seed}: {f'FAILED{chr(10)}{failure}' if failure else 'ok'}, {time.monotonic() - begun:.0f} s",
        flush=True,
    )
    return not failure


if __name__ == "__main__":
    main()
