"""What a machine's sheet may say: counts, caches, seats, words, units, and how it is changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toy import NUMBERS, WORDS, toy

from microbench.datafiles import data_dir
from microbench.errors import InputError, UsageError
from microbench.machine import schema
from microbench.machine.bounds import at_level, doubts_text
from microbench.machine.check import check
from microbench.machine.load import (
    load_machine,
    machine_names,
    parse_settings,
    read_machine,
    sheet_names,
)
from microbench.machine.meaning import meaning, settings
from microbench.machine.naming import machine_label, machine_name, packaged_name
from microbench.machine.spec import MachineSpec, parse_number
from microbench.quantity import Quantity

ONE = dict.fromkeys(schema.NUMBERS, 0.0) | NUMBERS


def checked(drop: tuple[str, ...] = (), words: dict[str, str] | None = None, **more: float) -> None:
    """Check the toy's sheet with other numbers, or without some."""
    numbers = ONE | {key.replace("__", "."): value for key, value in more.items()}
    given = {
        k: Quantity(float(v), unit(k), "TOY", "choice", v, v)
        for k, v in numbers.items()
        if k not in drop
    }
    check(
        given, {k: v for k, v in (WORDS if words is None else words).items() if k not in drop}, "f"
    )


def unit(key: str) -> str:
    return min(schema.all_numbers()[key])


def refused(says: str, *words: Any, **more: Any) -> None:
    with pytest.raises(InputError) as caught:
        checked(*words, **more)
    assert says in str(caught.value).replace("'", "")


def test_the_toy_is_a_machine() -> None:
    checked(core__instruction_cycles=1)


@pytest.mark.parametrize("key", ["core.clock_hz", "dtlb.entries", "l1i.ways", "trap.fault_cycles"])
def test_what_one_cpu_must_say_is_missed_by_its_key(key: str) -> None:
    refused(f"f: {key}", (key,))


@pytest.mark.parametrize("key", sorted(WORDS.keys() & schema.WORDS.keys()))
def test_words_must_be_there_too(key: str) -> None:
    if key == "space_switch":
        words = {k: v for k, v in WORDS.items() if k != key}
        refused("space_switch", words=words)
    else:
        refused(f"f: {key}", (key,))


def test_memory_is_a_latency_or_the_clock_and_overhead_of_an_sdram() -> None:
    checked(("sdram.clock_hz",), memory__latency_ns=100)
    checked(("sdram.clock_hz", "sdram.overhead_clocks"), memory__latency_ns=100)
    for gone in ("sdram.clock_hz", "sdram.overhead_clocks"):
        refused("memory.latency_ns = None: missing, and there is no [sdram]", (gone,))


@pytest.mark.parametrize("key", ["itlb.entries", "dtlb.entries"])
def test_a_translation_buffer_has_an_entry(key: str) -> None:
    refused(f"{key} = 0.0: at least one entry", **{key.replace(".", "__"): 0})
    checked(**{key.replace(".", "__"): 1})


@pytest.mark.parametrize(
    ("size", "ways", "line", "says"),
    [
        (128, 2, 32, ""),
        (32, 1, 32, ""),
        (128, 2, 24, "l1d.line_bytes = 24: not a power of two"),
        (130, 2, 32, "l1d.size_bytes = 130: not 2 ways x sets x 32 bytes"),
        (32, 2, 32, "l1d.size_bytes = 32: not 2 ways x sets x 32 bytes"),
        (192, 2, 32, "l1d.size_bytes = 192: 3 sets is not a power of two"),
        (192, 3, 32, ""),
        (1 << 22, 1, 32, ""),
        (1 << 23, 1, 32, "262144 lines of 32 bytes; at most 131072"),
    ],
)
def test_a_cache_is_ways_times_sets_times_a_line(
    size: int, ways: int, line: int, says: str
) -> None:
    given = {"l1d__size_bytes": size, "l1d__ways": ways, "l1d__line_bytes": line}
    if says:
        refused(says, **given)
    else:
        checked(**given)


def test_an_outer_cache_is_whole_or_not_there() -> None:
    checked(l2__size_bytes=1024, l2__ways=2, l2__line_bytes=32)
    for key in ("l2.ways", "l2.line_bytes"):
        given = {"l2__size_bytes": 1024, "l2__ways": 2, "l2__line_bytes": 32}
        del given[key.replace(".", "__")]
        refused(f"{key} = None: missing", **given)
    checked(l2__size_bytes=1 << 26, l2__ways=1, l2__line_bytes=16)
    refused("l2.size_bytes", l2__size_bytes=1 << 27, l2__ways=1, l2__line_bytes=16)


def test_a_line_has_one_or_two_dirty_bits() -> None:
    for part in (16, 32, 64):
        checked(l1d__dirty_bytes=part)
    refused("l1d.dirty_bytes = 15.0: at least half a line of 32 bytes", l1d__dirty_bytes=15)


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [
        ("core.clock_hz", 1e6, 1e12),
        ("core.instruction_cycles", 0.01, 1e4),
        ("core.btb_entries", 0, 2**20),
        ("itlb.entries", 1, 2**14),
        ("tlb.second_entries", 0, 2**16),
        ("sdram.row_bytes", 1, 2**24),
        ("sdram.banks", 1, 2**16),
        ("sdram.cas_clocks", 0, 1e5),
        ("trap.fault_cycles", 0, 1e7),
        ("memory.latency_ns", 0, 1e7),
        ("pipeline.mispredicted", 0, 100),
        ("write_queue.entries", 0, 2**14),
    ],
)
def test_the_ends_of_a_number_are_allowed_and_what_lies_beyond_is_not(
    key: str, least: float, most: float
) -> None:
    name = key.replace(".", "__")
    for good in (least, most):
        checked(**{name: good})
    step = 1 if float(least).is_integer() else 0.001
    for bad in (least - step, most + max(1, most * 1e-6)):
        if key == "itlb.entries" and bad == 0:
            continue
        refused(f"f: {key} = ", **{name: bad})


def test_limits_of_other_fields() -> None:
    """By field: the largest size, way count and line, and what a unit without a limit may be."""
    assert schema.LIMITS["ways"] == (1, 1024)
    assert schema.LIMITS["line_bytes"] == (8, 512)
    assert schema.LIMITS["dirty_bytes"] == (1, 512)
    assert schema.LIMITS["size_bytes"] == (1, 256 << 20)
    assert schema.LIMITS["us"] == (0, 1e6)
    assert schema.ANY == (0, 2.0**53)
    assert schema.LIMITS["cpus"] == schema.LIMITS["lines"] == (1, 65_536)
    for name, (least, most) in schema.LIMITS.items():
        assert least < most, name
    assert schema.MOST_LINES == {
        "l1i": 1 << 17, "l1d": 1 << 17, "l2": 1 << 22, "l3": 1 << 22,
    }  # fmt: skip


@pytest.mark.parametrize("key", ["l1i.ways", "itlb.entries", "sdram.row_bytes"])
def test_what_is_counted_is_whole(key: str) -> None:
    refused("not a whole number", **{key.replace(".", "__"): 2.5})
    checked(trap__fault_cycles=2.5)


# many CPUs


def many(**changes: float) -> dict[str, Quantity]:
    spec = load_machine("numachine", many=True)
    numbers = dict(spec.numbers)
    for key, value in changes.items():
        name = "smp." + key.replace("__", ".")
        old = numbers.get(name) or Quantity(0, "us", "a test", "choice", 0, 0)
        numbers[name] = replace(old, value=float(value))
    return numbers


def check_many(**changes: float) -> None:
    check(many(**changes), load_machine("numachine", many=True).words, "f")


def test_threads_of_a_core_share_a_socket() -> None:
    check_many(topology__threads_per_core=2, topology__cpus_per_socket=4)
    with pytest.raises(InputError, match=r"threads_per_core = 3.*does not divide a socket of 4"):
        check_many(topology__threads_per_core=3, topology__cpus_per_socket=4)


@pytest.mark.parametrize("state", [1, 4])
def test_an_idle_state_says_how_long_to_stay_and_to_leave(state: int) -> None:
    both = {f"idle__{state}__stay": 1, f"idle__{state}__leave": 2}
    check_many(**both)
    for key in both:
        one = {k: v for k, v in both.items() if k != key}
        with pytest.raises(InputError, match=rf"smp\.idle\.{state} = None: needs stay and leave"):
            check_many(**one)
    assert schema.MOST_IDLE_STATES == 4
    assert "smp.idle.4.stay" in schema.all_numbers()
    assert "smp.idle.5.stay" not in schema.all_numbers()
    assert "smp.idle.0.stay" not in schema.all_numbers()


def test_a_sheet_of_many_alone_need_not_say_what_one_does_unless_it_begins_to() -> None:
    words = load_machine("numachine", many=True).words
    numbers = many()
    check(numbers, words, "f")
    begun = {**numbers, "dtlb.entries": Quantity(4, "count", "a test", "choice", 4, 4)}
    with pytest.raises(InputError, match="missing"):
        check(begun, words, "f")
    with pytest.raises(InputError, match=r"f: .* = None: missing"):
        check({}, {}, "f")
    started = {**numbers}
    del started["smp.page.lines"]
    with pytest.raises(InputError, match=r"smp\.page\.lines"):
        check(started, words, "f")


# reading and changing


def written(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(f'name = "{name}"\ntitle = "t"\nlike = "k8"\n{text}', encoding="utf-8")
    return path


NUMBER = '{{ value = {}, unit = "{}", source = "a test", certainty = "manual" }}'


def test_a_file_says_what_differs_in_tables_as_deep_as_keys(tmp_path: Path) -> None:
    text = f'[l1d]\nways = {NUMBER.format(4, "count")}\n[tlb]\nflush_filter = "no"\n'
    found, like = read_machine(written(tmp_path, text)), load_machine("k8")
    changed = {k for k in found.numbers if found.numbers[k] != like.numbers.get(k)}
    assert changed == {"l1d.ways"}
    assert found.value("l1d.ways") == 4
    assert (found.name, found.title, found.legal_clocks) == ("mine", "t", ())
    assert found.words["tlb.flush_filter"] == "no"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('colour = "red"', "colour = red: unknown key"),
        ("[l1d]\nway = 4", "l1d.way = 4: unknown key; did you mean l1d.ways"),
        ('[tlb]\ntag = "colour"', "tlb.tag = colour: one of none, domain, asid, region, pcid"),
        (f"[l1d]\nways = {NUMBER.format(4, 'bytes')}", "l1d.ways"),
        ("[legal_clocks]\npairs_hz = [[1, 2]]", "needs source and pairs_hz"),
        ('[legal_clocks]\nsource = "x"', "needs source and pairs_hz"),
        ('[legal_clocks]\nsource = "x"\npairs_hz = 3', "needs source and pairs_hz"),
        ('[legal_clocks]\nsource = "x"\npairs_hz = [[1]]', "not a pair of clocks"),
        ('[legal_clocks]\nsource = "x"\npairs_hz = [[1, 2, 3]]', "not a pair of clocks"),
        ('[legal_clocks]\nsource = "x"\npairs_hz = [[0, 2]]', "not a pair of clocks"),
        ('[legal_clocks]\nsource = "x"\npairs_hz = [[1, 1e12]]', "not a pair of clocks"),
        ('[legal_clocks]\nsource = "x"\npairs_hz = ["ab"]', "not a pair of clocks"),
        ('legal_clocks = "fast"', "needs source and pairs_hz"),
    ],
)
def test_what_a_file_may_not_say_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_machine(path)
    said = str(caught.value).replace("'", "")
    assert says in said
    assert said.startswith(f"{path}: ")


def test_pairs_of_clocks_are_kept(tmp_path: Path) -> None:
    text = '[legal_clocks]\nsource = "x"\npairs_hz = [[200e6, 100e6], [400000000, 50000000]]'
    assert read_machine(written(tmp_path, text)).legal_clocks == ((200e6, 100e6), (400e6, 50e6))


def test_idle_states_are_a_list_of_tables_numbered_from_one(tmp_path: Path) -> None:
    text = "".join(
        f"[[smp.idle]]\nstay = {NUMBER.format(n, 'us')}\nleave = {NUMBER.format(2 * n, 'us')}\n"
        for n in (5, 7)
    )
    part = (data_dir() / "machines" / "numachine.toml").read_text(encoding="utf-8")
    found = read_machine(written(tmp_path, part[part.index("[smp]") :] + "\n" + text))
    assert [found.value(f"smp.idle.{n}.stay") for n in (1, 2)] == [5, 7]
    assert [found.value(f"smp.idle.{n}.leave") for n in (1, 2)] == [10, 14]


@pytest.mark.parametrize("head", ['name = "x"\n', 'title = "t"\n'])
def test_a_name_and_a_title_are_needed(tmp_path: Path, head: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(head + 'like = "k8"\n')
    with pytest.raises(InputError, match=r"x\.toml: (name|title)"):
        read_machine(path)


def test_machines_are_found_by_name_by_file_and_by_what_they_describe(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    assert load_machine(str(path)).name == "mine"
    with pytest.raises(UsageError, match="pxa225"):
        load_machine("pxa225")
    assert set(machine_names()) < set(sheet_names())
    assert set(machine_names(many=True)) < set(sheet_names())
    assert load_machine("numachine", many=None).for_many
    assert load_machine("k8", many=None).for_one
    with pytest.raises(UsageError, match=r"there are .*pxa255"):
        load_machine("numachine")


def test_settings_are_words_with_an_equals_sign() -> None:
    assert parse_settings([" a = 1 ", "b=c=d"]) == {"a": "1", "b": "c=d"}
    with pytest.raises(UsageError, match="--set a: write key=value"):
        parse_settings(["a"])


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("l1d.size_bytes", "8k", 8192),
        ("l1d.size_bytes", "1M", 1 << 20),
        ("l1d.size_bytes", "1g", 1 << 30),
        ("core.clock_hz", "400m", 400e6),
        ("core.clock_hz", "2k", 2000),
        ("core.clock_hz", "1.5G", 1.5e9),
        ("l1d.ways", "4", 4),
        ("trap.fault_cycles", "-2.5", -2.5),
    ],
)
def test_sizes_count_by_1024_and_clocks_by_1000(key: str, text: str, value: float) -> None:
    assert parse_number(key, text) == value


@pytest.mark.parametrize("text", ["", "k", "many", "1x", "1e99", "-1e99", "nan", "inf"])
def test_what_is_no_number_of_sane_size_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^--set: l1d\.ways = .*not a "):
        parse_number("l1d.ways", text)


def test_a_change_keeps_the_unit_and_says_where_it_is_from() -> None:
    spec = load_machine("pxa255")
    found = spec.with_({"l1d.ways": "4", "trap.fault_cycles": 7}, "the test")
    number = found.numbers["trap.fault_cycles"]
    assert (number.value, number.low, number.high) == (7, 7, 7)
    assert (number.source, number.certainty, number.unit) == ("the test", "choice", "cycles")
    assert found.value("l1d.ways") == 4
    assert spec.with_({}) is spec
    assert found.hash != spec.hash
    assert spec.value("l1d.ways") == 32
    new = spec.with_({"tlb.second_entries": 8}).numbers["tlb.second_entries"]
    assert (new.value, new.unit) == (8, "count")


def test_a_quantity_is_taken_as_it_is_and_a_word_is_one_of_its() -> None:
    spec = load_machine("pxa255")
    given = Quantity(9, "cycles", "X", "estimate", 8, 10)
    assert spec.with_({"trap.fault_cycles": given}).numbers["trap.fault_cycles"] is given
    assert spec.with_({"space_switch": "tagged"}).words["space_switch"] == "tagged"
    with pytest.raises(InputError, match=r"--set: space_switch = .*one of full, tagged"):
        spec.with_({"space_switch": "half"})
    with pytest.raises(InputError, match=r"unknown key; .*l1d\.ways"):
        spec.with_({"l1d.wayz": 1})
    with pytest.raises(InputError, match="`mkbench list settings` has them"):
        spec.with_({"qqqqqqqq": 1})
    with pytest.raises(InputError, match=r"^here: l1d\.size_bytes"):
        spec.with_({"l1d.size_bytes": 100}, "here")


def test_a_short_key_is_that_of_the_part_for_many() -> None:
    assert schema.full_key("line.other") == "smp.line.other"
    assert schema.full_key("l1d.ways") == "l1d.ways"
    assert schema.full_key("smp.line.other") == "smp.line.other"
    assert schema.full_key("nothing") == "nothing"


def test_a_number_that_is_not_there_has_a_default() -> None:
    spec = toy()
    assert spec.value("l2.size_bytes") == 0
    assert spec.value("l2.size_bytes", 7) == 7
    assert spec.value("l1d.ways", 7) == 2
    assert (spec.has("l2.size_bytes"), spec.has("l1d.ways"), spec.has("tlb.tag")) == (
        False, True, True,
    )  # fmt: skip


def test_a_hash_is_twelve_digits_over_name_values_and_words() -> None:
    spec = toy()
    assert len(spec.hash) == 12
    assert int(spec.hash, 16) >= 0
    for other in (replace(spec, name="x"), toy(l1d__ways=4.0), toy(tlb__tag="asid")):
        assert other.hash != spec.hash
    assert replace(spec, title="x", file="y").hash == spec.hash
    number = replace(spec.numbers["l1d.ways"], source="elsewhere", low=1)
    assert replace(spec, numbers={**spec.numbers, "l1d.ways": number}).hash == spec.hash


# names, doubts, meanings


def test_levels_are_ends_of_ranges_and_only_of_costs() -> None:
    numbers = {
        "trap.fault_cycles": Quantity(5, "cycles", "T", "estimate", 3, 9),
        "memory.latency_ns": Quantity(50, "ns", "T", "estimate", 30, 90),
        "sdram.overhead_clocks": Quantity(4, "bus_clocks", "T", "recall", 2, 8),
        "sdram.cas_clocks": Quantity(2, "sdram_clocks", "T", "recall", 1, 3),
        "l1d.ways": Quantity(2, "count", "T", "estimate", 1, 4),
    }
    spec = replace(toy(), numbers=numbers)
    found = {lv: [at_level(spec, lv).value(k) for k in numbers] for lv in ("low", "value", "high")}
    assert found == {
        "low": [3, 30, 2, 1, 2], "value": [5, 50, 4, 2, 2], "high": [9, 90, 8, 3, 2],
    }  # fmt: skip
    assert doubts_text(spec) == (
        "toy: of 5 numbers 3 are estimates (trap.fault_cycles, memory.latency_ns, l1d.ways), "
        "2 recalled; `mkbench show machine toy` has their ranges"
    )
    recalled = replace(spec, numbers={"x": numbers["sdram.cas_clocks"]})
    assert "0 are estimates (none), 1 recalled" in doubts_text(recalled)
    assert doubts_text(toy()) == ""


def named(name: str, file: str) -> MachineSpec:
    return replace(toy(), name=name, file=file)


def test_a_machine_is_called_by_its_name_its_file_and_its_changes() -> None:
    packaged = named("k8", str(data_dir() / "machines" / "k8.toml"))
    assert machine_name(packaged) == "k8"
    for changes in (["l1d.ways = 4", "a=b"], ["a=b", "l1d.ways=4"], ["a=c", "l1d.ways=4", "a=b"]):
        assert machine_name(packaged, changes) == "k8, a=b, l1d.ways=4"
    assert machine_name(named("k8", "/x/my,own\n.toml")) == "k8 of my?own?.toml"
    assert machine_name(named("k8", str(data_dir() / "machines" / "p4.toml"))) == "k8 of p4.toml"
    for changed in ("k8", "k8, a=b", "k8 of x.toml", "k8 of x.toml, a=b"):
        assert packaged_name(changed) == "k8"


def test_a_label_has_the_clock_and_whether_a_number_was_calibrated() -> None:
    spec = toy()
    assert machine_label(spec, "x") == "x, 100.0 MHz, not calibrated"
    number = replace(spec.numbers["l1d.ways"], certainty="calibrated")
    one = replace(spec, numbers={**spec.numbers, "l1d.ways": number})
    assert machine_label(one, "x") == "x, 100.0 MHz, calibrated"


def test_every_key_has_a_meaning_its_own_or_its_family_s() -> None:
    found = {s.key: s for s in settings()}
    assert set(found) == schema.all_numbers().keys() | schema.all_words().keys()
    assert all(s.meaning.strip() for s in found.values())
    assert found["tlb.tag"].unit == "none, domain, asid, region, pcid"
    assert found["smp.line.other"].unit == "cycles, ns"
    assert meaning("smp.idle.1.stay") == meaning("smp.idle.3.stay")
    with pytest.raises(KeyError):
        meaning("no.such.key")


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ({"turbo__1__cores": 2}, "smp.turbo.1 = None: needs cores and ratio"),
        ({"turbo__2__cores": 2, "turbo__2__ratio": 1.2}, "smp.turbo.2 = None: needs cores"),
        (
            {f"turbo__{s}__{f}": v for s in (1, 2) for f, v in (("cores", 2), ("ratio", 1.2))},
            "smp.turbo.2.cores = 2.0: more than the step before has",
        ),
        ({"turbo__1__cores": 2, "turbo__1__ratio": 0}, "smp.turbo.1.ratio = 0.0: must be 0.1"),
    ],
)
def test_steps_of_the_clock_are_whole_and_rise(steps: dict[str, float], says: str) -> None:
    check_many(turbo__1__cores=2, turbo__1__ratio=1.2)
    with pytest.raises(InputError) as caught:
        check_many(**steps)
    assert says in str(caught.value)


@pytest.mark.parametrize("share", [0, 1.01, 3])
def test_a_line_serves_for_a_share_of_its_move(share: float) -> None:
    check_many(line__served=0.5)
    with pytest.raises(InputError, match=r"smp\.line\.served"):
        check_many(line__served=share)
