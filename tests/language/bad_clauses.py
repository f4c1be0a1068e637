"""Rule files with one fault each, and the exact message it must give: its clauses, tables and expressions."""

from __future__ import annotations

from tests.language.bad_file import AMENDS, HEAD, Bad, decision, definitions, parameters

_PAID = "benefits:\n  paid:\n    title: {zh: 付, en: Paid}\n    unit: CNY/month\n    value: wage\n"


def _conclusion(kind: str, *lines: str) -> str:
    text = f"conclusions:\n  c:\n    kind: {kind}\n    when: months > 1\n    text: {{zh: 甲, en: A}}\n"
    return text + "".join(f"    {line}\n" for line in lines)


BAD = [
    Bad(
        "paid to nobody the language knows",
        {"a.yaml": HEAD + _PAID + "    paid_to: family\n"},
        "a.yaml:10: 'paid_to' is one of person, household, not 'family'.",
    ),
    Bad(
        "a definition that is paid",
        {"a.yaml": HEAD + definitions("x: {value: 1, paid_to: person}")},
        "a.yaml:6: 'x': 'paid_to' goes with a benefit, which is what is paid.",
    ),
    Bad(
        "a payment of a kind that no list of benefits has",
        {"a.yaml": HEAD + _PAID + "    counts_as: pension\n"},
        "a.yaml:6: 'pension' is no kind of benefit that a household's list of benefits knows.",
    ),
    Bad(
        "a conclusion with a scheme that is none",
        {"a.yaml": HEAD + _PAID + _conclusion("exclusion", "with: test.schem")},
        "a.yaml:11: 'with' names a scheme or a benefit of one, and 'test.schem' is none. Did you mean 'test.scheme'?",
    ),
    Bad(
        "a conclusion with its own scheme",
        {"a.yaml": HEAD + _PAID + _conclusion("exclusion", "with: test.scheme.paid")},
        "a.yaml:11: 'c' names its own scheme. Say 'between: members' if it is about two persons.",
    ),
    Bad(
        "a conclusion about a benefit that is none",
        {"a.yaml": HEAD + _PAID + _conclusion("exclusion", "benefit: payd", "with: test.scheme", "between: members")},
        "a.yaml:11: 'payd' is no benefit of test.scheme. Did you mean 'paid'?",
    ),
    Bad(
        "a suggestion that excludes",
        {"a.yaml": HEAD + _PAID + _conclusion("suggestion", "benefit: paid")},
        "a.yaml:11: 'with', 'benefit' and 'between' go with the kinds exclusion, offset, duplicate; 'c' is a suggestion.",
    ),
    Bad(
        "between members without saying what",
        {"a.yaml": HEAD + _PAID + _conclusion("duplicate", "between: members")},
        "a.yaml:11: 'between' of 'c' goes with 'with', which names what another member gets.",
    ),
    Bad(
        "between others than members",
        {"a.yaml": HEAD + _PAID + _conclusion("duplicate", "with: test.scheme", "between: neighbours")},
        "a.yaml:16: 'between' is one of members, not 'neighbours'.",
    ),
    Bad(
        "changes: not one of the words",
        {"a.yaml": HEAD + definitions("x: {value: wage, changes: maybe}")},
        "a.yaml:6: 'changes' must be can, past or never, not 'maybe': whether a person can still change it, can only prove what was, or neither.",
    ),
    Bad(
        "changes: of a condition",
        {"a.yaml": HEAD + "eligibility:\n  c:\n    title: {zh: 条件, en: Condition}\n    changes: can\n    holds: insured\n"},
        "a.yaml:6: a condition is what follows, and nobody changes it directly. Say 'changes:' of a definition, or of a fact.",
    ),
    Bad(
        "changes: of what is no number, date or month",
        {"a.yaml": HEAD + definitions("x: {value: insured, changes: can}")},
        "a.yaml:6: 'changes' is said of a number, a date or a month, and 'x' is boolean. Remove it here.",
    ),
    Bad(
        "unknown name",
        {"a.yaml": HEAD + definitions("x: {value: wagee + 1}")},
        "a.yaml:6: unknown name 'wagee'. Did you mean 'wage'?",
    ),
    Bad(
        "unknown name in another scheme",
        {"a.yaml": HEAD + definitions("x: {value: test.scheme.yy}", "y: {value: 1}")},
        "a.yaml:6: unknown name 'test.scheme.yy'. Did you mean 'test.scheme.y'?",
    ),
    Bad(
        "wrong types",
        {"a.yaml": HEAD + definitions("x: {value: sex + 1}")},
        "a.yaml:6: '+' does not work on one of male, female and number.",
    ),
    Bad(
        "condition is not a boolean",
        {"a.yaml": HEAD + "eligibility:\n  c:\n    title: {zh: 条件, en: Condition}\n    holds: wage + 1\n"},
        "a.yaml:6: the condition 'c' must be true or false, not number of CNY/month.",
    ),
    Bad(
        "unit mismatch",
        {"a.yaml": HEAD + definitions("x:", "  unit: CNY", "  value: |", "    wage * 1", "    + months")},
        "a.yaml:9: CNY/month cannot be added to month. Both sides of '+' need the same unit.",
    ),
    Bad(
        "declared unit",
        {"a.yaml": HEAD + definitions("x:", "  unit: CNY", "  value: wage * 2", "y: {value: x + 1}")},
        "a.yaml:6: 'x' is declared in CNY, but its value is in CNY/month. Correct the unit or the expression.",
    ),
    Bad(
        "unknown unit",
        {"a.yaml": HEAD + definitions("x: {unit: CNY/mont, value: wage}")},
        "a.yaml:6: 'CNY/mont' is not a known unit. Did you mean 'month'? Units are built from CNY, year, month, day, person, point and 1 with * and /, such as CNY/month.",
    ),
    Bad(
        "circular in a file",
        {"a.yaml": HEAD + definitions("x: {value: y + 1}", "y: {value: x + 1}")},
        "a.yaml:6: circular definition: x -> y -> x. Break the circle.",
    ),
    Bad(
        "condition without title",
        {"a.yaml": HEAD + "eligibility:\n  c: {holds: insured}\n"},
        "a.yaml:6: the condition 'c' has no title. Add 'title: {zh: ..., en: ...}'.",
    ),
    Bad(
        "words for what is no condition",
        {"a.yaml": HEAD + definitions("x: {value: wage, unmet: {zh: 否, en: no}}")},
        "a.yaml:6: 'unmet' goes with 'holds': it says what 'x' comes to where that does not hold.",
    ),
    Bad(
        "a shortfall that is not stated",
        {"a.yaml": HEAD + "eligibility:\n  c:\n    title: {zh: 条件, en: Condition}\n    holds: insured\n    unmet: {zh: '差{shortfall}', en: short}\n"},
        "a.yaml:6: 'c' has no 'shortfall' for {shortfall} to stand for. Add 'shortfall:', or leave the word out.",
    ),
    Bad(
        "unknown name in the words of a condition",
        {"a.yaml": HEAD + "eligibility:\n  c:\n    title: {zh: 条件, en: Condition}\n    holds: insured\n    unmet: {zh: '{wagee}', en: '{wage}'}\n"},
        "a.yaml:6: in the text, {wagee}: unknown name 'wagee'. Did you mean 'wage'?",
    ),
    Bad(
        "gap in a decision table",
        {"a.yaml": HEAD + decision("months", ['"< 180", 1', '"> 180", 2'])},
        "a.yaml:12: the table has a gap: no row for months = 180. Add a row, or a last row of '-'.",
    ),
    Bad(
        "overlap in a decision table",
        {"a.yaml": HEAD + decision("months", ['"<= 180", 1', '">= 180", 2'])},
        "a.yaml:12: rows overlap: lines 11 and 12 both match months = 180. Narrow one, or choose the hit policy first.",
    ),
    Bad(
        "gap in two inputs",
        {"a.yaml": HEAD + decision("sex, insured", ['"\\"male\\"", "-", 1', '"\\"female\\"", true, 2'])},
        "a.yaml:12: the table has a gap: no row for sex = \"female\", insured = false. Add a row, or a last row of '-'.",
    ),
    Bad(
        "rows that differ under any",
        {"a.yaml": HEAD + decision("months", ['"<= 180", 1', '">= 180", 2'], "any")},
        "a.yaml:12: rows overlap: lines 11 and 12 both match months = 180. Narrow one, or choose the hit policy first.",
    ),
    Bad(
        "row with too few cells",
        {"a.yaml": HEAD + decision("sex, insured", ['"-", 1'])},
        "a.yaml:11: the row has 1 test for 2 inputs. Write one cell per input, then the output.",
    ),
    Bad(
        "range as a YAML list",
        {"a.yaml": HEAD + decision("months", ["[1..3], 1", '"-", 2'], "first")},
        'a.yaml:11: a cell must be one text. Put a range or a list in quotes, such as "[1..3]".',
    ),
    Bad(
        "row of another unit",
        {"a.yaml": HEAD + decision("months", ['"< 180", wage', '">= 180", months'])},
        "a.yaml:12: this row gives number of month, the rows above number of CNY/month. All rows need one type and unit.",
    ),
    Bad(
        "cell that is no test",
        {"a.yaml": HEAD + decision("months", ['"< wage", 1', '"-", 2'], "first")},
        "a.yaml:11: month cannot be compared with CNY/month.",
    ),
    Bad(
        "cell that compares with a rule",
        {"a.yaml": HEAD + decision("months", ['"< months", 1', '"-", 2'], "first")},
        "a.yaml:11: a cell may only compare its input with written values.",
    ),
    Bad(
        "unknown hit policy",
        {"a.yaml": HEAD + decision("months", ['"-", 1'], "uniqe")},
        "a.yaml:8: 'uniqe' is not a hit policy. Did you mean 'unique'? Policies: unique, any, first, priority, rule order, output order, collect, collect sum, collect min, collect max, collect count.",
    ),
    Bad(
        "priority without priorities",
        {"a.yaml": HEAD + decision("months", ['"-", 1'], "priority")},
        "a.yaml:8: 'priorities' (the outputs, best first) goes with the hit policies priority and output order, which need it.",
    ),
    Bad(
        "rows repeated",
        {"a.yaml": HEAD + parameters("p:", "  by: year", "  values: {2020: 1, 2021: 2, 2021.0: 3}")},
        "a.yaml:8: the key 2021.0 of 'p' stands here a second time (first on line 8): the rows overlap.",
    ),
    Bad(
        "rows with a hole",
        {"a.yaml": HEAD + parameters("p:", "  by: year", "  values: {2020: 1, 2022: 2}")},
        "a.yaml:6: the rows of 'p' have a gap: no value for 2021. Add it, or say 'gaps: unknown' if it was never published.",
    ),
    Bad(
        "rows with a longer hole",
        {"a.yaml": HEAD + parameters("p:", "  by: year", "  values: {2020: 1, 2029: 2}")},
        "a.yaml:6: the rows of 'p' have a gap: no value for 2021 to 2028. Add it, or say 'gaps: unknown' if it was never published.",
    ),
    Bad(
        "hole only after folding",
        {
            "a.yaml": HEAD + parameters("p:", "  by: year", "  values: {2020: 1, 2021: 2}"),
            "b.yaml": AMENDS + parameters("p:", "  by: year", "  add_values: {2023: 1}"),
        },
        "b.yaml:6: the rows of 'p' have a gap: no value for 2022. Add it, or say 'gaps: unknown' if it was never published.",
    ),
    Bad(
        "bands that fall",
        {"a.yaml": HEAD + parameters("p: {unit: CNY, bands: [{above: 0, rate: 0.1}, {above: 0, rate: 0.2}]}")},
        "a.yaml:6: bands must rise: 0 does not stand above 0.",
    ),
    Bad(
        "exponent",
        {"a.yaml": HEAD + parameters("p: {value: 1e3}")},
        "a.yaml:6: a value of 'p' must be a plain decimal number, not '1e3'. Write all its digits, such as 0.001 or 1200 (no exponent, no bare point, no separators).",
    ),
    Bad(
        "bare point",
        {"a.yaml": HEAD + parameters("p: {value: .5}")},
        "a.yaml:6: a value of 'p' must be a plain decimal number, not '.5'. Write all its digits, such as 0.001 or 1200 (no exponent, no bare point, no separators).",
    ),
    Bad(
        "separators",
        {"a.yaml": HEAD + parameters("p: {value: 1_000}")},
        "a.yaml:6: a value of 'p' must be a plain decimal number, not '1_000'. Write all its digits, such as 0.001 or 1200 (no exponent, no bare point, no separators).",
    ),
    Bad(
        "hexadecimal",
        {"a.yaml": HEAD + parameters("p: {value: 0x10}")},
        "a.yaml:6: a value of 'p' must be a plain decimal number, not '0x10'. Write all its digits, such as 0.001 or 1200 (no exponent, no bare point, no separators).",
    ),
    Bad(
        "infinity",
        {"a.yaml": HEAD + parameters("p: {value: .inf}")},
        "a.yaml:6: a value of 'p' must be a plain decimal number, not '.inf'. Write all its digits, such as 0.001 or 1200 (no exponent, no bare point, no separators).",
    ),
    Bad(
        "not a number",
        {"a.yaml": HEAD + parameters("p: {value: .nan}")},
        "a.yaml:6: a value of 'p' must be a plain decimal number, not '.nan'. Write all its digits, such as 0.001 or 1200 (no exponent, no bare point, no separators).",
    ),
    Bad(
        "leading zero",
        {"a.yaml": HEAD + parameters("p: {value: 010}")},
        "a.yaml:6: a value of 'p' must be a plain decimal number, not '010'. Write all its digits, such as 0.001 or 1200 (no exponent, no bare point, no separators).",
    ),
    Bad(
        "exponent in an expression",
        {"a.yaml": HEAD + definitions("x: {value: 1e3 + 1}")},
        "a.yaml:6: '1e3 + 1' makes no sense from 'e3' on. Expected the end or 'and' or a comparison (=, !=, <, <=, >, >=) or 'in'.",
    ),
    Bad(
        "unknown function",
        {"a.yaml": HEAD + definitions("x: {value: summ(records.paid)}")},
        "a.yaml:6: unknown function 'summ'. Did you mean 'sum'?",
    ),
    Bad(
        "wrong key in a definition",
        {"a.yaml": HEAD + definitions("x: {valeu: 1}")},
        "a.yaml:6: 'valeu' is not a key of the definition 'x'. Did you mean 'value'? Known keys: applies_when, carry, changes, counts_as, decide, holds, output, paid_to, round, shortfall, source, standing, title, unit, unmet, value.",
    ),
    Bad(
        "two bodies",
        {"a.yaml": HEAD + definitions("x: {value: 1, holds: true}")},
        "a.yaml:6: 'x' states value and holds. Keep one.",
    ),
    Bad(
        "value in a condition",
        {"a.yaml": HEAD + "eligibility:\n  c:\n    value: true\n"},
        "a.yaml:6: 'c': a condition says 'holds:', a definition or benefit says 'value:', 'decide:' or 'carry:'.",
    ),
    Bad(
        "table file missing",
        {"a.yaml": HEAD + parameters("p: {by: year, table: no.csv}")},
        "a.yaml:6: there is no table 'no.csv' beside this file (looked for no.csv).",
    ),
    Bad(
        "table without its column",
        {"a.yaml": HEAD + parameters("p: {by: year, table: p.csv}"), "p.csv": "key,valeu\n2020,1\n"},
        "p.csv:1: the table has no column 'value'. Did you mean 'valeu'?",
    ),
    Bad(
        "bad number in a table",
        {"a.yaml": HEAD + parameters("p: {by: year, table: p.csv}"), "p.csv": "key,value\n2020,1\n2021,1e3\n"},
        "p.csv:3: 'value' must be a plain decimal number, not '1e3'. Write all its digits, such as 0.001 or 1200 (no exponent, no bare point, no separators).",
    ),
    Bad(
        "row of a table repeated",
        {"a.yaml": HEAD + parameters("p: {by: year, table: p.csv}"), "p.csv": "key,value\n2020,1\n2020,2\n"},
        "p.csv:3: the key 2020 of 'p' stands here a second time (first on line 2): the rows overlap.",
    ),
    Bad(
        "expression too long",
        {"a.yaml": HEAD + definitions("x: {value: %s}" % ("1+" * 2000 + "1"))},
        "a.yaml:6: the expression has 4001 characters; the limit is 4000. Split it into named definitions.",
    ),
    Bad(
        "expression nested too deep",
        {"a.yaml": HEAD + definitions("x: {value: %s1%s}" % ("(" * 61, ")" * 61))},
        "a.yaml:6: brackets nest deeper than 60. Split the expression into named definitions.",
    ),
    Bad(
        "chain nested too deep",
        {"a.yaml": HEAD + definitions("x: {value: 1%s}" % ("+1" * 70))},
        "a.yaml:6: the expression nests 71 steps deep; the limit is 60. Split it into named definitions.",
    ),
    Bad(
        "empty expression",
        {"a.yaml": HEAD + definitions('x: {value: ""}')},
        "a.yaml:6: 'value' must be text. Write one line of text here.",
    ),
    Bad(
        "no value",
        {"a.yaml": HEAD + definitions("x: {unit: CNY}")},
        "a.yaml:6: 'x' has no value yet: this is the first file that names it. Add 'value:'.",
    ),
    Bad(
        "rounding to 0.03",
        {"a.yaml": HEAD + definitions("x: {value: 1, round: {to: 0.03, mode: half up}}")},
        "a.yaml:6: amounts are rounded to 1, 2 or 5 of a decimal place (1, 0.5, 0.1, 0.01), not to 0.03.",
    ),
    Bad(
        "unknown rounding mode",
        {"a.yaml": HEAD + definitions("x: {value: 1, round: {to: 0.01, mode: halfup}}")},
        "a.yaml:6: 'halfup' is not a rounding mode. Did you mean 'half up'? Modes: half up, half even, half down, up, down, ceiling, floor.",
    ),
    Bad(
        "unknown standing",
        {"a.yaml": HEAD + definitions("x: {value: 1, standing: oficial}")},
        "a.yaml:6: 'oficial' is not a standing. Did you mean 'official'? Standings: official, provisional, estimated, unverified.",
    ),
    Bad(
        "assumption nobody declared",
        {"a.yaml": HEAD + parameters("p: {by: year, values: {2020: 1}, extend: {with: grwth, how: grow}}")},
        "a.yaml:6: 'grwth' is not an assumption of type rate in the fact dictionary. Did you mean 'growth'?",
    ),
    Bad(
        "a carry over a number",
        {"a.yaml": HEAD + definitions("x:", "  carry: {each: i, in: wage, start: 0, next: previous + 1}")},
        "a.yaml:7: 'in' of a carry must be a list or a sequence first..last, not number of CNY/month.",
    ),
    Bad(
        "a carry that does not say how it is rounded",
        {"a.yaml": HEAD + definitions("x:", "  carry: {each: i, in: 1..3, start: 0, next: previous / 3}")},
        "a.yaml:7: a carried number says how each step is rounded: 'round: {to: 0.01, mode: half up}', or 'round: none' where every step is exact.",
    ),
    Bad(
        "a carried record that gains decimals",
        {"a.yaml": HEAD + definitions("x:", "  carry: {each: r, in: records, start: '{n: 0}', next: '{n: previous.n * 1.03 + r.paid}'}")},
        "a.yaml:7: the carried number 'n' gains decimals from step to step. Round it where it is computed: round_half_up(..., 2); or say 'round: none' where every step is exact.",
    ),
    Bad(
        "a carried record with a rounding of its own",
        {"a.yaml": HEAD + definitions("x:", "  carry: {each: r, in: records, start: '{n: 0}', next: '{n: r.paid}', round: {to: 1, mode: down}}")},
        "a.yaml:7: 'round' of a carry is for a carried number. Round the numbers of a record where they are computed: round_half_up(..., 2).",
    ),
    Bad(
        "a carried record with other fields",
        {"a.yaml": HEAD + definitions("x:", "  carry: {each: r, in: records, start: '{n: 0, m: 0}', next: '{m: r.paid, n: r.year}'}")},
        "a.yaml:7: 'next' gives the fields m, n, but 'start' has n, m. Both need the same fields in the same order.",
    ),
    Bad(
        "a carried record with a field of another type",
        {"a.yaml": HEAD + definitions("x:", "  carry: {each: r, in: records, start: '{n: true}', next: '{n: r.paid}'}")},
        "a.yaml:7: 'next' gives number of month for 'n', but 'start' has boolean. They must be of one type and unit.",
    ),
    Bad(
        "a carried record with a list",
        {"a.yaml": HEAD + definitions("x:", "  carry: {each: r, in: records, start: '{n: records}', next: '{n: previous.n}'}")},
        "a.yaml:7: 'n' of a carried record is a list of record {year, paid, index}. It may hold numbers, dates, texts and truths; carry the parts as fields.",
    ),
    Bad(
        "a list of lists",
        {"a.yaml": HEAD + definitions("x: {value: 'for i in 1..2 return for j in 1..2 return i * j'}")},
        "a.yaml:6: 'x' is a list of lists. Give the inner list a definition of its own, or reduce it (sum, count, ...).",
    ),
    Bad(
        "a carry of two units",
        {"a.yaml": HEAD + definitions("x:", "  unit: CNY", "  carry: {each: i, in: 1..3, start: 0, next: previous + wage}")},
        "a.yaml:8: CNY cannot be added to CNY/month. Both sides of '+' need the same unit.",
    ),
    Bad(
        "text of a conclusion",
        {"a.yaml": HEAD + 'conclusions:\n  x:\n    kind: suggestion\n    when: insured\n    text: {zh: "看{wagee}", en: look}\n'},
        "a.yaml:6: in the text, {wagee}: unknown name 'wagee'. Did you mean 'wage'?",
    ),
    Bad(
        "a first wording that holds for some",
        {"a.yaml": HEAD + definitions("x: {value: wage, applies_when: insured}")},
        "a.yaml:6: 'x' is new here, so nothing would hold where its 'applies_when' does not. Write 'if ... then ... else null', or state it for everyone first.",
    ),
]
