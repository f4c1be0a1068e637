"""Many cases: the same rulebook over columns of people, here or on a cluster.

A population is a stream of Arrow record batches, one row a person, whose columns are the facts of the dictionary
(`columns`). An `Evaluator` answers a `Question` (day, schemes, reforms, region, assumptions) for a batch: results as
columns (`results`) and the rows it refused, with the same words as a single request. `ExactEvaluator` asks the exact
engine row by row. Nothing is imported here: pyarrow and numpy take time to load, and the service starts without them.
"""
