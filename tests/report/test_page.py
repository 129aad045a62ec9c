"""The page: its numbers are the rows', every row opens, nothing is cut, in a real browser."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from microbench.report.page import draw
from microbench.report.page.model import Bar, Page, Section, Why
from microbench.report.page.render import render, sizes_of
from microbench.report.page.sections import plain_section, talk_sections
from microbench.report.page.sheets import key_of, paired_sheet
from microbench.row import Row

BARS = (
    Bar("native", (("instructions", 400.0), ("flush & refill", 900.0))),
    Bar("l4", (("instructions", 700.0), ("IPC", 300.0))),
)
WHY = Why("Cycles of one hop.", BARS, ("native takes 300 cycles more.",))


def row(benchmark: str, system: str, value: float, published: float | None = None) -> Row:
    return Row(
        benchmark, "-s 0 2", "pxa255", system, "latency", "us", "smaller", value, 1300,
        published, "talk", None if published is None else value / published - 1,
        "predict" if published else "", low=value * 0.9, high=value * 1.2,
    )  # fmt: skip


ROWS = [
    row("lat_ctx", "native", 261.987654321, 250.0),
    row("lat_ctx", "l4", 5.9375, 9.0),
    row("lat_<b>", "native", 3.0),
    row("lat_<b>", "l4", 30.0),
]


def page() -> Page:
    talk = Section("talk", "Talk", "Open a row.", [paired_sheet("talk", ROWS, lambda pair: WHY)])
    return Page(
        "A page", "Why?", [talk, plain_section("rows", "Rows", "All.", ROWS)], {"model": "1"}
    )


HTML = render(page())


def test_every_value_of_the_rows_stands_in_full_on_the_page() -> None:
    found = {
        key: float(value)
        for value, key in re.findall(r'data-value="([^"]+)" data-key="([^"]+)"', HTML)
    }
    assert {html.unescape(key): v for key, v in found.items()} == {key_of(r): r.value for r in ROWS}


def test_the_page_needs_nothing_else_and_text_is_never_markup() -> None:
    assert not re.search(r'(src|href)="(?!#)', HTML)
    assert "<b>" not in HTML
    assert "lat_&lt;b&gt;" in HTML
    assert render(page()) == HTML


def test_a_part_is_said_of_the_bars_that_have_it() -> None:
    assert sizes_of(WHY, "instructions") == "native 400, l4 700"
    assert sizes_of(WHY, "IPC") == "l4 300"


def test_bars_say_their_parts_and_sums() -> None:
    text = draw.stacks(BARS, ["instructions", "flush & refill", "IPC"])
    assert "native 1,300: instructions 400, flush &amp; refill 900" in text
    widths = [float(w) for w in re.findall(r'<rect [^>]*width="([0-9.]+)"', text)]
    assert widths[1] / widths[0] == pytest.approx(900 / 400, rel=0.01)


def test_ratios_are_drawn_on_a_logarithmic_line() -> None:
    text = draw.ratios([("a", 10.0, 1.0), ("b", 100.0, None)])
    dots = [float(x) for x in re.findall(r'<circle cx="([0-9.]+)"', text)]
    diamond = float(re.findall(r'points="[^ ]+ ([0-9.]+),', text)[0])
    assert dots[1] - dots[0] == pytest.approx(dots[0] - diamond, abs=0.2)
    assert draw.ratios([]) == ""


def test_a_figure_file_becomes_part_of_the_page_with_names_of_its_own() -> None:
    file = (
        '<?xml version="1.0"?><svg><g id="a"/><use xlink:href="#a"/><g clip-path="url(#a)"/></svg>'
    )
    found = draw.inlined(file, "p")
    assert found == ('<svg><g id="p-a"/><use xlink:href="#p-a"/><g clip-path="url(#p-a)"/></svg>')


def test_the_ratio_figure_leaves_side_results_out() -> None:
    side = [Row("x", "", "m", s, "overhead", "us", "smaller", 1.0) for s in ("native", "l4")]
    (first, *_) = talk_sections({"t": side})
    assert first.figures == []


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not driver or not chromium:
        pytest.skip("no Chromium here")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                 "--no-first-run", "--disable-sync", "--disable-component-update",
                 f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):  # fmt: skip
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options, webdriver.ChromeService(driver))
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(HTML, encoding="utf-8")
    found.get(Path(file).as_uri())
    yield found
    found.quit()


def test_in_a_browser_every_row_opens_and_nothing_complains(browser: Any) -> None:
    buttons = browser.find_elements("css selector", "button.why")
    assert len(buttons) == 2
    for button in buttons:
        detail = browser.find_element("id", button.get_attribute("aria-controls"))
        assert not detail.is_displayed()
        button.send_keys("\n")  # by keyboard
        assert detail.is_displayed()
        assert button.get_attribute("aria-expanded") == "true"
        assert detail.find_element("css selector", "svg").size["width"] > 100
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("width", [360, 1440])
def test_in_a_browser_nothing_is_wider_than_the_page(browser: Any, width: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    for text in browser.find_elements("css selector", "p, h1, h2, li, dt, dd"):
        assert text.rect["width"] <= width


def test_in_a_browser_a_click_sorts_by_number(browser: Any) -> None:
    value = next(
        h
        for h in browser.find_elements("css selector", "#rows th button.sort")
        if h.text == "value"
    )
    value.click()
    cells = browser.find_elements("css selector", "#rows tbody td.n[data-key]")
    assert [float(c.get_attribute("data-value")) for c in cells] == sorted(r.value for r in ROWS)
