"""The map database: who got which page from whom; map, grant and unmap.

Knows: one tree per frame, rooted in the root space. Every other mapping has a parent that
holds the same frame with at least its rights, so that unmapping a page takes back whatever
was derived from it. Refuses to know: who may ask (`control.py`, `ipc.py`) and flush costs.
"""

from __future__ import annotations

from microbench.l4.domains import section_of
from microbench.l4.events import Sink, ref
from microbench.l4.model import PAGE_BITS, SECTION_BITS, MapItem, Mapping, Place, Space, State


def lookup(state: State, place: Place) -> Mapping | None:
    """The mapping at `place`; the root space owns every frame at its own number."""
    space = state.spaces[place.space]
    found = space.pages.get(place.page)
    if found is None and space.sid == state.root and place.page < state.frames:
        found = space.pages[place.page] = Mapping(place.page, 7, None)
    return found


def has_page(state: State, place: Place) -> bool:
    """Whether a mapping is (or for the root: could be) at `place`; changes nothing."""
    space = state.spaces[place.space]
    return place.page in space.pages or (space.sid == state.root and place.page < state.frames)


def translation(state: State, space: Space, address: int, access: int) -> str:
    """What the machine finds at `address` [bytes]: `present`, `section` (missing) or `page`."""
    page = address >> PAGE_BITS
    mapped = space.pages.get(page)
    if mapped is None and has_page(state, Place(space.sid, page)):
        return "section" if section_of(space, page) not in space.sections else "present"
    if mapped is None or access & ~mapped.rights:
        return "page"
    return "present" if section_of(space, page) in space.sections else "section"


def transfer(state: State, source: int, target: int, item: MapItem, sink: Sink) -> int:
    """Map or grant every page of an item; return how many pages moved.

    Pages the source does not hold are skipped, and so are pages whose target is the source
    itself or something it was derived from.
    """
    moved = 0
    for offset, page in enumerate(item.fpage.pages()):
        have = Place(source, page)
        want = Place(target, (item.base >> PAGE_BITS) + offset)
        if _map_one(state, have, want, item, sink):
            moved += 1
    return moved


def _map_one(state: State, have: Place, want: Place, item: MapItem, sink: Sink) -> bool:
    node = lookup(state, have)
    if node is None or _is_above(state, want, have):
        return False
    rights = node.rights & item.rights
    if not rights or (item.grant and node.parent is None):
        return False
    replaced = want.page in state.spaces[want.space].pages
    if replaced:
        revoke(state, want, 7, True, sink)
    fresh = not _has_table(state.spaces[want.space], want.page)
    _enter(state, have, want, node, rights, item.grant, sink)
    space, table = ref("space", want.space), ref("page_table", want.space)
    sink.path("map_page", space=space, page_table=table)
    if fresh:
        sink.path("map_table", space=space, page_table=table)
    sink.map_page(space, want.page, replaced)
    return True


def _has_table(space: Space, page: int) -> bool:
    """Whether another page of the same 1 MB, hence a page table, is there already."""
    shift = SECTION_BITS - PAGE_BITS
    section, pages = page >> shift, space.pages
    if any(near in pages and near >> shift == section for near in (page - 1, page + 1)):
        return True
    return any(other >> shift == section for other in pages)


def _enter(
    state: State, have: Place, want: Place, node: Mapping, rights: int, grant: bool, sink: Sink
) -> None:
    """Put the new node in; a granted one takes the old one's place in the tree."""
    parent = node.parent if grant else have
    assert parent is not None
    fresh = Mapping(node.frame, rights, parent)
    state.spaces[want.space].pages[want.page] = fresh
    lookup_present(state, parent).children.add(want)
    if not grant:
        return
    for child in node.children:
        kid = lookup_present(state, child)
        kid.parent = want
        _weaken(state, child, rights, sink)
    fresh.children = {c for c in node.children if c.page in state.spaces[c.space].pages}
    _drop(state, have, sink)


def lookup_present(state: State, place: Place) -> Mapping:
    """The mapping at `place`, which must be there."""
    return state.spaces[place.space].pages[place.page]


def _weaken(state: State, place: Place, rights: int, sink: Sink) -> None:
    """Limit a subtree to `rights`; a mapping without rights goes, with all below it."""
    node = lookup_present(state, place)
    lost = node.rights & ~rights
    if lost:
        revoke(state, place, lost, True, sink)


def _is_above(state: State, place: Place, below: Place) -> bool:
    """Whether `place` is `below` or one of its ancestors."""
    step: Place | None = below
    while step is not None:
        if step == place:
            return True
        step = lookup_present(state, step).parent
    return False


def revoke(
    state: State, place: Place, rights: int, own: bool, sink: Sink, quiet: bool = False
) -> int:
    """Take `rights` from all derived mappings, and from `place` itself if `own`.

    Returns the number of page table entries that changed. The root's own pages stay. With
    `quiet` the caller drops whole tables and flushes everything, so no page is flushed.
    """
    node = state.spaces[place.space].pages.get(place.page)
    if node is None:
        return 0
    changed = 0
    for child in sorted(node.children) if node.children else ():
        changed += revoke(state, child, rights, True, sink, quiet)
    if own and node.parent is not None and node.rights & rights:
        node.rights &= ~rights
        changed += 1
        if node.rights:
            _tell_unmap(state, place, node, sink, quiet)
        else:
            lookup_present(state, node.parent).children.discard(place)
            _drop(state, place, sink, quiet)
    return changed


def _drop(state: State, place: Place, sink: Sink, quiet: bool = False) -> None:
    node = state.spaces[place.space].pages.pop(place.page)
    if node.parent is not None:
        lookup_present(state, node.parent).children.discard(place)
    _tell_unmap(state, place, node, sink, quiet)


def _tell_unmap(state: State, place: Place, node: Mapping, sink: Sink, quiet: bool) -> None:
    space = ref("space", place.space)
    if not quiet:
        sink.path("unmap_page", space=space, page_table=ref("page_table", place.space))
    sink.unmap_page(space, place.page, not quiet)
