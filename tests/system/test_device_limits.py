"""A library that a device reads: the dry run shows the folders and names that sorting then makes, and undo takes them back."""

from __future__ import annotations


def test_the_tree_of_a_dry_run_is_the_one_that_sorting_makes(harness):
    harness.configure(max_per_folder=2, name_limit=16)
    for number in range(3):
        harness.drop(f"A kick with a very long name {number}.wav", hz=50 + number)
    before = harness.tree()

    shown = harness.run("sort", "--dry-run", str(harness.intake)).stdout

    names = [f"A kick wit {number}.wav" for number in range(3)]
    assert all(part in shown for part in ("kick/ (2)", "kick 2/ (1)", *names))
    assert harness.tree() == before
    harness.run("sort", str(harness.intake))
    assert harness.tree() == sorted(
        f"library/kick{folder}/{name}" for folder, name in zip(("", "", " 2"), names, strict=True)
    )
    harness.run("undo", "--last", "3")
    assert harness.tree() == before
