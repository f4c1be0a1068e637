"""What every answer of this room begins with: the law it was read from."""

from __future__ import annotations

from typing import Any

from app import __version__
from app.engine import Request


def law_head(request: Request, release: str) -> dict[str, Any]:
    """Day, place, release, reforms and engine, as POST /v1/evaluate states them."""
    return {
        "as_of": request.as_of.isoformat(),
        "region": request.region,
        "release": release,
        "reforms": list(request.reforms),
        "engine": __version__,
    }
