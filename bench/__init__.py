"""Benchmarks of Shebao beside OpenFisca; see bench/README.md."""
