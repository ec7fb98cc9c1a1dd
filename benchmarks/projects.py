"""What the survey of projects costs beside sorting: python benchmarks/projects.py FOLDER

FOLDER is copied from, into a library that goes again. The processor time of both is taken in one run.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drumwatch.intake.projects import Surveyor


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    surveyor = Surveyor()
    looks = []
    for _ in range(2):
        begun = time.process_time()
        survey = surveyor.survey(folder, root_is_unit=True)
        looks.append(time.process_time() - begun)
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "DRUMWATCH_STATE": f"{place}/state"}
        command = [sys.executable, "-m", "drumwatch", "sort", str(folder), "--to", f"{place}/library"]
        command += ["--action", "copy", "--projects", "sort"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=environment, check=False, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    sorting = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"projects found: {len(survey.projects)}")
    print(
        f"first look: {looks[0]:.3f} s, {looks[0] / sorting:.2%} of sorting ({sorting:.1f} s of processor time)"
    )
    print(f"second look: {looks[1]:.3f} s, {looks[1] / sorting:.2%}")


if __name__ == "__main__":
    main()
