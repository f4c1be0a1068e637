"""Simulations as jobs: asked for, queued, run apart from the service, kept for a while.

`JobStore(limits)` keeps jobs in a folder: a small SQLite database and a folder of results each. `JobStore.submit` queues
one; `start_runner` sees to it that a process of its own (`runner`) takes queued jobs, one at a time in each of a few
slots, and has each worked (`work`) in a further process that may be stopped. All state is in the folder, so any number
of service processes may share it, and none of them need live as long as a job. This room knows no web.
"""

from .limits import JobLimits

__all__ = ["JobLimits"]
