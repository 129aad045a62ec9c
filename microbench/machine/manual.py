"""One CPU as one reads about it: the specification that `microbench.machine.engine` must meet.

Sets, lists and one method per mechanism of the hardware, in the order in which things happen;
nothing packed, nothing fast. Names in brackets are the documents and sections where the default
machine's manuals describe the mechanism (`mkbench show source KEY`); other machines differ in
numbers and in which mechanisms they have. It knows nothing of the engine, and refuses to know
kernels. One file, so that one machine is read from top to bottom. Who adds a mechanism here adds
it to the engine, and the other way round: on random traces and machines both must agree in every
tick, cause and counter.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from microbench.machine.parameters import memory_ticks, ticks
from microbench.machine.spec import MachineSpec
from microbench.trace import Trace, ops
from microbench.trace.layout import KERNEL_SPACE

PAGE = 4096
BLOCK_BYTES, WORD_BYTES = 16, 4
PTE_WORDS, PTE_LINE_BYTES = 2, 32


@dataclass
class Way:
    """One place of a cache: the line it holds, its dirty parts, and when it was last used."""

    line: int | None = None
    dirty: set[int] = field(default_factory=set)
    used: int = -1


class Cache:
    """Sets of ways, round robin or least recently used. [PXA-UM 6.1.1]

    A line is known by its number in slot addresses where tags are virtual, and in physical
    addresses where they are not.
    """

    def __init__(self, spec: MachineSpec, name: str) -> None:
        self.line_bytes = int(spec.value(f"{name}.line_bytes"))
        ways = int(spec.value(f"{name}.ways"))
        count = int(spec.value(f"{name}.size_bytes")) // (ways * self.line_bytes)
        self.sets = [[Way() for _ in range(ways)] for _ in range(count)]
        self.turn = [0] * count
        self.put: dict[int, Way] = {}
        index = spec.words.get(f"{name}.index", "pipt")
        self.virtual_index, self.virtual_tag = index != "pipt", index == "vivt"
        self.lru = spec.words.get(f"{name}.replacement") == "lru"
        self.latency = ticks(spec.value(f"{name}.latency_cycles"))
        self.uses = 0

    def ways(self) -> Iterator[Way]:
        """All places, set by set."""
        for ways in self.sets:
            yield from ways

    def find(self, line: int) -> Way | None:
        """Where a line is, if it is here: where it was last put, if that still holds it."""
        way = self.put.get(line)
        return way if way is not None and way.line == line else None

    def touch(self, way: Way) -> None:
        """Note that a line was used."""
        self.uses += 1
        way.used = self.uses

    def victim(self, number: int) -> Way:
        """The place that the next line of a set goes to."""
        ways = self.sets[number]
        if self.lru:
            return min(ways, key=lambda way: way.used)
        way = ways[self.turn[number]]
        self.turn[number] = (self.turn[number] + 1) % len(ways)
        return way


class Buffer:
    """A translation buffer: fully associative, filled in turn. [PXA-UM 3.1]"""

    def __init__(self, places: int) -> None:
        self.places: list[int | None] = [None] * places
        self.next = 0

    def insert(self, entry: int) -> None:
        """Put an entry where it is its turn."""
        self.places[self.next] = entry
        self.next = (self.next + 1) % len(self.places)

    def forget(self, entry: int) -> None:
        """Leave an entry's place empty."""
        self.places = [None if held == entry else held for held in self.places]

    def empty(self, kept: list[int] | None = None) -> None:
        """Forget all but the entries that are kept, which close up."""
        rest = len(self.places) - len(kept or ())
        self.places = [*(kept or ()), *([None] * rest)]
        if kept is not None and self.places:
            self.next = len(kept) % len(self.places)


class Manual:
    """One machine that has run nothing yet.

    Parameters
    ----------
    scales : mapping of int to int
        Thousandths by scale class of the trace.

    Attributes
    ----------
    now : int
        Time [1/100 cycle].
    spent : collections.Counter
        Ticks by (place, cause).
    counted : collections.Counter
        Events by the names of the engine's counters.
    """

    def __init__(self, spec: MachineSpec, trace: Trace, scales: Mapping[int, int]) -> None:
        self.spec, self.trace, self.scales = spec, trace, scales
        self.now, self.place = 0, 0
        self.spent: Counter[tuple[int, str]] = Counter()
        self.counted: Counter[str] = Counter()
        self.pages = trace.pages.tolist()
        self.code, self.data = Cache(spec, "l1i"), Cache(spec, "l1d")
        self.outer = [Cache(spec, n) for n in ("l2", "l3") if spec.has(f"{n}.size_bytes")]
        keys = ("itlb.entries", "dtlb.entries", "tlb.second_entries")
        self.itlb, self.dtlb, self.second = (Buffer(int(spec.value(k))) for k in keys)
        self.targets: list[int | None] = [None] * int(spec.value("core.btb_entries"))
        self.last_instruction = 0
        self.space, self.merging = 0, True
        self.memory = memory_ticks(spec)
        self.bus_free = 0
        self.owed = 0
        self.open_rows: dict[int, int] = {}
        self.queue: deque[tuple[int, int]] = deque()
        self.devices: dict[int, int] = {}

    # --- time ---------------------------------------------------------------------------------

    def cost(self, key: str) -> int:
        """A cost of the machine [1/100 cycle]."""
        return ticks(self.spec.value(key))

    def word(self, key: str, text: str) -> bool:
        """Whether the machine says this word there."""
        return self.spec.words.get(key) == text

    def spend(self, cause: str, time: int) -> None:
        """Let time pass; every tick has one place and one cause."""
        self.now += time
        self.spent[self.place, cause] += time

    def nanoseconds(self, count: int) -> int:
        """Ticks of some nanoseconds, in whole cycles."""
        hertz = int(self.spec.value("core.clock_hz"))
        whole, rest = divmod(count, 1000)
        return 100 * (whole * hertz // 10**6 + rest * hertz // 10**9)

    # --- addresses ----------------------------------------------------------------------------

    def physical(self, address: int) -> int:
        """Physical address, pages numbered in the order of the trace."""
        return int(self.pages[address // PAGE][2]) * PAGE + address % PAGE

    def flags(self, address: int) -> int:
        """Flags of the page."""
        return int(self.pages[address // PAGE][4])

    def line_of(self, cache: Cache, address: int) -> int:
        """Number of the line an address is in, by the cache's kind of tag."""
        known = address if cache.virtual_tag else self.physical(address)
        return known // cache.line_bytes

    def set_of(self, cache: Cache, address: int) -> int:
        """Number of the set, by the cache's kind of index."""
        page = self.pages[address // PAGE][0 if cache.virtual_index else 1]
        return int(page * PAGE + address % PAGE) // cache.line_bytes % len(cache.sets)

    def line_start(self, cache: Cache, line: int) -> int:
        """Physical address of a cached line."""
        start = line * cache.line_bytes
        return self.physical(start) if cache.virtual_tag else start

    # --- memory -------------------------------------------------------------------------------

    def open_row(self, physical: int) -> int:
        """Time to open the row of an address, if another is open in its bank. [PXA-DM 6.2.1]"""
        row = physical // int(self.spec.value("sdram.row_bytes", 1024))
        bank = row % max(1, int(self.spec.value("sdram.banks", 1)))
        if self.open_rows.get(bank) == row:
            return 0
        self.open_rows[bank] = row
        return self.memory["row"]

    def wait_for_writes(self) -> None:
        """Reads do not overtake writes: all that is queued goes to memory first."""
        while self.queue:
            self.write_oldest()
        if self.bus_free > self.now:
            self.spend("write_stall", self.bus_free - self.now)

    def read_line(self, cause: str, address: int) -> None:
        """Read a line from memory. [PXA-DM 6.2.1]"""
        self.wait_for_writes()
        self.spend(cause, self.memory["fill"] + self.open_row(self.physical(address)))
        self.bus_free = self.now

    def read_word(self) -> None:
        """Read one word past the caches."""
        self.wait_for_writes()
        self.spend("d_refill", self.memory["read"])
        self.bus_free = self.now

    # --- write queue: blocks of 16 bytes, merged while they wait [PXA-UM 6.1.3] ------------------

    def write_oldest(self) -> int:
        """Send the oldest write to memory as soon as the bus is free; when that was."""
        block, since = self.queue.popleft()
        start = max(self.bus_free, since)
        self.bus_free = start + self.memory["write"] + self.open_row(block * BLOCK_BYTES)
        self.counted["bus_writes"] += 1
        return start

    def catch_up(self) -> None:
        """Do the writes that began before now."""
        while self.queue and max(self.bus_free, self.queue[0][1]) < self.now:
            self.write_oldest()

    def queue_block(self, block: int, merge: bool) -> None:
        """Queue one write; the CPU waits only if there is no place."""
        places = int(self.spec.value("write_queue.entries"))
        if places == 0:
            return
        self.catch_up()
        if merge and block in [waiting for waiting, _ in self.queue]:
            self.counted["coalesced"] += 1
            return
        if len(self.queue) == places:
            self.spend("write_stall", max(0, self.write_oldest() - self.now))
        self.queue.append((block, self.now))

    def write_out(self, physical: int, words: int) -> None:
        """Queue words by block; word by word where software keeps stores apart."""
        merge = self.merging and self.word("write_queue.coalesces", "yes")
        first, end = physical, physical + WORD_BYTES * words
        step = WORD_BYTES
        if self.merging:
            first, step = physical // BLOCK_BYTES * BLOCK_BYTES, BLOCK_BYTES
        for address in range(first, end, step):
            self.queue_block(address // BLOCK_BYTES, merge)

    # --- caches -------------------------------------------------------------------------------

    def write_back(self, cache: Cache, way: Way) -> int:
        """The bus time of a dirty line's parts; an outer cache takes them in none."""
        assert way.line is not None
        if cache not in self.outer:
            self.counted["write_backs"] += 1
        parts = len(way.dirty)
        way.dirty = set()
        if self.outer:
            return 0
        return parts * self.memory["part"] + self.open_row(self.line_start(cache, way.line))

    def pass_on(self, cache: Cache, start: int) -> None:
        """Give a dirty victim to the next level if that has the line; else memory is owed one."""
        below = self.outer[self.outer.index(cache) + 1 :] if cache in self.outer else self.outer
        way = below[0].find(start // below[0].line_bytes) if below else None
        if way is None:
            self.owed += 1
        else:
            way.dirty = {0}

    def place_line(self, cache: Cache, address: int) -> Way:
        """Put a line into its set; a dirty victim is written back while the CPU goes on."""
        way = cache.victim(self.set_of(cache, address))
        if way.line is not None and way.dirty:
            start, busy = self.line_start(cache, way.line), self.write_back(cache, way)
            if self.outer:
                self.pass_on(cache, start)
            else:
                self.bus_free = max(self.bus_free, self.now) + busy
        way.line, way.dirty = self.line_of(cache, address), set()
        cache.put[way.line] = way
        if cache.lru:
            cache.touch(way)
        return way

    def fill(self, cache: Cache, cause: str, address: int) -> Way:
        """A first-level miss: from the next level that has the line, or from memory."""
        if not self.outer:
            self.read_line(cause, address)
            return self.place_line(cache, address)
        time = self.memory["fill"]
        for level in self.outer:
            way = level.find(self.line_of(level, address))
            if way is not None:
                if level.lru:
                    level.touch(way)
                time = level.latency
                break
            self.place_line(level, address)
        else:
            self.counted["l2_misses"] += 1
        self.spend(cause, time)
        way = self.place_line(cache, address)
        self.spend("write_stall", self.owed * self.memory["part"])
        self.owed = 0
        return way

    # --- translation [PXA-UM 3.1] --------------------------------------------------------------

    def translate(self, buffer: Buffer, address: int) -> None:
        """Find the page's entry; else the second buffer, else a walk of the tables."""
        entry = self.pages[address // PAGE][5]
        if entry in buffer.places:
            return
        self.counted["i_walks" if buffer is self.itlb else "d_walks"] += 1
        if entry in self.second.places:
            self.spend("tlb", self.cost("tlb.second_cycles"))
        else:
            if self.second.places:
                self.second.insert(entry)
            self.walk(bool(self.flags(address) & ops.LARGE))
        buffer.insert(entry)

    def walk(self, large: bool) -> None:
        """One read for a section, two for a page, of memory where tables are not cached."""
        time = self.cost("tlb.walk_cycles")
        reads = 0
        if self.word("tlb.walk", "memory"):
            self.wait_for_writes()
            reads = (1 if large else 2) * (self.memory["read"] + self.memory["row"])
            self.bus_free = self.now + reads
        self.spend("tlb", time + reads)

    def empty_buffers(self, keep_global: bool) -> None:
        """Empty all translation buffers, or all but entries of pages that every space sees."""
        spaces = {page[5]: page[3] for page in self.pages}
        for buffer in (self.itlb, self.dtlb, self.second):
            stay = [e for e in buffer.places if e is not None and spaces[e] == KERNEL_SPACE]
            buffer.empty(stay if keep_global else None)

    # --- fetch, load, store ---------------------------------------------------------------------

    def fetch(self, address: int) -> None:
        """Fetch from one line of code. [PXA-UM 4]"""
        self.translate(self.itlb, address)
        way = self.code.find(self.line_of(self.code, address))
        self.counted["i_misses" if way is None else "i_hits"] += 1
        if way is None:
            self.fill(self.code, "i_refill", address)
        elif self.code.lru:
            self.code.touch(way)

    def branch(self) -> None:
        """A taken branch costs unless its target is known; then it is. [PXA-UM 5.1]"""
        at = self.last_instruction
        if not self.targets:
            self.spend("branches", self.cost("core.branch_miss_cycles"))
            return
        number = at // 4 % len(self.targets)
        if self.targets[number] != at:
            self.targets[number] = at
            self.counted["branch_misses"] += 1
            self.spend("branches", self.cost("core.branch_miss_cycles"))

    def load(self, address: int) -> None:
        """Load from one line. [PXA-UM 6.1.1]"""
        self.translate(self.dtlb, address)
        uncached = self.flags(address) & ops.UNCACHED
        way = None if uncached else self.data.find(self.line_of(self.data, address))
        self.counted["d_misses" if way is None else "d_hits"] += 1
        if uncached:
            self.read_word()
        elif way is None:
            self.fill(self.data, "d_refill", address)
        elif self.data.lru:
            self.data.touch(way)

    def store(self, address: int, words: int) -> None:
        """Store to one line; a miss does not allocate unless machine or page say so."""
        self.translate(self.dtlb, address)
        flags = self.flags(address)
        cached = not flags & ops.UNCACHED
        way = self.data.find(self.line_of(self.data, address)) if cached else None
        self.counted["store_misses" if way is None else "store_hits"] += 1
        allocates = self.word("l1d.write_allocate", "yes") or flags & ops.WRITE_ALLOCATE
        if way is None and cached and allocates:
            way = self.fill(self.data, "d_refill", address)
        through = flags & ops.WRITE_THROUGH or self.word("l1d.write_policy", "write_through")
        if way is None or through:
            self.write_out(self.physical(address), words)
            return
        if self.data.lru:
            self.data.touch(way)
        self.counted["dirty_fills"] += not way.dirty
        part = int(self.spec.value("l1d.dirty_bytes", self.data.line_bytes))
        for touched in (address, address + WORD_BYTES * (words - 1)):
            way.dirty.add(touched % self.data.line_bytes // part)

    # --- maintenance ----------------------------------------------------------------------------

    def drain(self) -> None:
        """Wait until all that was stored is in memory."""
        self.wait_for_writes()
        self.spend("flush", self.cost("maintenance.drain_cycles"))

    def clean(self, way: Way | None) -> None:
        """Write a dirty line of data back and wait for it."""
        if way is None or not way.dirty:
            return
        self.counted["flushed_dirty"] += 1
        time = self.write_back(self.data, way)
        if not self.outer:
            self.spend("flush", time)
            self.bus_free = max(self.bus_free, self.now)

    def drop(self, way: Way | None) -> None:
        """Invalidate a line; its age stays with its place."""
        if way is not None:
            way.line, way.dirty = None, set()

    def flush_all(self) -> None:
        """Clean and empty what is virtually tagged, line by line. [PXA-UM 6.1.1]"""
        if self.data.virtual_tag:
            self.counted["flushes"] += 1
            self.drain()
            lines = list(self.data.ways())
            self.spend("flush", self.cost("maintenance.clean_line_cycles") * len(lines))
            for way in lines:
                self.clean(way)
                self.drop(way)
        if self.code.virtual_tag:
            for way in self.code.ways():
                self.drop(way)
            self.targets = [None] * len(self.targets)
        if self.data.virtual_tag or self.code.virtual_tag:
            self.spend("flush", self.cost("maintenance.fixed_cycles"))

    def flush_range(self, address: int, size: int, executable: int) -> None:
        """Clean and invalidate by address, where tags are virtual."""
        code = self.code.virtual_tag and executable
        if not (self.data.virtual_tag or code):
            return
        for line in range(address, address + size, self.data.line_bytes):
            self.spend("flush", self.cost("maintenance.range_line_cycles"))
            way = self.data.find(self.line_of(self.data, line))
            self.clean(way)
            self.drop(way)
            if code:
                self.drop(self.code.find(self.line_of(self.code, line)))
        self.drain()

    def clean_range(self, address: int, size: int) -> None:
        """Clean page tables for a walker that reads memory."""
        if not self.word("tlb.walk", "memory"):
            return
        for line in range(address, address + size, self.data.line_bytes):
            self.spend("flush", self.cost("maintenance.area_line_cycles"))
            self.clean(self.data.find(self.line_of(self.data, line)))
        self.drain()

    # --- spaces ---------------------------------------------------------------------------------

    def switch(self, space: int, how: int) -> None:
        """Install a space, with all an untagged machine must do besides."""
        if space == self.space:
            return
        self.space = space
        full = how == ops.FULL and self.word("space_switch", "full")
        if full and (self.data.virtual_tag or self.code.virtual_tag):
            self.flush_all()
        mixed = self.word("tlb.tag", "none") and not self.word("tlb.flush_filter", "yes")
        if mixed or (self.word("tlb.tag", "domain") and full):
            self.empty_buffers(self.word("tlb.global_pages", "yes") and not self.isolated)
        if how != ops.COUNTED:
            self.spend("control", self.cost("switch.cycles"))

    @property
    def isolated(self) -> bool:
        """Whether user mode runs on page tables of its own."""
        return self.word("kernel_isolation", "yes")

    def change_mode(self, cost: str) -> None:
        """Enter or leave the kernel; to other page tables where it is isolated."""
        self.spend("trap", self.cost(cost))
        if self.isolated and (register := self.cost("special.space_register_cycles")):
            self.spend("control", register)
            if self.word("tlb.tag", "none"):
                self.empty_buffers(keep_global=False)

    # --- paths and loops --------------------------------------------------------------------------

    def words_time(self, count: int, scale: int = 1000) -> int:
        """What the second and further words of a multiple access take."""
        if count <= 1:
            return 0
        multiple = self.cost("core.multiple_cycles") * scale // 1000
        return multiple + (count - 1) * (self.cost("core.word_cycles") * scale // 1000)

    def path(self, template: int, frame: int) -> None:
        """Replay the references of one path."""
        first, last, group = self.trace.templates[template].tolist()
        bases, scale = self.trace.frames[frame].tolist(), self.scales[group]
        for kind, role, offset, count, more in self.trace.refs[first:last].tolist():
            self.counted["references"] += 1
            if kind == ops.COPROCESSOR:
                self.special(count, more)
            else:
                self.reference(kind, bases[role] + offset, count, more, scale)

    def reference(self, kind: int, address: int, count: int, more: int, scale: int) -> None:
        """One fetch, load or store of a path: its instructions, then its lines."""
        if kind == ops.FETCH:
            self.spend(
                "instructions", count * (self.cost("core.instruction_cycles") * scale // 1000)
            )
            self.run_on(address, count, more)
            return
        time = self.words_time(count, scale)
        if more:
            time = count * (self.cost("core.word_cycles") * scale // 1000)
        elif kind == ops.LOAD:
            time += self.cost("core.load_use_stall_cycles") * scale // 1000
        self.spend("instructions", time)
        if kind == ops.LOAD:
            self.load(address)
        else:
            self.store(address, count)

    def run_on(self, address: int, count: int, how: int) -> None:
        """Go to instructions, in one of the ways of `microbench.trace.ops`, and fetch them."""
        if how == ops.BRANCH:
            self.branch()
        elif how == ops.RETURN_LOAD:
            self.spend("branches", self.cost("core.return_by_load_cycles"))
        elif how == ops.RETURN_REGISTER:
            self.spend("branches", self.cost("core.return_by_register_cycles"))
        size = self.code.line_bytes
        self.last_instruction = address + 4 * (count - 1)
        self.fetch(address)
        for line in range(address // size + 1, self.last_instruction // size + 1):
            self.fetch(line * size)

    def loop(self, number: int) -> None:
        """Walk the elements of a user loop."""
        row = dict(zip(ops.LOOP_COLUMNS, self.trace.loops[number].tolist(), strict=True))
        loads, stores = row["load_words"], row["store_words"]
        paid = self.spec.value("core.instruction_cycles")
        dependent = ticks(max(0.0, self.spec.value("core.load_result_cycles") - paid))
        time = row["instructions"] * self.cost("core.instruction_cycles")
        time += row["dependent"] * dependent + self.words_time(loads) + self.words_time(stores)
        line, into = None, 0
        for i in range(row["count"]):
            if (row["text"] + into) // self.code.line_bytes != line:
                line = (row["text"] + into) // self.code.line_bytes
                self.fetch(row["text"] + into)
            into = into + row["element_bytes"]
            into = 0 if into >= row["body_bytes"] else into
            self.spend("instructions", time)
            if loads:
                self.load(row["source"] + i * row["stride"])
            if stores:
                self.store(row["target"] + i * row["stride"], stores)
            self.counted["references"] += bool(loads) + bool(stores)

    # --- operations -------------------------------------------------------------------------------

    def special(self, number: int, count: int) -> None:
        """Accesses to registers of the system."""
        self.spend("control", count * self.cost(f"special.{ops.SPECIALS[number]}_cycles"))

    def pass_time(self, cause: str, time: int) -> None:
        """Let time pass in which memory catches up."""
        self.spend(cause, max(0, time))
        self.catch_up()

    def write_entry(self, address: int) -> None:
        """Write an entry of a page table, and clean its line where the walker needs that."""
        self.spend("instructions", self.cost("maintenance.pte_write_cycles"))
        self.store(address, PTE_WORDS)
        self.clean_range(address // PTE_LINE_BYTES * PTE_LINE_BYTES, PTE_LINE_BYTES)

    def invalidate(self, address: int) -> None:
        """Forget one translation, or all below 0."""
        self.spend("control", self.cost("tlb.invalidate_cycles"))
        if address < 0:
            self.empty_buffers(keep_global=False)
            return
        for buffer in (self.itlb, self.dtlb, self.second):
            buffer.forget(self.pages[address // PAGE][5])

    def operate(self, kind: int, a: int, b: int, c: int) -> None:
        """Do one operation of a trace."""
        if kind == ops.PATH:
            self.path(a, b)
        elif kind == ops.LOOP:
            self.loop(a)
        elif kind == ops.TRAP:
            self.change_mode(f"trap.{ops.TRAPS[a]}_cycles")
        elif kind == ops.TRAP_RETURN:
            self.change_mode("trap.return_cycles")
        elif kind == ops.SWITCH:
            self.switch(a, b)
        elif kind == ops.FLUSH_ALL:
            self.flush_all()
        elif kind == ops.FLUSH_RANGE:
            self.flush_range(a, b, c)
        elif kind == ops.CLEAN_RANGE:
            self.clean_range(a, b)
        elif kind == ops.PTE_WRITE:
            self.write_entry(a)
        elif kind == ops.TLB_INVALIDATE:
            self.invalidate(a)
        elif kind == ops.DRAIN:
            self.drain()
        elif kind == ops.SPECIAL:
            self.special(a, b)
        elif kind == ops.IDLE:
            self.pass_time("idle", self.nanoseconds(a))
        elif kind == ops.COMPUTE:
            instructions = a * self.cost("core.instruction_cycles") * self.scales[b] // 1000
            self.pass_time("instructions", instructions)
        elif kind == ops.DEVICE_START:
            self.devices[a] = self.now + self.nanoseconds(b)
        elif kind == ops.DEVICE_WAIT and self.devices.get(a, 0) > self.now:
            self.pass_time("idle", self.devices[a] - self.now)
        elif kind == ops.COALESCING:
            self.merging = bool(a)

    def run(self, first: int, last: int) -> None:
        """Do operations `first` to `last` (exclusive) of the trace."""
        for kind, a, b, c, place in self.trace.operations[first:last].tolist():
            self.place = place
            self.operate(kind, a, b, c)
