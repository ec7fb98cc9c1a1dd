"""Worker processes: start them, send requests, limit their time, and end them. Their modules are known by name only.

`pool.LocalWorkers` is an `Executor`, so that other machines can analyze sounds too: an executor is given `jobs.answer` and a
request, and returns an answer. `protocol` has the requests and answers; the workers import it, so nothing is imported here.
"""
