"""Synthetic households to try rules on: drawn from published margins, with a seed, as a stream of record batches.

`Synthesis(size, year, seed)` gives batches in the population's canonical columns: people of 31 provinces by age, sex, town
and country, in households, insured in the employees' or the residents' scheme, paying or drawing, with careers, accounts,
earnings, disability. `margins/` holds what is published, with its source and how firm it is, and every assumption;
`fit` says how well each margin is met.
"""

from .draws import DEFAULT_SEED
from .fit import MarginFit, fits
from .generator import Synthesis
from .tally import Tally
from .writing import generate, write

__all__ = ["DEFAULT_SEED", "MarginFit", "Synthesis", "Tally", "fits", "generate", "write"]
