"""Systems side by side: columns for whichever systems were run, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from microbench.report.columns import (
    Block,
    Column,
    error_style,
    error_text,
    legend,
    range_text,
    value_text,
)
from microbench.report.decimals import percent, printed, short
from microbench.report.pairs import BASE, Pair, pair_rows
from microbench.row import Row
from microbench.systems.registry import usual

PUBLISHED = ("native", "l4")
"""Systems the talk printed a ratio of."""


def side_by_side(rows: Sequence[Row]) -> bool:
    """Whether some benchmark was run on more than one system."""
    return any(len(pair.rows) > 1 for pair in pair_rows(rows))


def system_block(rows: Sequence[Row]) -> Block:
    """A line for each benchmark, values and ratios of each system beside one another."""
    pairs = pair_rows(rows)
    base = BASE if any(BASE in p.rows for p in pairs) else next(iter(pairs[0].rows))
    systems = sorted({s: None for p in pairs for s in p.rows}, key=lambda s: s != base)
    says = (
        f"ratio: speed relative to {base}, above 1 = faster. error: modelled / published - 1."
        if len(systems) > 1
        else ""
    )
    return Block("", list(_columns(systems)), pairs, legend(rows, says))


def _columns(systems: Sequence[str]) -> Iterable[Column]:
    base, others = systems[0], systems[1:]
    yield Column("benchmark", lambda p: p.name, left=True, stack=True)
    yield Column("machine", lambda p: p.machine, drop=9, left=True)
    yield Column("unit", lambda p: p.unit, drop=2, left=True)
    for system in systems:
        text, narrow = partial(_value, system), partial(_with_range, system)
        yield _column(system, "", "modelled", text, drop=_last(system), narrow=narrow)
    for system in others:
        name = "" if len(others) == 1 else system
        ratio = partial(_ratio, system)
        style = partial(_ratio_style, system)
        yield Column(
            f"ratio\n{_broken(name)}".strip(), ratio, drop=_last(system), style=style,
            heading=f"modelled ratio {name}".strip(),
            narrow=partial(_ratio_of, system),
        )  # fmt: skip
    for system in systems:
        drop = 7 if system == base else 5
        text = partial(_range, system)
        yield _column(system, "range", "range", text, drop=drop, folded=True)
    for system in systems:
        drop = 4 if system == base else 3
        text = partial(_published, system)
        yield _column(system, "publ.", "published", text, drop=drop, folded=True)
    yield Column("publ.\nratio", _published_ratio, heading="published ratio", folded=True)
    for system in systems:
        text, narrow = partial(_error, system), partial(_error_of, system)
        style = partial(_error_style, system)
        yield _column(system, "error", "error", text, style=style, narrow=narrow)
    yield Column("error\nratio", _ratio_error, drop=6, on_screen_only=True)
    yield Column("role", roles, drop=8, left=True)


def _column(system: str, above: str, heading: str, text: partial[str], **more: object) -> Column:
    title = f"{above}\n{system}" if above else _broken(system)
    return Column(title, text, heading=f"{heading} {system}", **more)  # type: ignore[arg-type]


def _broken(system: str) -> str:
    """A long name over two lines."""
    head, dash, tail = system.partition("-")
    return f"{head}\n-{tail}" if dash else head


def _last(system: str) -> int:
    """What stands beside the talk's systems goes first, what was asked for goes last."""
    beside = system in usual() and system not in PUBLISHED
    return 9 if beside else 0


def _value(system: str, pair: Pair) -> str:
    return value_text(pair.rows.get(system))


def _range(system: str, pair: Pair) -> str:
    return range_text(pair.rows.get(system))


def _ratio(system: str, pair: Pair) -> str:
    return short(pair.ratio(system), 3)


def _with_range(system: str, pair: Pair) -> str:
    return f"{_value(system, pair)}\n{_range(system, pair)}".rstrip("\n")


def _bracketed(text: str, published: str) -> str:
    return f"{text}\n({published})" if published else text


def _ratio_of(system: str, pair: Pair) -> str:
    published = _published_ratio(pair) if system == PUBLISHED[1] else ""
    return _bracketed(_ratio(system, pair), published)


def _error_of(system: str, pair: Pair) -> str:
    return _bracketed(_error(system, pair), _published(system, pair))


def _published_ratio(pair: Pair) -> str:
    return printed(pair.published_ratio)


def _published(system: str, pair: Pair) -> str:
    return printed(pair.published(system))


def _error(system: str, pair: Pair) -> str:
    return error_text(pair.error(system), pair.role(system))


def _error_style(system: str, pair: Pair) -> str:
    return error_style(pair.error(system))


def _ratio_style(system: str, pair: Pair) -> str:
    ratio = pair.ratio(system)
    if ratio is None or 0.985 < ratio < 1.015:
        return ""
    return "green" if ratio > 1 else "red"


def _ratio_error(pair: Pair) -> str:
    ratio, published = pair.ratio(), pair.published_ratio
    return percent(ratio / published - 1) if ratio and published else ""


def roles(pair: Pair) -> str:
    """The roles of a pair's published values, each once."""
    return " / ".join(dict.fromkeys(role for s in pair.rows if (role := pair.role(s))))
