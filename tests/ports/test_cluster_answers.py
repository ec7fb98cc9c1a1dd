"""The answers of a cluster: the executor is real, the cluster a stand-in that answers as each test needs."""

from __future__ import annotations

import pytest

from drumwatch.workers.executors import DaskEngine
from drumwatch.workers.jobs import WorkerDied, answer
from drumwatch.workers.protocol import Digest, Digested, encode_answer


class Done:
    """A task of the cluster that has been done."""

    status = "finished"

    def __init__(self, found: object) -> None:
        self._found = found

    def result(self) -> object:
        return self._found

    def add_done_callback(self, then) -> None:
        then(self)


class Cluster:
    def __init__(self, answers) -> None:
        self._answers = answers

    def submit(self, _, lines, **__) -> Done:
        return Done(self._answers(lines))

    def close(self) -> None:
        pass


def good(lines):
    return [encode_answer(number, Digested("d1")) for number in range(len(lines))]


def second_is(line):
    return lambda lines: [good(lines)[0], line, *good(lines)[2:]]


def asked_together(answers):
    with DaskEngine(Cluster(answers)) as engine:
        return [engine.submit(answer, Digest(f"{number}.wav")) for number in range(3)]


@pytest.mark.parametrize(
    "line", ["Segmentation fault", "{}", None, b"bytes", 5, encode_answer(0, Digested("of another file"))]
)
def test_an_answer_of_a_cluster_that_makes_no_sense_costs_its_own_file_only(line):
    first, second, third = asked_together(second_is(line))

    assert (first.result(5), third.result(5)) == (Digested("d1"), Digested("d1"))
    with pytest.raises(WorkerDied, match=r"1\.wav could not be analyzed: the cluster gave an invalid answer"):
        second.result(5)


@pytest.mark.parametrize("found", [None, "", [], {}, [encode_answer(0, Digested("d1"))] * 99])
def test_a_cluster_that_answers_something_else_altogether_leaves_nobody_waiting(found):
    for future in asked_together(lambda _: found):
        with pytest.raises(WorkerDied):
            future.result(5)
