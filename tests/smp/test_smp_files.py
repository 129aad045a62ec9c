"""Machine and operation files: every packaged one loads, every mistake is named."""

import pytest
from smp_toys import write

from microbench.datafiles import data_dir
from microbench.errors import InputError, UsageError
from microbench.quantity import read_toml
from microbench.smp.build import Setup, build
from microbench.smp.machine import load_machine, machine_names
from microbench.smp.operation import load_operation, operation_names, principles, system_names

PAIRS = [(o, s) for o in operation_names() for s in system_names(o)]


@pytest.mark.parametrize("name", machine_names())
def test_every_packaged_machine_loads_and_orders_its_distances(name):
    m = load_machine(name)
    costs = [m.cost(f"line.{k}") for k in ("hit", "atomic", "cluster", "socket", "other")]
    assert costs == sorted(costs)
    assert m.count("topology.cpus") % m.count("topology.cpus_per_socket") == 0


def test_the_machines_of_the_issue_are_there():
    sizes = {m: load_machine(m).count("topology.cpus") for m in machine_names()}
    wanted = {"numachine": 16, "bus4-1999": 4, "altix512": 512, "e7-8870": 80, "opteron48": 48}
    assert {k: sizes[k] for k in wanted} == wanted
    assert sizes["epyc128"] == 128
    assert "origin2000" in sizes


@pytest.mark.parametrize(("operation", "system"), PAIRS)
def test_every_packaged_operation_loads_with_a_source(operation, system):
    op = load_operation(operation, system)
    assert op.source
    assert all(o.source for o in op.objects.values())
    build(op, load_machine("numachine"), 4, Setup())


def test_every_number_of_the_operations_says_where_it_is_from():
    for name in operation_names():
        tables = read_toml(data_dir() / "smp" / "operations" / f"{name}.toml")
        for system in tables["system"].values():
            for number in system.get("parts", {}).values():
                assert number["source"]
                assert number["certainty"]


def test_a_version_is_the_one_before_with_changes():
    old, new = (load_operation("fault", s) for s in ("linux-5.8", "linux-6.4"))
    assert "vma_lock" in new.objects
    assert "vma_lock" not in old.objects
    assert old.parts == new.parts


def test_split_page_table_lock_is_a_change_of_scope_only():
    old, new = (load_operation("fault", s) for s in ("linux-2.6.10", "linux-2.6.15"))
    assert old.path == new.path
    changed = [k for k in old.objects if old.objects[k] != new.objects[k]]
    assert changed == ["page_table_lock"]
    assert (old.objects[changed[0]].scope, new.objects[changed[0]].scope) == ("process", "region")


def test_principles_are_described_changes():
    found = principles("fault", "k42")
    assert set(found) == {"local-data", "caller-cpu", "ask-only"}
    assert all(why for why in found.values())
    changed = load_operation("fault", "tornado", ("local-data",))
    assert changed.objects["region_list"].scope == "process"
    assert changed.removed[0][0] == "local-data"


MACHINE = (data_dir() / "machines" / "numachine.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "ring"', 'kind = "mesh"', "smp.topology.kind = 'mesh'"),
        ('memory = "node"', 'memory = "cloud"', "smp.memory = 'cloud'"),
        ("[core]", "[corr]", "corr"),
        ("hit = {", "hits = {", "smp.line.hit"),
        ('unit = "Hz"', 'unit = "kHz"', "core.clock_hz.unit"),
        ("cpus = { value = 16", "cpus = { value = 0", "topology.cpus"),
        ("cpus = { value = 16", "cpus = { value = 1.5", "topology.cpus"),
        ("value = 150000000", "value = -1", "core.clock_hz"),
        ("value = 150000000", 'value = "fast"', "core.clock_hz.value"),
        ("value = 150000000", "value = nan", "core.clock_hz.value"),
        ('name = "numachine"', 'name = "numachine"\nlike = "nowhere"', "like = 'nowhere'"),
        ('memory = "node"', 'memory = "node"\nsocket_copies = 3', "socket_copies = 3"),
    ],
)
def test_a_wrong_machine_file_is_said_as_file_key_and_value(tmp_path, old, new, said):
    assert old in MACHINE
    path = write(tmp_path / "wrong.toml", MACHINE.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        load_machine(str(path))
    assert said in str(caught.value)
    assert "wrong.toml" in str(caught.value)


OPERATION = """
title = "toy"
[system.a]
title = "A"
source = "here"
path = ["take lock", "hold", "drop lock"]
[system.a.parts]
hold = { value = 100, unit = "cycles", source = "here", certainty = "choice" }
[system.a.objects]
lock = { scope = "process", kind = "ticket", source = "here" }
[system.b]
from = "a"
[system.b.objects]
lock = { scope = "cpu", kind = "ticket", source = "here" }
"""


def test_a_file_of_ones_own_is_an_operation(tmp_path):
    path = str(write(tmp_path / "mine.toml", OPERATION))
    assert load_operation(path, "b").objects["lock"].scope == "cpu"
    assert load_operation(path, "b").path == load_operation(path, "a").path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"hold", ', '"hould", ', "'hould'"),
        ('"drop lock"', '"hold"', "still held"),
        ('["take lock", ', "[", "dropped without being held"),
        ('"take lock"', '"take lock", "take lock"', "taken while held"),
        ('kind = "ticket"', 'kind = "magic"', "objects.lock.kind = 'magic'"),
        ('kind = "ticket"', 'kind = "line"', "not a lock"),
        ('scope = "process"', 'scope = "planet"', "objects.lock.scope = 'planet'"),
        ('path = ["take', 'path = ["every two:", "take', "block without end"),
        ('"drop lock"]', '"drop lock", "end"]', "end without"),
        ('path = ["take', 'path = ["repeat two:", "take', "no such repeat"),
        ("value = 100", "value = 0", "parts.hold.value"),
        ('from = "a"', 'from = "b"', "in a circle"),
        ('from = "a"', 'from = "c"', "system.b.from = 'c': no such system in this file"),
        ('unit = "cycles"', 'unit = "us"', "parts.hold.unit"),
        ("path = [", "paths = [", "paths"),
    ],
)
def test_a_wrong_operation_file_is_said_as_file_key_and_value(tmp_path, old, new, said):
    assert old in OPERATION
    path = write(tmp_path / "wrong.toml", OPERATION.replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        _load_both(str(path))
    assert said in str(caught.value)


def _load_both(path):
    for system in ("a", "b"):
        load_operation(path, system)


@pytest.mark.parametrize(
    "call",
    [
        lambda: load_machine("cray"),
        lambda: load_operation("sing", "linux-2.2"),
        lambda: load_operation("fault", "windows"),
        lambda: load_operation("fault", "linux-2.2", ("local-data",)),
        lambda: build(load_operation("fault", "tornado"), load_machine("numachine"), 17, Setup()),
        lambda: build(load_operation("fault", "tornado"), load_machine("numachine"), 0, Setup()),
    ],
)
def test_what_does_not_exist_is_a_usage_error(call):
    with pytest.raises(UsageError):
        call()


def test_a_file_is_read_again_only_when_it_changed(tmp_path, monkeypatch):
    path = write(tmp_path / "mine.toml", OPERATION)
    reads = []
    monkeypatch.setattr(
        "microbench.smp.operation.read_toml", lambda p: reads.append(p) or read_toml(p)
    )
    system = system_names(str(path))[0]
    reads.clear()
    before = load_operation(str(path), system)
    assert reads == []
    write(path, OPERATION + "\n# longer\n")
    assert load_operation(str(path), system) == before
    assert len(reads) == 1


def test_a_file_of_ones_own_is_called_by_its_name_alone(tmp_path, mkbench):
    """In rows of every command; where it lies is no part of what it is."""
    text = (data_dir() / "smp" / "operations" / "fstat.toml").read_text(encoding="utf-8")
    path = tmp_path / "own-call.toml"
    path.write_text(text, encoding="utf-8")
    asked = ("--system", "linux-2.4", "--cpus", "2", "--format", "csv", "-q")
    for command in ("run", "sensitivity"):
        rows = mkbench("smp", command, str(path), *asked).stdout.splitlines()
        names = {line.split(",")[0] for line in rows if line and not line.startswith("#")}
        assert names == {"benchmark", "smp_own-call"}


EVERY = """
[system.a.every]
some = { value = 3, unit = "operations", source = "me", certainty = "measured" }
[system.a.repeat]
times = { value = 2, unit = "times", source = "me", certainty = "measured" }
[system.a.lines]
hold = { value = 2, unit = "lines", source = "me", certainty = "measured" }
"""


def _own(tmp_path, path='"work", "take l", "hold", "drop l"', more=EVERY):
    return f"""title = "Mine"
[system.a]
title = "A"
source = "me"
path = [{path}]
[system.a.parts]
work = {{ value = 1000, unit = "cycles", source = "me", certainty = "measured" }}
hold = {{ value = 100, unit = "cycles", source = "me", certainty = "choice", low = 50, high = 200 }}
[system.a.objects]
l = {{ scope = "system", kind = "ttas", source = "me" }}
{more}"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[system.a]", '[system."\\u001b[31mz"]', "printable"),
        ("[system.a]", '[system."b,c"]', "comma"),
        ("[system.a]", '[system."b "]', "blank"),
        ("value = 3", "value = 2.5", "every.some.value = 2.5: not a whole number"),
        ('value = 2, unit = "times"', 'value = 1.9, unit = "times"', "repeat.times.value"),
        ('value = 2, unit = "lines"', 'value = 1.5, unit = "lines"', "lines.hold.value"),
        ("hold = { value = 2", "gone = { value = 2", "lines.gone = 'gone': no such part"),
        ("low = 50", "low = -50", "parts.hold.low = -50.0: must not be negative"),
        ("high = 200", "high = 1e12", "parts.hold.high"),
        ("{ value = 1000", "{ path = 3, value = 1000", "parts.work.path = 3"),
        ("work = {", '"take l" = {', "parts.take l = 'take l': is a visit"),
    ],
)
def test_what_an_own_file_says_is_taken_or_refused_never_passed_over(tmp_path, old, new, said):
    text = _own(tmp_path)
    assert old in text
    path = write(tmp_path / "own.toml", text.replace(old, new))
    with pytest.raises(UsageError) as caught:
        _load_all(str(path))
    assert said in str(caught.value)


def _load_all(path):
    for system in system_names(path):
        load_operation(path, system)


@pytest.mark.parametrize(
    "words",
    [
        '"every some:", "take l", "end", "hold", "drop l"',
        '"work", "take l", "every some:", "drop l", "end", "work"',
    ],
)
def test_a_block_done_now_and_then_leaves_locks_as_it_found_them(tmp_path, words):
    """Else they are dropped without being held, or held for ever, in most operations."""
    path = write(tmp_path / "own.toml", _own(tmp_path, words))
    with pytest.raises(InputError, match="holds other locks"):
        load_operation(str(path), "a")


def test_a_block_done_now_and_then_may_let_a_lock_go_and_take_it_again(tmp_path):
    words = '"take l", "every some:", "drop l", "work", "take l", "end", "drop l"'
    path = write(tmp_path / "own.toml", _own(tmp_path, words))
    assert load_operation(str(path), "a").path[0] == "take l"


def test_an_operation_file_without_a_system_is_refused(tmp_path):
    path = write(tmp_path / "own.toml", "[system]\n")
    with pytest.raises(InputError, match="no systems"):
        system_names(str(path))


def test_files_of_any_editor_are_read(tmp_path):
    """With a byte-order mark, with carriage returns."""
    plain = write(tmp_path / "own.toml", _own(tmp_path))
    wanted = load_operation(str(plain), "a")
    dressed = tmp_path / "own-too.toml"
    dressed.write_bytes(b"\xef\xbb\xbf" + _own(tmp_path).replace("\n", "\r\n").encode())
    assert load_operation(str(dressed), "a").parts == wanted.parts
