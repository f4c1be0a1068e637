"""Rule files with one fault each, and the exact message it must give: the file, its time and place, its amendments."""

from __future__ import annotations

from tests.language.bad_file import AMENDS, BEIJING, HEAD, Bad, definitions, parameters

BAD = [
    Bad(
        "a right without its law",
        {"a.yaml": HEAD, "notices.yaml": "objections:\n  review:\n    text: {zh: 可以复议, en: Review}\n    source: {instrument: 行政复议法}\n"},
        "notices.yaml:4: the text 'review' does not say its article. What people are told of their rights is told with its law: 'source: {instrument: ..., article: ...}'.",
    ),
    Bad(
        "a notice for what is no scheme",
        {"a.yaml": HEAD, "notices.yaml": "objections:\n  review:\n    schemes: [Pension]\n    text: {zh: 可以复议, en: Review}\n    source: {instrument: 行政复议法, article: 第一条}\n"},
        "notices.yaml:3: 'Pension' is no scheme and no beginning of one. Write it like pension, or pension.employee.",
    ),
    Bad(
        "a claim that says nothing",
        {"a.yaml": HEAD + "claim: {standing: unverified}\n"},
        "a.yaml:5: the claim says neither 'where', 'documents' nor 'deadline'. State at least one of them.",
    ),
    Bad(
        "a claim without documents that lists them",
        {"a.yaml": HEAD + "claim: {documents: []}\n"},
        "a.yaml:5: 'documents' is empty. Name the documents, or leave the key out.",
    ),
    Bad(
        "a misspelt part of a claim",
        {"a.yaml": HEAD + "claim: {wher: {zh: 甲, en: A}}\n"},
        "a.yaml:5: 'wher' is not a key of 'claim'. Did you mean 'where'? Known keys: deadline, documents, source, standing, where.",
    ),
    Bad(
        "a timeline over what is no date",
        {"a.yaml": HEAD + "timeline: mnths\n" + definitions("x: {value: 1}")},
        "a.yaml:5: 'timeline' names a fact that is a date or a month, and 'mnths' is none.",
    ),
    Bad(
        "circular only after folding",
        {"a.yaml": HEAD + definitions("x: {value: 1}", "y: {value: x + 1}"), "b.yaml": AMENDS + definitions("x: {value: y + 1}")},
        "b.yaml:6: circular definition: x -> y -> x. Break the circle.",
    ),
    Bad(
        "gap in time",
        {
            "a.yaml": HEAD.replace("2000-01-01}", "2000-01-01, to: 2008-12-31}") + definitions("x: {value: 1}"),
            "b.yaml": AMENDS + definitions("x: {value: 2}"),
        },
        "b.yaml:1: there is a gap: test.scheme@2000-01-01 ends on 2008-12-31, this file begins on 2010-01-01.",
    ),
    Bad(
        "overlap in time",
        {
            "a.yaml": HEAD.replace("2000-01-01}", "2000-01-01, to: 2010-06-30}") + definitions("x: {value: 1}"),
            "b.yaml": AMENDS + definitions("x: {value: 2}"),
        },
        "b.yaml:1: there is an overlap: test.scheme@2000-01-01 is in force until 2010-06-30, this file begins on 2010-01-01.",
    ),
    Bad(
        "same version twice",
        {"a.yaml": HEAD, "b.yaml": AMENDS, "c.yaml": AMENDS},
        "c.yaml:1: test.scheme@2010-01-01 stands in two files that overlap in time: here and in b.yaml. Keep one, or give one another date.",
    ),
    Bad(
        "ends before it begins",
        {"a.yaml": HEAD.replace("2000-01-01}", "2000-01-01, to: 1999-12-31}")},
        "a.yaml:3: 'in_force' ends on 1999-12-31, before it begins on 2000-01-01.",
    ),
    Bad(
        "amends something not older",
        {"a.yaml": HEAD, "b.yaml": AMENDS.replace("2010-01-01", "1990-01-01")},
        "b.yaml:4: test.scheme@1990-01-01 amends test.scheme@2000-01-01, which is not older.",
    ),
    Bad(
        "amends of nothing",
        {"a.yaml": HEAD, "b.yaml": AMENDS.replace("scheme@2000-01-01", "scheme@2000-01-02")},
        "b.yaml:4: there is no version 'test.scheme@2000-01-02' to amend. Did you mean 'test.scheme@2000-01-01'?",
    ),
    Bad(
        "founded in two files",
        {"a.yaml": HEAD, "b.yaml": HEAD.replace("2000", "2010")},
        "b.yaml:1: test.scheme is founded in two files. This one must say what it 'amends:'.",
    ),
    Bad(
        "founded by a province",
        {"a.yaml": BEIJING.replace("amends: test.scheme@2000-01-01\n", "")},
        "a.yaml:1: nothing founds the scheme test.scheme: its first file has to be national.",
    ),
    Bad(
        "no title",
        {"a.yaml": HEAD.replace("title: {zh: 测试, en: Test}\n", "")},
        "a.yaml:1: the scheme test.scheme has no title. Add 'title: {zh: ..., en: ...}' to the file that founds it.",
    ),
    Bad(
        "missing source",
        {"a.yaml": HEAD.replace("source: {instrument: 测试办法}\n", "")},
        "a.yaml:1: the file has no source. Add 'source: {instrument: ..., number: ...}': without its law a rule does not load.",
    ),
    Bad(
        "source without instrument",
        {"a.yaml": HEAD.replace("instrument: 测试办法", "number: 1号")},
        "a.yaml:4: the source does not name its instrument. Add 'instrument: ...'.",
    ),
    Bad(
        "unknown region",
        {"a.yaml": HEAD, "b.yaml": BEIJING.replace("110000", "119999")},
        'b.yaml:3: there is no region \'119999\'. Use a six-digit GB/T 2260 code in quotes, such as "110000" (北京) or "000000" (the nation).',
    ),
    Bad(
        "duplicate key",
        {"a.yaml": HEAD + definitions("x: {value: 1}", "x: {value: 2}")},
        "a.yaml:7: the key 'x' stands here a second time (first on line 6). Keep one of them.",
    ),
    Bad(
        "wrong key in a file",
        {"a.yaml": HEAD + "definition: {}\n"},
        "a.yaml:5: 'definition' is not a key of a rule file. Did you mean 'definitions'? Known keys: amends, applies_when, benefits, binding, claim, conclusions, definitions, eligibility, in_force, library, parameters, proposal, region, scheme, source, standing, timeline, title.",
    ),
    Bad(
        "amendment changes the type",
        {"a.yaml": HEAD + definitions("x: {value: 1}"), "b.yaml": AMENDS + definitions("x: {value: insured}")},
        "b.yaml:6: 'x' is number in a.yaml, here boolean. An amendment keeps type and unit.",
    ),
    Bad(
        "amendment changes the unit",
        {"a.yaml": HEAD + definitions("x: {unit: CNY, value: 1}"), "b.yaml": AMENDS + definitions("x: {unit: month, value: 2}")},
        "b.yaml:6: 'x' is in CNY in a.yaml, here in month. An amendment keeps the unit.",
    ),
    Bad(
        "amendment changes the unit of the value",
        {"a.yaml": HEAD + definitions("x: {unit: CNY, value: 1}"), "b.yaml": AMENDS + definitions("x: {value: wage}")},
        "b.yaml:6: 'x' is number of CNY in a.yaml, here number of CNY/month. An amendment keeps type and unit.",
    ),
    Bad(
        "amendment changes a parameter's unit",
        {"a.yaml": HEAD + parameters("p: {unit: CNY, value: 1}"), "b.yaml": AMENDS + parameters("p: {unit: month, value: 1}")},
        "b.yaml:6: 'p' is in CNY in a.yaml, here in month. An amendment keeps the unit.",
    ),
    Bad(
        "amendment changes a parameter's key",
        {"a.yaml": HEAD + parameters("p: {by: month, values: {2020-01: 1}}"), "b.yaml": AMENDS + parameters("p: {values: {2020: 1}}")},
        "b.yaml:6: a key of 'p' must be a month written YYYY-MM, not '2020'.",
    ),
    Bad(
        "amendment makes a table of one value",
        {"a.yaml": HEAD + parameters("p: {value: 1}"), "b.yaml": AMENDS + parameters("p: {by: year, values: {2020: 1}}")},
        "b.yaml:6: 'p' has one value in a.yaml. Write 'value:' here, not a table of values.",
    ),
    Bad(
        "amendment changes the kind",
        {
            "a.yaml": HEAD + definitions("x: {value: insured}"),
            "b.yaml": AMENDS + "eligibility:\n  x:\n    title: {zh: 条件, en: Condition}\n    holds: insured\n",
        },
        "b.yaml:6: 'x' is a definition in a.yaml; it cannot become a condition.",
    ),
    Bad(
        "parameter becomes a definition",
        {"a.yaml": HEAD + parameters("x: {value: 1}"), "b.yaml": AMENDS + definitions("x: {value: 2}")},
        "b.yaml:6: 'x' is a parameter in a.yaml; it cannot become a definition.",
    ),
    Bad(
        "definition becomes a parameter",
        {"a.yaml": HEAD + definitions("x: {value: 1}"), "b.yaml": AMENDS + parameters("x: {value: 2}")},
        "b.yaml:6: 'x' is a definition in a.yaml; it cannot become a parameter.",
    ),
    Bad(
        "amendment of a misspelt parameter",
        {
            "a.yaml": HEAD + parameters("rate: {value: 0.01}") + definitions("x: {value: wage * rate}"),
            "b.yaml": AMENDS + parameters("rat: {value: 0.011}"),
        },
        "b.yaml:6: 'rat' is new here, and no rule uses it. Did you mean 'rate'? Correct the name, use it, or remove it.",
    ),
    Bad(
        "amends a definition nobody made",
        {"a.yaml": HEAD, "b.yaml": AMENDS + definitions("x: {round: {to: 0.01, mode: half up}}")},
        "b.yaml:6: 'x' has no value yet: this is the first file that names it. Add 'value:'.",
    ),
    Bad(
        "reserved name",
        {"a.yaml": HEAD + definitions("previous: {value: 1}")},
        "a.yaml:6: 'previous' is a word of the language and cannot name a rule. Choose another name.",
    ),
    Bad(
        "not a name",
        {"a.yaml": HEAD + definitions("my value: {value: 1}")},
        "a.yaml:6: 'my value' is not a name. Use letters, digits and underscores, beginning with a letter.",
    ),
    Bad(
        "fact name reused",
        {"a.yaml": HEAD + definitions("wage: {value: 1}")},
        "a.yaml:6: 'wage' is already a fact in the dictionary. Only a benefit may have the name of the fact it states. Choose another name.",
    ),
    Bad(
        "name of a parameter and a definition",
        {"a.yaml": HEAD + parameters("x: {value: 1}") + definitions("x: {value: 1}")},
        "a.yaml:8: 'x' is both a parameter and a definition. Rename one.",
    ),
    Bad(
        "definition and condition of one name",
        {"a.yaml": HEAD + definitions("x: {value: 1}") + "eligibility:\n  x:\n    holds: insured\n"},
        "a.yaml:8: 'x' is already defined in this file on line 6. Names are unique in a scheme.",
    ),
    Bad(
        "not in force nationally",
        {"a.yaml": HEAD, "b.yaml": BEIJING + definitions("local: {value: 1}"), "c.yaml": AMENDS + definitions("x: {value: local + 1}")},
        "c.yaml:6: 'x' uses 'test.scheme.local', which does not hold in every place and at every time that 'x' does. Define it there too, or nationally from the same day.",
    ),
    Bad(
        "not in force nationally, in a conclusion",
        {
            "a.yaml": HEAD,
            "b.yaml": BEIJING + definitions("local: {value: 1}"),
            "c.yaml": AMENDS + "conclusions:\n  x:\n    kind: suggestion\n    when: local > 1\n    text: {zh: 看, en: look}\n",
        },
        "c.yaml:6: 'x' uses 'test.scheme.local', which does not hold in every place and at every time that 'x' does. Define it there too, or nationally from the same day.",
    ),
    Bad(
        "a rule named eligible",
        {"a.yaml": HEAD + definitions("eligible: {value: true}")},
        "a.yaml:6: 'eligible' is a word of the language and cannot name a rule. Choose another name.",
    ),
    Bad(
        "eligible of a library",
        {"a.yaml": HEAD + definitions("x: {value: test.figures.eligible}"), "b.yaml": HEAD.replace("test.scheme", "test.figures") + "library: true\n"},
        "a.yaml:6: unknown name 'test.figures.eligible'. Did you mean 'test.scheme.eligible'?",
    ),
    Bad(
        "a circle through eligible",
        {
            "a.yaml": HEAD + "eligibility:\n  c: {title: {zh: 甲, en: A}, holds: not(test.other.eligible)}\n",
            "b.yaml": HEAD.replace("test.scheme", "test.other") + "eligibility:\n  c: {title: {zh: 甲, en: A}, holds: not(test.scheme.eligible)}\n",
        },
        "b.yaml:1: circular definition: eligible -> c -> test.scheme.eligible -> test.scheme.c -> eligible. Break the circle.",
    ),
    Bad(
        "a misspelt name of another scheme",
        {"a.yaml": HEAD + definitions("x: {value: test.other.pad}"), "b.yaml": HEAD.replace("test.scheme", "test.other") + definitions("paid: {value: 1}")},
        "a.yaml:6: unknown name 'test.other.pad'. Did you mean 'test.other.paid'?",
    ),
    Bad(
        "not UTF-8",
        {"a.yaml": HEAD.encode() + "# 测试".encode("gb18030")},
        "a.yaml:5: the file is not UTF-8 text. Save it as UTF-8.",
    ),
    Bad(
        "unreadable YAML",
        {"a.yaml": HEAD + "definitions: [\n"},
        "a.yaml:6: not readable as YAML: did not find expected node content.",
    ),
    Bad(
        "tab",
        {"a.yaml": HEAD + "definitions:\n\tx: 1\n"},
        "a.yaml:6: not readable as YAML: found character that cannot start any token.",
    ),
    Bad(
        "control character",
        {"a.yaml": HEAD + "# \x01\n"},
        "a.yaml:5: not readable as YAML: it holds a control character. Remove it.",
    ),
    Bad(
        "empty file",
        {"a.yaml": ""},
        "a.yaml:1: the file is empty.",
    ),
    Bad(
        "anchors",
        {"a.yaml": HEAD + "definitions:\n  x: &x {value: 1}\n  y: *x\n"},
        "a.yaml:6: anchors and aliases (& and *) are not used in rule files. Write the value out where it is needed.",
    ),
    Bad(
        "tag",
        {"a.yaml": HEAD + parameters("p: {value: !!python/name:os.system 1}")},
        "a.yaml:6: 'tag:yaml.org,2002:python/name:os.system' is a YAML tag, which rule files do not use. Write the value without it.",
    ),
    Bad(
        "a savings clause replacing a parameter",
        {"a.yaml": HEAD + parameters("p: {value: 1}"), "b.yaml": AMENDS + "applies_when: insured\n" + parameters("p: {value: 2}")},
        "b.yaml:7: a file with 'applies_when' cannot replace the parameter 'p' for everyone. Use add_values, or a new name.",
    ),
    Bad(
        "not a scheme",
        {"a.yaml": HEAD.replace("test.scheme", "Test")},
        "a.yaml:1: 'Test' is not a scheme id. Write it like pension.employee.",
    ),
    Bad(
        "date that does not exist",
        {"a.yaml": HEAD.replace("2000-01-01", "2000-02-30")},
        "a.yaml:3: 'from' must be a date that exists, such as 2025-01-01, not '2000-02-30'.",
    ),
]
