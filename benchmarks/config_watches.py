"""`python benchmarks/config_watches.py`: the processor seconds for reading a configuration with many watches."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from drumwatch.config import parse

COUNTS = (500, 1000, 2000, 4000)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            print(f"{count:5} watches: {seconds_for(count, Path(folder)):.2f} s")


def seconds_for(count: int, home: Path) -> float:
    """Return the processor seconds for watches of which 50 each lie side by side in one folder."""
    text = "".join(f'[[watch]]\nfolder = "~/Samples/{n // 50}/{n}"\n' for n in range(count))
    began = time.process_time()
    parse(text, home=home)
    return time.process_time() - began


if __name__ == "__main__":
    main()
