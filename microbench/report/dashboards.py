"""Results for CI dashboards: github-action-benchmark entries and JUnit XML.

Knows the two forms. What passes or fails is decided in `bench.compare`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from xml.etree import ElementTree as xml

from microbench.report.pairs import row_name
from microbench.row import Row
from microbench.store.compare import Comparison, Match


def github_benchmark(rows: Iterable[Row], better: str) -> str:
    """Entries (name, unit, value, extra) of all rows of one direction, as JSON.

    Parameters
    ----------
    rows : iterable of Row
    better : str
        "smaller" or "larger": the action reads one direction per file.
    """
    entries = [
        {"name": _name(row), "unit": row.unit, "value": row.value, "extra": _extra(row)}
        for row in rows
        if row.better == better
    ]
    return json.dumps(entries, indent=1, allow_nan=False) + "\n"


def junit_rows(rows: Iterable[Row]) -> str:
    """One test case per row: `time` is the modelled latency [s], the rest stands in properties.

    Nothing fails here: there is nothing to fail against. `junit_comparison` judges.
    """
    suite = xml.Element("testsuite", name="mkbench")
    for row in rows:
        case = _case(suite, row)
        if row.unit == "us":
            case.set("time", f"{row.value / 1e6:.9f}")
        _properties(case, row)
    return _document(suite, failures=0)


def junit_comparison(comparison: Comparison, only_worse: bool = False) -> str:
    """One test case per row of a comparison; it fails if the row differs too much or is gone."""
    suite = xml.Element("testsuite", name="mkbench check")
    failed = {match.old.key for match in comparison.failures(only_worse)}
    for match in comparison.matched:
        case = _case(suite, match.new)
        if match.old.key in failed:
            failure = xml.SubElement(case, "failure", message=_said(match), type=match.verdict)
            failure.text = _said(match)
    for row in comparison.removed:
        case = _case(suite, row)
        xml.SubElement(case, "failure", message="row is gone", type="removed").text = _name(row)
    for row in comparison.added:
        xml.SubElement(_case(suite, row), "skipped", message="new row, nothing to compare with")
    return _document(suite, failures=len(failed) + len(comparison.removed))


def _said(match: Match) -> str:
    old, new = match.old, match.new
    cycles = "" if old.cycles == new.cycles else f", {old.cycles} to {new.cycles} cycles"
    return f"{match.verdict}: {old.value:g} to {new.value:g} {new.unit}{cycles}"


def _name(row: Row) -> str:
    return f"{row_name(row.benchmark, row.args, row.metric)} {row.system} {row.machine}"


def _extra(row: Row) -> str:
    parts = [f"metric {row.metric}", f"{row.better} is better", f"model {row.model_version}"]
    if row.published is not None:
        parts.append(f"published {row.published:g} ({row.role})")
    return "; ".join(parts)


def _case(suite: xml.Element, row: Row) -> xml.Element:
    classname = f"mkbench.{row.machine}.{row.system}"
    name = row_name(row.benchmark, row.args, row.metric)
    return xml.SubElement(suite, "testcase", classname=classname, name=name)


def _properties(case: xml.Element, row: Row) -> None:
    box = xml.SubElement(case, "properties")
    for name in ("metric", "unit", "value", "cycles", "published", "error", "role"):
        value = getattr(row, name)
        if value not in (None, ""):
            xml.SubElement(box, "property", name=name, value=str(value))


def _document(suite: xml.Element, failures: int) -> str:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(failures))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    root = xml.Element("testsuites")
    root.append(suite)
    xml.indent(root, " ")
    return xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
