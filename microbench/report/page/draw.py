"""Small figures of the page as SVG: stacked bars of causes, ratios on a logarithmic line.

Colours are classes that the style sheet sets for light and dark; every part also says its name
and number, so that nothing hangs on colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from microbench.report.page.model import Bar

WIDTH, NAME_WIDTH, BAR_HEIGHT, GAP = 720, 110, 22, 8
SMALLEST_LABEL = 0.07
"""Share of the whole width from which on a part carries its name."""
COLOURS = 10


def stacks(bars: Sequence[Bar], order: Sequence[str]) -> str:
    """Bars of one scale under each other.

    Parameters
    ----------
    order : sequence of str
        Names of all parts; the place in it decides the colour.
    """
    longest = max((bar.total for bar in bars), default=0) or 1
    room = WIDTH - NAME_WIDTH - 90
    height = len(bars) * (BAR_HEIGHT + GAP) + GAP
    found = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{_said(bars)}">']
    for row, bar in enumerate(bars):
        y = GAP + row * (BAR_HEIGHT + GAP)
        found.append(f'<text x="{NAME_WIDTH - 8}" y="{y + 16}" class="e">{escape(bar.name)}</text>')
        x = float(NAME_WIDTH)
        for name, size in bar.parts:
            width = max(size, 0) / longest * room
            found.append(_part(name, size, order.index(name) % COLOURS, x, y, width, room))
            x += width
        found.append(f'<text x="{x + 6:.1f}" y="{y + 16}">{bar.total:,.0f}</text>')
    return "".join([*found, "</svg>"])


def _part(name: str, size: float, colour: int, x: float, y: int, width: float, room: int) -> str:
    title = f"<title>{escape(name)}: {size:,.0f}</title>"
    box = f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR_HEIGHT}" class="c{colour}">'
    label = ""
    if width > max(SMALLEST_LABEL * room, 7 * len(name)):
        label = f'<text x="{x + 4:.1f}" y="{y + 16}" class="in">{escape(name)}</text>'
    return f"{box}{title}</rect>{label}"


def _said(bars: Sequence[Bar]) -> str:
    return escape(
        "; ".join(
            f"{bar.name} {bar.total:,.0f}: "
            + ", ".join(f"{name} {size:,.0f}" for name, size in bar.parts if size)
            for bar in bars
        ),
        quote=True,
    )


def ratios(lines: Sequence[tuple[str, float | None, float | None]]) -> str:
    """Modelled (dot) and published (diamond) ratio of each row, on a logarithmic line."""
    numbers = [x for _, *pair in lines for x in pair if x]
    if not numbers:
        return ""
    low = math.floor(math.log10(min(numbers)))
    high = math.ceil(math.log10(max(numbers)))
    left = 24 + 8 * max(len(name) for name, *_ in lines)
    room, step = WIDTH - left - 30, 22
    height = step * len(lines) + 40

    def at(ratio: float) -> float:
        return left + (math.log10(ratio) - low) / max(1, high - low) * room

    found = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{_ratio_text(lines)}">']
    for power in range(low, high + 1):
        x = at(10.0**power)
        strong = ' class="one"' if power == 0 else ' class="grid"'
        found.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{height - 30}"{strong}/>')
        found.append(f'<text x="{x:.1f}" y="{height - 14}" class="m">{10.0**power:g}</text>')
    for row, (name, modelled, published) in enumerate(lines):
        y = 16 + step * row
        found.append(f'<text x="{left - 10}" y="{y + 4}" class="e">{escape(name)}</text>')
        if published:
            x = at(published)
            points = f"{x - 6:.1f},{y} {x:.1f},{y - 6} {x + 6:.1f},{y} {x:.1f},{y + 6}"
            found.append(
                f'<polygon points="{points}" class="published"><title>{escape(name)}: '
                f"published {published:g}</title></polygon>"
            )
        if modelled:
            found.append(
                f'<circle cx="{at(modelled):.1f}" cy="{y}" r="4" class="modelled"><title>'
                f"{escape(name)}: modelled {modelled:.3g}</title></circle>"
            )
    return "".join([*found, "</svg>"])


def _ratio_text(lines: Sequence[tuple[str, float | None, float | None]]) -> str:
    said = []
    for name, modelled, published in lines:
        both = [f"modelled {modelled:.3g}"] if modelled else []
        both += [f"published {published:g}"] if published else []
        said.append(f"{name} {', '.join(both)}")
    return escape("; ".join(said), quote=True)


def inlined(svg: str, prefix: str) -> str:
    """A whole SVG file as part of a page: no declaration, identifiers of its own."""
    import re

    text = svg[svg.index("<svg") :]
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r'(xlink:href|href)="#([^"]+)"', rf'\1="#{prefix}-\2"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", text)
    return re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
