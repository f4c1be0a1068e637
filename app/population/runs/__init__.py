"""A run: files of people in, a folder of results out, part by part, so that it can be stopped and gone on with.

`open_population` finds the files and their columns, `make_simulation` the evaluators of a question (and of what it is
compared with), and `run` reads, evaluates and writes in bounded memory. `manifest.json` in the folder says what was
run and how far; `rejects.parquet` which rows could not be answered, and why.
"""

from .manifest import MANIFEST, Manifest, read_manifest
from .running import Progress, RunOptions, run
from .simulation import Simulation, make_simulation
from .streams import Population, open_population

__all__ = ["MANIFEST", "Manifest", "Population", "Progress", "RunOptions", "Simulation", "make_simulation", "open_population", "read_manifest", "run"]
