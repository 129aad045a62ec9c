"""Map, grant and unmap keep one tree per frame."""

from __future__ import annotations

from microbench.l4 import calls
from microbench.l4.model import READ, WRITE, Fpage, MapItem, Place
from tests.l4.support import PAGE, Checked, page_item


def spaces(count: int) -> tuple[Checked, list[int]]:
    kernel = Checked()
    return kernel, [kernel.do(calls.SpaceCreate(n + 1)) for n in range(count)]


def mapped(kernel: Checked, sid: int) -> dict[int, tuple[int, int]]:
    """Page to (frame, rights) of a space."""
    return {p: (m.frame, m.rights) for p, m in kernel.state.spaces[sid].pages.items()}


def test_map_chains_and_rights_only_shrink() -> None:
    kernel, (a, b) = spaces(2)
    assert kernel.do(calls.MapControl(1, a, (page_item(5, 7, READ | WRITE),))) == 1
    assert kernel.do(calls.MapControl(a, b, (page_item(7, 9),))) == 1
    assert mapped(kernel, a) == {7: (5, READ | WRITE)}
    assert mapped(kernel, b) == {9: (5, READ | WRITE)}
    assert kernel.state.spaces[b].pages[9].parent == Place(a, 7)


def test_a_whole_flexpage_moves_page_by_page() -> None:
    kernel, (a,) = spaces(1)
    item = MapItem(Fpage(0, 15), 8 * PAGE, 7)
    assert kernel.do(calls.MapControl(1, a, (item,))) == 8
    assert sorted(mapped(kernel, a)) == list(range(8, 16))


def test_pages_nobody_has_are_skipped() -> None:
    kernel, (a, b) = spaces(2)
    kernel.do(calls.MapControl(1, a, (page_item(1, 1),)))
    assert kernel.do(calls.MapControl(a, b, (MapItem(Fpage(0, 14), 0, 7),))) == 1
    assert kernel.do(calls.MapControl(1, a, (page_item(64, 2),))) == 0
    assert sorted(mapped(kernel, b)) == [1]


def test_unmap_takes_back_what_was_derived_but_not_ones_own() -> None:
    kernel, (a, b) = spaces(2)
    kernel.do(calls.MapControl(1, a, (page_item(5, 7),)))
    kernel.do(calls.MapControl(a, b, (page_item(7, 9),)))
    assert kernel.do(calls.Unmap(Fpage(7 * PAGE, 12), 7, space=a)) == 1
    assert mapped(kernel, b) == {}
    assert mapped(kernel, a) == {7: (5, 7)}
    assert kernel.do(calls.Unmap(Fpage(7 * PAGE, 12), 7, True, a)) == 1
    assert mapped(kernel, a) == {}


def test_unmap_of_a_right_leaves_the_others() -> None:
    kernel, (a, b) = spaces(2)
    kernel.do(calls.MapControl(1, a, (page_item(5, 7),)))
    kernel.do(calls.MapControl(a, b, (page_item(7, 9, READ | WRITE),)))
    assert kernel.do(calls.Unmap(Fpage(5 * PAGE, 12), WRITE)) == 2
    assert mapped(kernel, a) == {7: (5, 7 & ~WRITE)}
    assert mapped(kernel, b) == {9: (5, READ)}


def test_the_root_keeps_its_own_pages() -> None:
    kernel, (a,) = spaces(1)
    kernel.do(calls.MapControl(1, a, (page_item(5, 7),)))
    kernel.do(calls.Unmap(Fpage(5 * PAGE, 12), 7, True))
    assert mapped(kernel, a) == {}
    assert kernel.do(calls.MapControl(1, a, (page_item(5, 7),))) == 1


def test_grant_hands_the_place_in_the_tree_over() -> None:
    kernel, (a, b, c) = spaces(3)
    kernel.do(calls.MapControl(1, a, (page_item(5, 7),)))
    kernel.do(calls.MapControl(a, c, (page_item(7, 3),)))
    assert kernel.do(calls.MapControl(a, b, (page_item(7, 9, grant=True),))) == 1
    assert mapped(kernel, a) == {}
    assert kernel.state.spaces[b].pages[9].parent == Place(1, 5)
    assert kernel.state.spaces[c].pages[3].parent == Place(b, 9)


def test_a_weaker_grant_weakens_what_was_derived() -> None:
    kernel, (a, b, c) = spaces(3)
    kernel.do(calls.MapControl(1, a, (page_item(5, 7),)))
    kernel.do(calls.MapControl(a, c, (page_item(7, 3, WRITE),)))
    kernel.do(calls.MapControl(a, b, (page_item(7, 9, READ, grant=True),)))
    assert mapped(kernel, b) == {9: (5, READ)}
    assert mapped(kernel, c) == {}


def test_the_root_cannot_grant() -> None:
    kernel, (a,) = spaces(1)
    assert kernel.do(calls.MapControl(1, a, (page_item(5, 7, grant=True),))) == 0


def test_a_page_is_not_mapped_over_its_own_ancestor() -> None:
    kernel, (a, b) = spaces(2)
    kernel.do(calls.MapControl(1, a, (page_item(5, 7),)))
    kernel.do(calls.MapControl(a, b, (page_item(7, 9),)))
    assert kernel.do(calls.MapControl(b, a, (page_item(9, 7),))) == 0
    assert kernel.do(calls.MapControl(a, a, (page_item(7, 7),))) == 0
    assert kernel.do(calls.MapControl(a, a, (page_item(7, 8),))) == 1


def test_mapping_over_a_page_replaces_it_and_says_so() -> None:
    kernel, (a, b) = spaces(2)
    kernel.do(calls.MapControl(1, a, (page_item(5, 7),)))
    kernel.do(calls.MapControl(a, b, (page_item(7, 9),)))
    kernel.log.events.clear()
    kernel.do(calls.MapControl(1, a, (page_item(6, 7),)))
    assert mapped(kernel, a) == {7: (6, 7)}
    assert mapped(kernel, b) == {}
    said = [(e.kind, e.detail.get("replaced")) for e in kernel.log.events if "map" in e.kind]
    assert said == [("unmap_page", None), ("unmap_page", None), ("map_page", True)]


def test_large_unmaps_flush_once_small_ones_page_by_page() -> None:
    kernel, (a,) = spaces(1)
    kernel.state.spaces[a].domain = 3
    kernel.state.domains.owner[3] = a
    kernel.state.spaces[a].sections = {32}
    cases = ((20, ["unmap_page", "flush_all"], ["map_control", "unmap_range"]),)
    cases += ((12, ["unmap_page"], ["map_control", "unmap_page"]),)
    for size, kinds, paths in cases:
        kernel.do(calls.MapControl(1, a, (page_item(5, 0),)))
        kernel.log.events.clear()
        kernel.do(calls.Unmap(Fpage(0, size), 7, True, a))
        seen = [e for e in kernel.log.events if e.kind in ("unmap_page", "flush_all")]
        assert [e.kind for e in seen] == kinds
        assert seen[0].detail["live"] == (size == 12)
        assert kernel.log.paths() == paths


def test_the_first_page_of_a_megabyte_needs_a_table() -> None:
    kernel, (a,) = spaces(1)
    tables = [
        kernel.seen(calls.MapControl(1, a, (page_item(5, page),))).count("map_table")
        for page in (0, 1, 255, 256)
    ]
    assert tables == [1, 0, 0, 1]


def test_deleting_a_space_takes_back_what_it_gave() -> None:
    kernel, (a, b) = spaces(2)
    kernel.do(calls.MapControl(1, a, (page_item(5, 7),)))
    kernel.do(calls.MapControl(a, b, (page_item(7, 9),)))
    kernel.do(calls.SpaceDelete(a))
    assert mapped(kernel, b) == {}
    assert not kernel.state.spaces[1].pages[5].children
