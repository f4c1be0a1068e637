"""How well a population meets its margins: each margin's target, what came out, and how firm the target is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .coverage import DRAWING, PAYING, RESIDENT_DRAWING, RESIDENT_PAYING, STATUSES, drawing_by_cohort, employees, residents
from .demography import FIRST_CENSUS, LAST_CENSUS, population, urban_share
from .health import disability_rates, helpless_rates, severe_share
from .households import household_margins
from .money import mean_income
from .tables import Floats, by_year, curve, read, regions
from .tally import Tally


@dataclass(frozen=True, slots=True)
class MarginFit:
    """One margin. Where it has several cells, target and got are those of the cell that is furthest off."""

    name: str
    unit: str
    target: float
    got: float
    grade: str
    cells: int = 1
    worst: str = ""
    close: int = 0
    """How many cells are within 2 per cent."""

    @property
    def error(self) -> float:
        """Per cent by which the population is off."""
        return 100 * (self.got / self.target - 1) if self.target else 0.0


def fits(tally: Tally, year: int) -> tuple[MarginFit, ...]:
    """Every margin of a population of this year."""
    parts = (_people, _schemes, _households, _health, _incomes, _careers)
    return tuple(margin for part in parts for margin in part(tally, year))


def _people(tally: Tally, year: int) -> Iterator[MarginFit]:
    people = population(year)
    grade = "A" if year in (FIRST_CENSUS, LAST_CENSUS) else "derived"
    yield _cells("persons by province", "million", people.sum(axis=(1, 2)) / 1e6, tally.persons.sum(axis=(1, 2)) / 1e6, regions(), grade)
    groups = [f"{sex} {start}-{start + 4}" if start < 85 else f"{sex} 85+" for sex in ("male", "female") for start in range(0, 90, 5)]
    yield _cells("persons by sex and age group", "million", _five_years(people), _five_years(tally.persons), groups, grade)
    for name, ages in (("0-14", slice(0, 15)), ("60+", slice(60, None)), ("65+", slice(65, None)), ("80+", slice(80, None))):
        yield MarginFit(f"persons {name}", "%", 100 * float(people[..., ages].sum() / people.sum()), tally.share(ages), grade)
    urban = float((urban_share(year) * people.sum(axis=(1, 2))).sum() / people.sum())
    yield MarginFit("persons in town", "%", 100 * urban, 100 * float(tally.area[0] / tally.area.sum()), grade)
    for sex, name in enumerate(("men", "women")):
        married = {row["status"]: float(row["persons"]) for row in read("marital_status") if row["sex"] == ("male", "female")[sex]}
        got = tally.marital[sex] / tally.marital[sex].sum()
        wanted = (married["never_married"], married["married"], married["divorced"] + married["widowed"])
        for what, target, share in zip(("never married", "married", "widowed or divorced"), wanted, got, strict=True):
            yield MarginFit(f"{name} 15+, {what} (2020)", "%", 100 * target / sum(wanted), 100 * float(share), "A")


def _schemes(tally: Tally, year: int) -> Iterator[MarginFit]:
    tables = (("employees_scheme", "drawing_10k"), ("residents_scheme", "drawing_10k"))
    grades = [_grade(table, year, column) for table, column in tables]
    wanted = np.concatenate([employees(year), residents(year)], axis=1)
    for status in (PAYING, DRAWING, RESIDENT_PAYING, RESIDENT_DRAWING):
        name, grade = STATUSES[status].replace("_", ", "), grades[status // 2]
        yield MarginFit(name, "million", wanted[:, status].sum() / 1e6, tally.status[:, status].sum() / 1e6, grade)
        by_province = "A" if year == 2024 else "derived"
        yield _cells(f"{name}, by province", "million", wanted[:, status] / 1e6, tally.status[:, status] / 1e6, regions(), by_province)
    drawing = tally.status[:, DRAWING].sum()
    for earlier, persons in drawing_by_cohort(year):
        got = sum(count for at, count in tally.claims.items() if at <= earlier)
        yield MarginFit(f"employees drawing since {earlier}", "%", 100 * persons / wanted[:, DRAWING].sum(), 100 * float(got / drawing), "derived")
    institution = curve("institution_drawing_10k")(year) / by_year("employees_scheme", "drawing_10k")(year)
    yield MarginFit("employees drawing: institutions'", "%", 100 * float(institution), 100 * float(tally.institution / drawing), "D")


def _households(tally: Tally, year: int) -> Iterator[MarginFit]:
    margins = household_margins(year)
    grade = "A" if year in (FIRST_CENSUS, LAST_CENSUS) else "derived"
    persons = tally.persons.sum(axis=(1, 2))
    in_families = (margins.in_families * persons).sum()
    homes = (margins.in_families * persons / margins.mean_size).sum()
    yield MarginFit("persons in family households", "%", 100 * float(in_families / persons.sum()), 100 * float(tally.in_families.sum() / persons.sum()), grade)
    yield MarginFit("household size", "persons", float(in_families / homes), float(tally.in_families.sum() / tally.homes.sum()), grade)
    sizes = tally.in_families / np.maximum(tally.homes, 1e-9)
    yield _cells("household size, by province", "persons", margins.mean_size, sizes, regions(), grade)
    alone = (margins.in_families * persons / margins.mean_size * margins.alone).sum()
    yield MarginFit("households of 1 person", "%", 100 * float(alone / homes), 100 * float(tally.alone.sum() / tally.homes.sum()), grade)
    census = "2010" if year < 2015 else "2020"
    for row in read("household_size"):
        if row["year"] == census and row["size"] in ("2", "3", "4", "5"):
            got = 100 * float(tally.sizes[int(row["size"])] / tally.homes.sum())
            yield MarginFit(f"households of {row['size']} persons ({census})", "%", float(row["percent"]), got, row["confidence"])
    (nation,) = (row for row in read("census_households") if row["year"] == census and row["region"] == "000000")
    target = 100 * float(nation["households_with_65plus"]) / float(nation["family_households"])
    yield MarginFit(f"households with 65+ ({census})", "%", target, 100 * float(tally.homes_with_old / tally.homes.sum()), "A")


def _health(tally: Tally, year: int) -> Iterator[MarginFit]:
    people = population(year).sum(axis=(0, 1))
    counted = tally.persons.sum(axis=(0, 1))
    target = 100 * float((people * disability_rates()).sum() / people.sum())
    yield MarginFit("disabled persons", "%", target, 100 * float(tally.disabled.sum() / counted.sum()), "derived")
    old = slice(60, None)
    rate = 100 * float((people[old] * disability_rates()[old]).sum() / people[old].sum())
    yield MarginFit("disabled persons 60+", "%", rate, 100 * float(tally.disabled[old].sum() / counted[old].sum()), "derived")
    yield MarginFit("grades 1 and 2 among them (2010)", "%", 100 * severe_share(), 100 * float(tally.severe / tally.disabled.sum()), "B")
    target = 100 * float((people * helpless_rates()).sum() / people[old].sum())
    yield MarginFit("not self-caring 60+", "%", target, 100 * float(tally.helpless / counted[old].sum()), "derived")


def _incomes(tally: Tally, year: int) -> Iterator[MarginFit]:
    grade = _grade("income_national", year, "mean_urban_yuan")
    for area, name in enumerate(("urban", "rural")):
        target = float(by_year("income_national", f"mean_{name}_yuan")(year))
        yield MarginFit(f"income per head, {name}", "yuan a year", target, tally.income_mean(area), grade)
    published = by_year("income_national", "mean_yuan")
    if year >= published.at[0]:
        yield MarginFit("income per head", "yuan a year", float(published(year)), tally.income_mean(0, 1), grade)
        yield MarginFit("median income per head", "yuan a year", float(by_year("income_national", "median_yuan")(year)), tally.income_median(), grade)
    rows = sorted(read("income_quintiles"), key=lambda row: abs(int(row["year"]) - year))
    fifths = tally.income_fifths()
    parts = np.array([float(rows[0][f"q{number}_yuan"]) for number in range(1, 6)])
    for number, (target, got) in enumerate(zip(parts / parts.sum(), fifths / fifths.sum(), strict=True), 1):
        yield MarginFit(f"share of income, fifth {number} ({rows[0]['year']})", "%", 100 * float(target), 100 * float(got), rows[0]["confidence"])
    gini = by_year("income_national", "gini")
    yield MarginFit("Gini coefficient", "", float(gini(year)), tally.income_gini(), "C")
    persons = tally.persons.sum(axis=(1, 2))
    level = (mean_income(year) * np.stack([urban_share(year), 1 - urban_share(year)], axis=1)).sum(axis=1)
    got = tally.province_income / np.maximum(persons, 1e-9)
    yield _cells("income per head, by province", "yuan a year", level, got, regions(), "C")


def _careers(tally: Tally, year: int) -> Iterator[MarginFit]:
    drawing = tally.status[:, DRAWING].sum()
    yield MarginFit("age at the claim (2015)", "years", 54.0, tally.claim_age_sum / float(drawing), "D")
    yield MarginFit("mean index of those paying", "", float(curve("index_by_year")(year)), tally.index_sum / tally.index_months, "assumed")


def _grade(table: str, year: int, column: str) -> str:
    rows = [row for row in read(table) if row[column] and int(row["year"]) == year]
    return rows[0]["confidence"] if rows else "derived"


def _five_years(people: Floats) -> Floats:
    by_age = people.sum(axis=0)
    young = by_age[:, :85].reshape(2, 17, 5).sum(axis=2)
    return np.concatenate([young, by_age[:, 85:].sum(axis=1, keepdims=True)], axis=1).ravel() / 1e6


def _cells(name: str, unit: str, target: Floats, got: Floats, labels: tuple[str, ...] | list[str], grade: str) -> MarginFit:
    off = np.abs(got / target - 1)
    worst = int(np.argmax(off))
    return MarginFit(name, unit, float(target[worst]), float(got[worst]), grade, len(target), labels[worst], int((off <= 0.02).sum()))
