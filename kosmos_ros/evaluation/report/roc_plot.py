# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""ROC curves: how well scores tell right from wrong, whatever their level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kosmos_ros.evaluation.scoring.reliability import area_under_curve, Judged, roc_curve
from kosmos_ros.results.plot_style import dress, new_figure, set_labels, set_title, Theme

_CLEAR = 0.9
"""Area from which all curves run around the place of the enlargement."""


def roc_figure(
    curves: Mapping[str, Judged], theme: Theme, title: str, labels: tuple[str, str]
) -> Any:
    """
    Draw curves and, where all are good, their upper left corner enlarged.

    :param labels: of the axes: what of the wrong ones passes, and what of the right ones.
    """
    figure, (axes,) = new_figure(theme, 4.4)
    axes.plot((0, 1), (0, 1), color=theme.faint, linewidth=1.0, linestyle='--')
    areas = {name: area_under_curve(judged) for name, judged in curves.items()}
    drawn = [axes]
    if min(areas.values(), default=0.0) >= _CLEAR:
        corner = axes.inset_axes((0.42, 0.36, 0.54, 0.4))
        dress(corner, theme)
        corner.set(xlim=(-0.002, 0.1), ylim=(0.9, 1.002))
        drawn.append(corner)
    for number, (name, judged) in enumerate(curves.items()):
        wrong, right = roc_curve(judged)
        color = theme.series[number % len(theme.series)]
        for one in drawn:
            label = f'{name}: area {areas[name]:.4f}' if one is axes else None
            one.plot(wrong, right, color=color, linewidth=1.8, label=label)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    set_labels(axes, *labels)
    set_title(axes, theme, title)
    axes.legend(loc='lower right', fontsize=9, frameon=False, labelcolor=theme.ink)
    return figure
