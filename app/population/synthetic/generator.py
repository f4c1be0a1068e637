"""The synthetic population: blocks of any number, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from .batches import record_batch
from .coverage import FIRST_YEAR, LAST_YEAR
from .demography import population
from .draws import DEFAULT_SEED
from .person import BLOCK, draw


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A population of `size` persons at the end of a year, from a seed.

    Block k (persons k * 32,768 + 1 on) is the same for every size, but for `weight`, which is the nation's persons over
    `size`. Memory is that of one block.
    """

    size: int
    year: int = LAST_YEAR
    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"A population has at least one person, not {self.size}.")
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise ValueError(f"There are margins for the years {FIRST_YEAR} to {LAST_YEAR}, not for {self.year}.")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"A seed is a whole number from 0 to 2^63 - 1, not {self.seed}.")

    @property
    def weight(self) -> float:
        """How many persons of the nation each one stands for."""
        return float(population(self.year).sum()) / self.size

    @property
    def schema(self) -> pa.Schema:
        return record_batch(draw(self.year, self.seed, 0), self.year, self.weight).schema

    @property
    def blocks(self) -> int:
        """How many blocks there are, the last of them perhaps short."""
        return (self.size + BLOCK - 1) // BLOCK

    def __len__(self) -> int:
        return self.size

    def block(self, number: int) -> pa.RecordBatch:
        """One block; the last one is cut off where the size is reached (a household may be cut with it)."""
        batch = record_batch(draw(self.year, self.seed, number), self.year, self.weight)
        return batch.slice(0, max(0, min(BLOCK, self.size - number * BLOCK)))

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for number in range(self.blocks):
            yield self.block(number)
