"""The peer's virtual environment: OpenFisca, its country template and gunicorn."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
VENV = BENCH / ".venv-openfisca"
REQUIREMENTS = BENCH / "openfisca-requirements.txt"
STAMP = VENV / "installed-requirements.txt"


def executable(name: str) -> str:
    """Return the path of a program installed in the peer's environment."""
    return str(VENV / "bin" / name)


def is_current() -> bool:
    """Tell whether the environment holds exactly the pinned requirements."""
    return STAMP.exists() and STAMP.read_text() == REQUIREMENTS.read_text()


def ensure_environment() -> None:
    """Create the environment, or rebuild it when the pins have changed."""
    if is_current():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    install = [executable("python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "-r", str(REQUIREMENTS)], check=True)
    STAMP.write_text(REQUIREMENTS.read_text())


def pinned_versions() -> dict[str, str]:
    """Return the pinned version of each package of the environment."""
    lines = REQUIREMENTS.read_text().splitlines()
    pins = [line.split("==") for line in lines if "==" in line]
    return {name: version for name, version in pins}
