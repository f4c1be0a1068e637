"""JSON Schemas of the files that policy staff write, so that common editors complete and check their keys.

`editor_schemas(dictionary)` gives them by file name. What is a key is taken from the readers of those files, so a
schema cannot forget one; the rules' own meaning (names, units, types) is checked by `shebao check`, not here.
"""

from .case_file import case_file_schema
from .fact_file import fact_file_schema
from .rule_file import rule_file_schema
from .schemas import editor_schemas

__all__ = ["case_file_schema", "editor_schemas", "fact_file_schema", "rule_file_schema"]
