"""How the service is run: `gunicorn -c gunicorn.conf.py wsgi:app` (or `shebao serve`).

WEB_CONCURRENCY sets the workers, SHEBAO_BIND the address, SHEBAO_RULES the rules folder.
"""

import gc
import os
from typing import Any

bind = os.environ.get("SHEBAO_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "sync"

# Rules are loaded and the engine is proved once, in the master; workers share the memory.
preload_app = True

# An evaluation takes less than a millisecond. A worker that is silent for so long is stuck (the rules engine
# is C and can be), and gunicorn replaces it.
timeout = 10
graceful_timeout = 10
keepalive = 2

# Workers are renewed now and then, not all at once.
max_requests = 100_000
max_requests_jitter = 10_000

# Bounds before Flask sees anything.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# No socket for remote control: workers are managed by signals.
control_socket_disable = True

# The application logs one JSON line a request, without query or body. gunicorn's own access log would
# write the query, and stays off.
accesslog = None
errorlog = "-"
loglevel = "warning"


def pre_fork(_server: Any, _worker: Any) -> None:
    """Keep the collector off what the master has loaded, and let it run seldom: requests leave hardly any cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def post_worker_init(worker: Any) -> None:
    """Let a request that runs for longer than `timeout`, as a batch may, say that it works; it is told whether to go on."""

    def go_on() -> bool:
        worker.notify()
        return bool(worker.alive)

    worker.wsgi.extensions["shebao.go_on"] = go_on
