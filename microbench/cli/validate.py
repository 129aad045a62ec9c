"""`mkbench validate`: how far to trust the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from microbench.cli._options import output_option, quiet_option
from microbench.cli._output import emit_text
from microbench.cli._say import note, progress
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.run.setup import Setup
    from microbench.study.calibrate import Pair
    from microbench.study.scoreboard import Summary
    from microbench.study.values import Value

SEED = 20070101
MOST_DRAWS = 10_000


@click.command()
@click.argument("what", default="talk", metavar="[talk|smp]")
@click.option(
    "--uncertainty",
    type=click.IntRange(1, MOST_DRAWS),
    metavar="N",
    help="Draw every guess N times.",
)
@click.option("--all", "details", is_flag=True, help="Every row, cliffs, calibration, clocks.")
@click.option("--choices", is_flag=True, help="Every choice, and the rows without it (minutes).")
@click.option("--seed", default=SEED, show_default=True, help="Of the draws.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@output_option
@quiet_option
def command(
    what: str,
    uncertainty: int | None,
    details: bool,
    choices: bool,
    seed: int,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Print how far to trust the model: the summary and the worst rows.

    With --all every error, and what the calibrated numbers hang on.
    """
    if what not in ("talk", "smp"):
        raise UsageError(f"validate {what!r}: talk or smp")
    from microbench.run.setup import prepare

    if what == "smp":
        emit_text(_smp(uncertainty, details, choices, seed, form, quiet), output)
        return
    setup = prepare("pxa255")
    if uncertainty:
        emit_text(_uncertainty(setup, uncertainty, seed, quiet), output)
        return
    if choices:
        emit_text(_choices(setup, quiet), output)
        return
    from microbench.study.scoreboard import summary
    from microbench.study.values import evaluate

    note("running every row of the talk", quiet)
    values = evaluate(setup)
    found = summary(values, setup)
    if form == "json":
        emit_text(_json(values, found, setup), output)
        return
    if not details:
        emit_text("\n".join(_screen(values, found, setup)) + "\n", output)
        return
    lines = [*_errors(values), *_spreads(values), "", *_folded(_summary(found)), ""]
    lines += [*_cliffs(values, setup), "", *_calibration(values, setup), "", *_clocks()]
    emit_text("\n".join(lines) + "\n", output)


def _smp(draws: int | None, details: bool, choices: bool, seed: int, form: str, quiet: bool) -> str:
    from microbench.cli.smp._report import drawn_text, validate_text

    if choices:
        raise UsageError("--choices: of the talk's rows; validate smp --all lists its own")
    if not draws:
        return validate_text(form, quiet, details)
    if details or form != "table":
        raise UsageError("validate smp --uncertainty: a text by itself, no --all, no --format")
    return drawn_text(draws, seed, quiet)


WORST = 8
WIDTH = 80


def _screen(values: Sequence[Value], found: Summary, setup: Setup) -> list[str]:
    """One screen: the summary, then the rows that miss most, then where the rest stands."""
    predicted = [v for v in values if v.published.role == "predict"]
    worst = sorted(predicted, key=lambda v: -abs(v.error))[:WORST]
    lines = [f"How far to trust the talk's rows on {setup.label}", ""]
    lines += _folded(_summary(found))
    lines += ["", f"the {len(worst)} predicted values of {len(predicted)} that miss most"]
    lines += _errors(worst)
    return [
        *lines,
        "",
        "mkbench validate --all      every row, capacity cliffs, calibration, clocks",
        "mkbench validate --choices  every choice, and the rows without it (minutes)",
        "mkbench validate smp        many CPUs;  mkbench table today|fs|ipc: the others",
    ]


def _errors(values: Sequence[Value]) -> list[str]:
    lines = [f"{'row':32}{'unit':>9}{'modelled':>10}{'published':>10}{'error':>8} role"]
    for v in values:
        p = v.published
        lines.append(
            f"{v.name:32}{p.unit:>9}{v.modelled:10.4g}{p.value:10g}{v.error:+8.1%} {p.role}"
        )
    return lines


def _spreads(values: Sequence[Value]) -> list[str]:
    """By how much a row's iterations differ, where they do."""
    found = [f"  {v.name:32}{v.spread:8.1%}" for v in values if v.spread > 0.001]
    return ["", "spread of a row's iterations", *found] if found else []


def _folded(lines: Iterable[str]) -> list[str]:
    import textwrap

    return [
        part
        for line in lines
        for part in textwrap.wrap(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    ]


def _summary(found: Summary) -> list[str]:
    return [
        f"values with role predict: median error {found.predict_median_error:.1%}, "
        f"mean {found.predict_mean_error:.1%}, within 10 %: {found.share_within_10:.0%}, "
        f"within 25 %: {found.share_within_25:.0%}",
        f"the {found.informative_values} of them that could have missed (kernel at least a tenth, "
        f"not the work of another row again): median {found.informative_median_error:.1%}",
        f"who wins: {found.winners_right} of {found.winners_total} rows as published",
        f"choices: {found.choices}, of which calibrated numbers: {found.calibrated_numbers} "
        "(`mkbench validate --choices` lists them)",
        f"leave one row out: median {found.leave_one_out_median:.1%}",
        f"published values inside their 90 % ranges, all tables: {found.coverage_90:.0%}",
    ]


def _cliffs(values: Sequence[Value], setup: Setup) -> list[str]:
    from microbench.run.occupancy import occupancy
    from microbench.run.runner import record
    from microbench.workloads.registry import workloads

    lines = ["rows on a capacity cliff (a warm loop at 80 to 150 % of a structure)"]
    for v in values:
        p = v.published
        if p.system != "l4" or p.role == "check":
            continue
        workload = workloads(p.benchmark, p.args.split())[0]
        full = occupancy(record(workload, workload.parts()[0], p.system), setup.spec)
        if full.on_cliff:
            said = ", ".join(f"{name} {getattr(full, name):.0%}" for name in full.on_cliff)
            lines.append(f"  {v.name:32}{said}")
    return lines


def _calibration(values: Sequence[Value], setup: Setup) -> list[str]:
    from microbench.study.leaveout import implied, left_out, native_only

    lines = ["calibrated row, predicted with its number set on another row"]
    lines += [f"  {name:32}{error:+8.1%}" for name, error in left_out(setup).items()]
    lines += [
        f"native rows alone calibrate: l4 column off by {native_only(values, setup):.1%} (median)"
    ]
    for key, rows in implied(setup).items():
        lines += ["", f"value of {key} each row alone would give"]
        lines += [f"  {name:32}{value:8.2f}" for name, value in rows.items() if value is not None]
    return lines


def _clocks() -> list[str]:
    from microbench.study.scoreboard import evidence

    lines = ["legal clock pairs: error of lat_ctx -s 0 1 native, memory times each would need"]
    lines += [
        f"{'core':>10}{'SDRAM':>9} MHz{'error':>9}{'fill overhead':>15}{'unexplained':>13}"
        f"{'write':>8}  in range"
    ]
    lines += [_clock(pair) for pair in evidence()]
    return [*lines, "", *_folded(_nominal())]


def _clock(pair: Pair) -> str:
    return (
        f"{pair.core_hz / 1e6:10.2f}{pair.sdram_hz / 1e6:9.2f}    {pair.clock_error:+9.1%}"
        f"{pair.overhead_clocks:15.1f}{pair.unexplained_clocks:13.1f}{pair.write_clocks:8.1f}"
        f"  {'yes' if pair.inside else 'no'}"
    )


def _nominal() -> list[str]:
    """Both clocks, calibrated alike, and the nominal one with nothing calibrated."""
    from statistics import mean

    from microbench.run.setup import NONE, prepare
    from microbench.study.choices import nominal
    from microbench.study.values import evaluate

    lines = []
    for said, setup in (
        ("as calibrated", prepare("pxa255")),
        ("all else calibrated alike", nominal()),
        ("nothing calibrated", prepare("pxa255", (), NONE)),
    ):
        errors = sorted(abs(v.error) for v in evaluate(setup) if v.published.role == "predict")
        clocks = [setup.spec.value(f"{x}.clock_hz") / 1e6 for x in ("core", "sdram")]
        lines.append(
            f"{clocks[0]:.2f} / {clocks[1]:.2f} MHz, {said}: median error "
            f"{errors[len(errors) // 2]:.1%}, mean {mean(errors):.1%}, worst {errors[-1]:.0%}"
        )
    return lines


def _choices(setup: Setup, quiet: bool) -> str:
    from microbench.study.choices import choices, medians, table, text

    with progress(len(choices()), quiet) as tick:
        lines = table(tick)
    every, telling, _ = medians(setup)
    return text(lines, (every, telling))


def _json(values: Sequence[Value], found: Summary, setup: Setup) -> str:
    import json

    from microbench.store.provenance import provenance
    from microbench.study.tables import value_rows

    rows = value_rows(values, setup)
    body = {
        "provenance": provenance(rows, ["validate"]),
        "summary": asdict(found),
        "rows": [row.as_dict() for row in rows],
    }
    return json.dumps(body, indent=1) + "\n"


def _uncertainty(setup: Setup, count: int, seed: int, quiet: bool) -> str:
    from statistics import median

    from microbench.study.uncertainty import draw

    with progress(count, quiet) as tick:
        draws = draw(setup, count, seed, lambda: tick("draw"))
    low, middle, high = draws.quantiles()
    chance = max(0.2, 3 / count**0.5)  # what correlations of so many draws reach by chance
    lines = [f"{count} draws of {len(draws.guesses)} guesses, seed {seed}; errors at 5, 50, 95 %"]
    lines.append(f"behind a row: guesses it goes with, rank correlation above {chance:.2f}")
    for i, name in enumerate(draws.names):
        hangs = ", ".join(f"{g} {r:+.2f}" for g, r in draws.hangs_on(i) if abs(r) > chance)
        lines.append(f"{name:32}{low[i]:+8.1%}{middle[i]:+8.1%}{high[i]:+8.1%}  {hangs}")
    typical = sorted(median(abs(e) for e in row) for row in draws.errors.tolist())
    at = (int(0.05 * count), count // 2, min(count - 1, int(0.95 * count)))
    lines.append(
        "median error over all rows at 5, 50, 95 %: " + ", ".join(f"{typical[i]:.1%}" for i in at)
    )
    return "\n".join(lines) + "\n"
