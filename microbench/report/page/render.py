"""The page as one HTML text: template, style and script lie beside this file."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from microbench.errors import UsageError
from microbench.report.page import draw
from microbench.report.page.model import Page, Why


def render(page: Page) -> str:
    """The page as HTML that needs nothing else.

    Raises
    ------
    UsageError
        If the template library is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup
    except ModuleNotFoundError:
        raise UsageError("the page needs Jinja2: pip install 'mkbench[report]'") from None
    place = resources.files("microbench.report.page")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["stacks"] = lambda why: Markup(draw.stacks(why.bars, parts_of(why)))
    environment.filters["svg"] = Markup
    environment.filters["colour"] = lambda why, name: parts_of(why).index(name) % draw.COLOURS
    environment.filters["parts"] = parts_of
    environment.filters["sizes"] = sizes_of
    template = environment.from_string(place.joinpath("page.html.j2").read_text(encoding="utf-8"))
    return template.render(
        page=page,
        style=Markup(place.joinpath("page.css").read_text(encoding="utf-8")),
        script=Markup(place.joinpath("page.js").read_text(encoding="utf-8")),
    )


def parts_of(why: Why) -> list[str]:
    """Names of all parts of the bars, in order of first appearance."""
    return list(_distinct(name for bar in why.bars for name, _ in bar.parts))


def sizes_of(why: Why, name: str) -> str:
    """One part in each bar that has it: "native 2,044, l4 2,375"."""
    found = [(bar.name, size) for bar in why.bars for part, size in bar.parts if part == name]
    return ", ".join(f"{bar} {size:,.0f}" for bar, size in found)


def _distinct(names: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(names)
