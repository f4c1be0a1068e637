"""How a scheme is claimed: amended part by part, by time and by place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from app.language import Claim, Rulebook, Standing
from tests.conftest import HEAD, NAME, TODAY

CLAIM = """\
claim:
  where: {zh: 经办机构, en: the agency}
  documents:
    - {zh: 身份证, en: identity card}
    - {zh: 户口簿, en: register}
"""
AMENDS = "scheme: test.scheme\nin_force: {from: 2010-01-01}\nsource: {instrument: 修订办法}\namends: test.scheme@2000-01-01\n"
BEIJING = AMENDS.replace("2010", "2005").replace("修订", "北京") + 'region: "110000"\n'


def claim(rulebook: Rulebook, day: date = TODAY, region: str = "000000") -> Claim | None:
    return rulebook.at(day, region).schemes[NAME].claim


def test_a_later_file_states_the_parts_that_differ(rules: Callable[..., Rulebook]) -> None:
    later = AMENDS + "claim: {deadline: {zh: 一年内, en: within a year}, standing: unverified}\n"
    rulebook = rules({"a.yaml": HEAD + CLAIM, "b.yaml": later})
    before, after = claim(rulebook, date(2005, 1, 1)), claim(rulebook)
    assert before is not None and after is not None
    assert (before.deadline, before.standing, [each.instrument for each in before.sources]) == (None, Standing.OFFICIAL, ["测试办法"])
    assert (after.deadline and after.deadline.en, after.standing) == ("within a year", Standing.UNVERIFIED)
    assert [each.instrument for each in after.sources] == ["测试办法", "修订办法"]
    assert [each.en for each in after.documents] == ["identity card", "register"]


def test_a_place_has_its_own_way(rules: Callable[..., Rulebook]) -> None:
    rulebook = rules({"a.yaml": HEAD + CLAIM, "b.yaml": BEIJING + "claim: {where: {zh: 街道, en: the street office}, documents: [{zh: 申请表, en: form}]}\n"})
    local, elsewhere = claim(rulebook, region="110105"), claim(rulebook, region="310000")
    assert local is not None and elsewhere is not None
    assert local.where is not None and elsewhere.where is not None
    assert (local.where.en, [each.en for each in local.documents]) == ("the street office", ["form"])
    assert (elsewhere.where.en, len(elsewhere.documents)) == ("the agency", 2)
    assert [each.instrument for each in local.sources] == ["北京办法"]  # nothing of the nation's is left


def test_a_scheme_without_one(rules: Callable[..., Rulebook]) -> None:
    assert claim(rules({"a.yaml": HEAD})) is None
