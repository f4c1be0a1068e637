"""Many cases: the same rulebook over columns of people, here or on a cluster.

A population is a stream of Arrow record batches, one row a person, whose columns are the facts of the dictionary
(`columns`). An `Evaluator` answers a `Question` (day, schemes, reforms, region, assumptions) for a batch: results as
columns (`results`) and the rows it refused, with the same words as a single request. `ExactEvaluator` asks the exact
engine row by row. Nothing is imported here: pyarrow and numpy take time to load, and the service starts without them.
"""

import os

# Arrow's allocator, which reads this when it is loaded, gives memory back after 10 ms and has it cleared anew for the next
# batch of the same size: a tenth of the time that a run from Parquet takes.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "10000")
