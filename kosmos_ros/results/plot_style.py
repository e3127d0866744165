# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The style of plots: small enough for a phone, on light pages and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import io
from typing import Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

WIDTH = 5.4
"""Inches; at 10 points letters still read when this is scaled to the width of a phone."""
DPI = 144
_TITLE, _LABEL, _TICK = 11.0, 9.5, 9.0


@dataclass(frozen=True)
class Theme:
    """Colours of a plot; ``series`` are those of the data series, in a fixed order."""

    name: str
    paper: str
    ink: str
    faint: str
    grid: str
    series: tuple[str, ...]


LIGHT = Theme(
    'light',
    paper='#ffffff',
    ink='#22262e',
    faint='#6a7280',
    grid='#e4e7ec',
    series=('#2563a8', '#b4602c', '#2f8f5b', '#8a4fb0', '#a8862a', '#4a5568'),
)
DARK = Theme(
    'dark',
    paper='#171b21',
    ink='#e6e9ee',
    faint='#98a2b0',
    grid='#2b323c',
    series=('#6aa9f0', '#e79a63', '#63c893', '#c594e6', '#dcc069', '#a9b4c4'),
)


def new_figure(
    theme: Theme, height: float, rows: Sequence[float] = (1.0,), share: bool = True
) -> tuple[Any, Any]:
    """
    Return a matplotlib figure and its axes, one below the other.

    :param height: inches.
    :param rows: heights of the axes relative to each other.
    :param share: whether these have the same x axis.
    """
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06)
    figure = Figure((WIDTH, height), dpi=DPI, facecolor=theme.paper, layout=layout)
    column = figure.subplots(
        len(rows), 1, sharex=share and len(rows) > 1, squeeze=False, height_ratios=list(rows)
    )[:, 0]
    for axes in column:
        dress(axes, theme)
    return figure, column


def set_title(axes: Any, theme: Theme, title: str) -> None:
    """Write a title above the axes, at their left."""
    axes.set_title(title, fontsize=_TITLE, color=theme.ink, loc='left', weight='bold')


def set_labels(axes: Any, x: str = '', y: str = '') -> None:
    """Label the axes."""
    axes.set_xlabel(x, fontsize=_LABEL)
    axes.set_ylabel(y, fontsize=_LABEL)


def write_beside(
    axes: Any,
    theme: Theme,
    text: str,
    at: tuple[float, float],
    away: float = 4,
    side: str = 'center',
) -> None:
    """Write to the right of a point, so many points away, 'center' or 'top' at its height."""
    axes.annotate(
        text, at, (away, 0), textcoords='offset points', va=side, fontsize=_TICK, color=theme.ink
    )


def add_legend(axes: Any, theme: Theme, place: str = 'best') -> None:
    """Explain the series, if there are several."""
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend(loc=place, handlelength=1.4, **_legend_style(theme))


def add_legend_below(figure: Any, axes: Any, theme: Theme) -> None:
    """Explain the series below the plot, where the legend hides nothing."""
    handles, names = axes.get_legend_handles_labels()
    if len(names) > 1:
        options: dict[str, Any] = {
            'ncols': min(4, len(names)),
            'handlelength': 1.2,
            'columnspacing': 1.2,
        }
        options |= _legend_style(theme)
        figure.legend(handles, names, loc='outside lower center', **options)


def _legend_style(theme: Theme) -> dict[str, Any]:
    return {'fontsize': _TICK, 'frameon': False, 'labelcolor': theme.ink}


def as_png(figure: Any) -> bytes:
    """Return the figure as a PNG file of a palette of colours, which is a third of the size."""
    stream = io.BytesIO()
    figure.savefig(stream, format='png', facecolor=figure.get_facecolor())
    stream.seek(0)
    picture = Image.open(stream).convert('RGB').quantize(128, dither=Image.Dither.NONE)
    out = io.BytesIO()
    picture.save(out, format='png', optimize=True)
    return out.getvalue()


def dress(axes: Any, theme: Theme) -> None:
    """Give axes the colours of a theme."""
    axes.set_facecolor(theme.paper)
    axes.spines[['top', 'right']].set_visible(False)
    axes.spines[['left', 'bottom']].set_color(theme.faint)
    axes.tick_params(colors=theme.ink, labelsize=_TICK)
    axes.xaxis.label.set_color(theme.faint)
    axes.yaxis.label.set_color(theme.faint)
    axes.grid(color=theme.grid, linewidth=0.8)
    axes.set_axisbelow(True)
