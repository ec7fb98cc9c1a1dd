"""Starts, asks, limits and ends the worker processes. Knows them only by module name.

`pool.LocalWorkers` is an `Executor`, so that analysis can also be lent to other machines: whoever gets `jobs.answer` and a request
gives an answer. `protocol` has the requests and answers; the workers themselves import it, so nothing is imported here.
"""
