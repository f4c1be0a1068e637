"""Much code is compiled here and each piece run once; less optimised it is the same code, and sooner there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.population.kernel import build


@pytest.fixture(autouse=True, scope="package")
def quickly_compiled() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "_FLAGS", tuple("-O1" if each == "-O2" else each for each in build._FLAGS))
        yield
