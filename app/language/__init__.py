"""Rule text to a typed, checked, immutable rulebook.

`load_rulebook(folder)` reads the YAML and CSV of a rules folder, resolves every name, checks types, units,
amendments and tables, and returns a `Rulebook` (`rulebook_of` does so from the files' bytes);
`Rulebook.at(as_of, region, reforms)` folds the amendments into the `Law` of that day and place, whose definitions
are typed expressions (`ir`). `Transition(before, after, schemes)` has the amendments between two laws and every law
in between. This room knows no web, no database and no engine.
"""

from . import ir
from .amendment import Definition, DefinitionVersion, Parameter, Scheme
from .claim_clauses import Claim
from .comparison import Change, Detail, Said, compare_schemes
from .errors import Fault, Place, RuleError
from .facts import Assumption, Fact, FactDictionary
from .file_lowering import LoweredCheck
from .files import is_dictionary, read_contents, read_facts, read_tag
from .functions import FUNCTIONS, Function
from .household_checks import amount_field, kind_field
from .image import load_rulebook, remembered_rulebook
from .model import NATION, Band, Rounding, RuleFile, Source, Standing, TableRow, Title
from .notices import Notices, Objection
from .regions import lineage, region_name
from .rulebook import Law, Rulebook, release_of, rulebook_of
from .statements import Statement
from .transition import Amendment, Standpoint, Transition
from .types import Type, YearMonth
from .units import Unit

__all__ = [
    "FUNCTIONS",
    "NATION",
    "Amendment",
    "Assumption",
    "Band",
    "Change",
    "Claim",
    "Definition",
    "DefinitionVersion",
    "Detail",
    "Fact",
    "FactDictionary",
    "Fault",
    "Function",
    "Law",
    "LoweredCheck",
    "Notices",
    "Objection",
    "Parameter",
    "Place",
    "Rounding",
    "RuleError",
    "RuleFile",
    "Rulebook",
    "Said",
    "Scheme",
    "Source",
    "Standing",
    "Standpoint",
    "Statement",
    "TableRow",
    "Title",
    "Transition",
    "Type",
    "Unit",
    "YearMonth",
    "amount_field",
    "compare_schemes",
    "ir",
    "is_dictionary",
    "kind_field",
    "lineage",
    "load_rulebook",
    "read_contents",
    "read_facts",
    "read_tag",
    "region_name",
    "release_of",
    "remembered_rulebook",
    "rulebook_of",
]
