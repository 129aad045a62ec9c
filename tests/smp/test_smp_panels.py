"""The figure's classification, the principles and the growth of the engine's work."""

import math

import pytest

from microbench.errors import UsageError
from microbench.report.plot_panels import figure
from microbench.smp.background import loss_factor
from microbench.smp.runs import run
from microbench.study.smp import growth
from microbench.study.smp.bends import bend_rows
from microbench.study.smp.lameter import answer, lameter_rows
from microbench.study.smp.principles import FLAT, principle_rows
from microbench.study.smp.ranges import range_rows
from microbench.study.smp.table import only_constant, steps, table_rows
from microbench.study.tables import Ask


@pytest.fixture(scope="module")
def table():
    return table_rows()


def test_tornado_is_constant_in_all_six_panels_and_nobody_else_is(table):
    panels = only_constant(table)
    assert panels.pop("tornado") == 6
    assert max(panels.values()) < 6


def slowdown(table, operation, system, shared, n=16):
    return next(
        r.value
        for r in table
        if (r.benchmark, r.system, r.metric) == (f"smp_{operation}", system, "slowdown")
        and r.args == f"--cpus {n} --shared {shared}"
    )


@pytest.mark.parametrize("shared", ["process", "none"])
def test_linux_of_1999_is_worst_at_fstat_in_both_rows(table, shared):
    worst = max(
        ("tornado", "unix-1999", "linux-2.2", "linux-2.4", "linux-2.6.10", "linux-6.4", "big-lock"),
        key=lambda system: slowdown(table, "fstat", system, shared),
    )
    assert worst == "linux-2.2"


def test_linux_of_1999_threads_and_processes_both_degrade(table):
    for operation in ("fault", "fstat", "thread"):
        for shared in ("process", "none"):
            assert slowdown(table, operation, "linux-2.2", shared) > 8


def test_the_commercial_class_degrades_only_where_threads_share_a_process(table):
    for operation in ("fault", "fstat", "thread"):
        assert slowdown(table, operation, "unix-1999", "process") > 5
        assert slowdown(table, operation, "unix-1999", "none") < FLAT


def test_small_does_not_mean_scalable(table):
    assert slowdown(table, "fstat", "big-lock", "none") > 8


def test_per_vma_locks_make_own_regions_flat_and_a_shared_region_not():
    def at_16(shared):
        rows = run("fault", ["linux-6.4"], [16], "epyc128", shared)
        return next(r.value for r in rows if r.metric == "slowdown")

    assert at_16("region") > 1.5 * at_16("process")


def test_k42s_loss_stands_beside_the_engines_value_and_not_inside(table):
    own = slowdown(table, "fault", "tornado", "process")
    with_loss = next(
        r.value
        for r in table
        if r.metric == "slowdown with K42's loss" and r.args == "--cpus 16 --shared process"
        and r.benchmark == "smp_fault"
    )  # fmt: skip
    assert with_loss == pytest.approx(own * loss_factor("tornado", 16))
    assert loss_factor("linux-2.2", 16) == 1.0
    assert 1.05 < loss_factor("k42", 16) < 1.15


def test_each_principle_taken_out_costs_some_operation_its_flat_curve():
    rows = [r for r in principle_rows(counts=(1, 4, 16)) if r.metric == "slowdown"]
    kept = [r.value for r in rows if "--without" not in r.args]
    assert max(kept) <= FLAT
    for principle in ("local-data", "caller-cpu", "ask-only"):
        lost = [r.value for r in rows if r.args.endswith(f"--without {principle}")]
        assert max(lost) > FLAT
    local = [r for r in rows if "local-data" in r.args]
    # data shared by the threads of a process hurts threads only
    assert all((r.value > FLAT) == ("--shared process" in r.args) for r in local)


def test_work_grows_no_faster_than_n_log_n():
    rows = growth.growth_rows(counts=(64, 128, 256, 512, 1024))
    for _, system in growth.CASES:
        over = [
            r.value for r in rows if r.system == system and r.metric == "steps over n log n"
        ]  # fmt: skip
        assert over == sorted(over, reverse=True)
        assert growth.exponent(rows, system) < 1.05
    assert not any(r.metric == "wall time" for r in rows)


@pytest.mark.parametrize(("operation", "system"), [("fstat", "linux-2.2"), ("open", "linux-3.5")])
def test_pollers_do_not_make_work_grow_faster(operation, system):
    from microbench.smp.build import Setup
    from microbench.smp.machine import load_machine
    from microbench.smp.operation import load_operation
    from microbench.smp.simulate import simulate

    op, where = load_operation(operation, system), load_machine("numa4096")
    few, many = (simulate(op, where, n, Setup(), 12 * n).steps for n in (64, 4096))
    assert many / few < 64 * math.log2(4096) / math.log2(64)


def test_a_protected_call_is_the_same_at_any_size_and_a_shared_queue_is_not():
    rows = lameter_rows(counts=(1, 64, 512))
    over = {(r.system, r.args.split()[1]): r.value for r in rows if r.metric == "over ppc"}
    cost = {(r.system, r.args.split()[1]): r.value for r in rows if r.metric == "call cost"}
    assert cost["ppc", "512"] == pytest.approx(cost["ppc", "1"], rel=0.25)
    assert 1 < over["queue-local", "512"] < 10 < over["queue-shared", "512"]
    assert over["remote-one", "512"] > 10 * over["remote-4", "512"]
    assert over["queue-interleaved", "512"] > over["queue-local", "512"]
    text = answer(rows)
    assert max(map(len, text.splitlines())) < 80
    assert "within 10 % of it from a service of" in text
    assert "queue-shared costs" in text


@pytest.mark.parametrize(
    "call",
    [
        lambda: run("sing"),
        lambda: run("fault", ["windows"]),
        lambda: run("fault", ["tornado"], [17]),
        lambda: run("fault", ["tornado"], []),
        lambda: run("fault", ["tornado"], [1], "cray"),
        lambda: run("fault", ["tornado"], [1], shared="everything"),
        lambda: run("fault", ["linux-2.2"], [1], without=["local-data"]),
        lambda: run("fault", ["tornado"], [1], seed=-1),
    ],
)
def test_what_cannot_be_run_is_a_usage_error(call):
    with pytest.raises(UsageError):
        call()


def test_the_bend_of_a_shared_object_is_operation_over_service():
    rows = bend_rows()
    own = {(r.benchmark, r.args, r.system): {} for r in rows}
    for r in rows:
        own[r.benchmark, r.args, r.system][r.metric.split()[0]] = r.value
    assert set(own["smp_fstat", "--shared process", "tornado"]) == {"nothing"}
    shared = own["smp_fstat", "--shared none", "linux-2.2"]
    assert shared["bend"] == pytest.approx(1 / shared["share"])
    assert shared["bend"] < 2


def test_no_estimate_of_the_machine_decides_who_is_constant():
    rows = range_rows(systems=("tornado", "linux-2.2"))
    most = [r.value for r in rows if r.system == "tornado" and r.metric == "most over ranges"]
    least = [r.value for r in rows if r.system == "linux-2.2" and r.metric == "least over ranges"]
    assert len(most) == len(least) == 6
    assert max(most) <= FLAT < min(least)


def test_a_changed_machine_changes_the_result_and_a_wrong_key_is_said():
    def at_16(*settings):
        rows = run("fstat", ["linux-2.2"], [16], settings=settings)
        return next(r for r in rows if r.metric == "latency")

    assert at_16("line.other=600").value > at_16().value
    assert at_16("line.other=600").machine_hash != at_16().machine_hash
    for wrong in ("line.other", "line.colour=3", "line.other=far", "line.other=nan"):
        with pytest.raises(UsageError):
            at_16(wrong)


def test_a_system_without_a_panel_is_refused_not_left_out() -> None:
    with pytest.raises(UsageError, match="no system 'one-kernel' with a panel: fault, fstat"):
        steps(Ask(systems=("tornado", "one-kernel")))


def test_the_panels_of_a_small_machine_end_where_it_does(tmp_path):
    figure(str(tmp_path / "small.svg"), "bus4-1999", systems=["tornado"])
    assert (tmp_path / "small.svg").stat().st_size > 1000
