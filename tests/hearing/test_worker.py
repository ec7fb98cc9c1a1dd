from __future__ import annotations

import io
import json
import subprocess
import sys

from drumwatch.errors import UnreadableAudio
from drumwatch.hearing.worker import answer, serve


def replies_to(lines: list[str], answer) -> list[dict]:
    out = io.StringIO()
    serve(io.StringIO("".join(line + "\n" for line in lines)), out, answer)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_job_gets_its_reply_in_order():
    assert replies_to(['{"id": 1, "x": 2}', '{"id": 2, "x": 3}'], lambda job: {"double": 2 * job["x"]}) == [
        {"id": 1, "double": 4},
        {"id": 2, "double": 6},
    ]


def test_a_bad_file_is_an_answer_and_the_next_job_is_done():
    def pick(job):
        if job["id"] == 1:
            raise UnreadableAudio("snare.wav is not audio")
        return {"fine": True}

    assert replies_to(['{"id": 1}', '{"id": 2}'], pick) == [
        {"id": 1, "error": "snare.wav is not audio", "kind": "UnreadableAudio"},
        {"id": 2, "fine": True},
    ]


def test_a_line_that_is_no_json_is_an_answer_too():
    (reply,) = replies_to(["kick.wav"], answer)

    assert (reply["id"], reply["kind"]) == (None, "JSONDecodeError")


def test_an_unknown_op_names_the_known_ones():
    (reply,) = replies_to(['{"id": 7, "op": "sing"}'], answer)

    assert reply["error"].startswith("ValueError: unknown op 'sing': this worker knows hear, ")


def test_the_worker_ends_when_its_input_closes_and_prints_only_replies():
    done = subprocess.run(
        [sys.executable, "-m", "drumwatch.hearing.worker"],
        input='{"id": 1, "op": "sing"}\n',
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )

    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1]
