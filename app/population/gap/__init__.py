"""Does the model say what was published? Average pensions of both schemes, 2011 to 2017, from rules and population.

Pensioners of each year come from `app.population.synthetic`, their awards from the rules (`awards`, `residents`), the rises
since from the notices (`indexation`). What was published (`data/published.csv`) is only compared with.
"""

from .awards import EmployeeAwards, Way
from .report import YEARS, Compared, Group, YearGap, gap, published
from .residents import ResidentAwards

__all__ = ["YEARS", "Compared", "EmployeeAwards", "Group", "ResidentAwards", "Way", "YearGap", "gap", "published"]
