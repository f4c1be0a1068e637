"""The columns of a population: which there may be, and any batch of them made canonical.

`conform` casts what a file has to the types the evaluators take, exactly, and puts lists in order; what cannot be read
rejects its row in the words a request would get. `schema` gives the canonical columns of the fact dictionary.
"""

from .column_types import fact_type, schema
from .conforming import ABOUT, GIVEN, HOUSEHOLD_ID, OWN_COLUMNS, PERSON_ID, REGION, WEIGHT, Conformed, check_columns, conform
from .given import given_rules, given_types

__all__ = [
    "ABOUT",
    "GIVEN",
    "HOUSEHOLD_ID",
    "OWN_COLUMNS",
    "PERSON_ID",
    "REGION",
    "WEIGHT",
    "Conformed",
    "check_columns",
    "conform",
    "fact_type",
    "given_rules",
    "given_types",
    "schema",
]
