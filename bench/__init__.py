"""Benchmarks of Shebao beside OpenFisca; see bench/README.md."""

import app.population  # noqa: F401 - before anything loads Arrow, as in a run
