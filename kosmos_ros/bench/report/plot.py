# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A run as a picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from kosmos_ros.bench.plan import SEED_TOKENS
from kosmos_ros.bench.report.figures import (
    bandwidth,
    caption_token_seconds,
    default_of,
    measured,
    MILLI,
    node_row,
    recipe_seconds,
    Run,
    typical,
)
from kosmos_ros.bench.report.tables import duration, parameters
from kosmos_ros.bench.run.session import SEED_DTYPES
from kosmos_ros.bench.timing import median
from kosmos_ros.core.files import writing

WIDTH, HEIGHT, DPI = 15.0, 12.5, 110
"""Inches and dots per inch."""

_RECIPE, _OURS, _INT8 = '#b9bec7', '#1f77b4', '#17a398'
_FLOOR, _TRANSPORT, _MODEL = '#d1495b', '#b9bec7', '#edae49'
_INK = '#30343b'


def save_plot(run: Run, path: Path) -> None:
    """Draw a run and save it as PNG."""
    models = run['models'][:2]
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12, hspace=0.04, wspace=0.04)
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout=layout)
    parts: Any = figure.subfigures(3, 1, height_ratios=(1.25, 1.0, 0.75))
    top, middle, bottom = parts
    for model, axes in zip(models, _row(top, max(1, len(models))), strict=False):
        _bars(axes, model)
    phrases, cameras, sizes = _row(middle, 3)
    _growth(phrases, models, 'phrases', 'phrases in one call about a known frame')
    _growth(cameras, models, 'cameras', 'cameras in one call, new frames')
    _sizes(sizes, models)
    floor, node = _row(bottom, 2)
    _floors(floor, run, models)
    _node(node, run)
    machine = run['machine']
    figure.suptitle(
        f'kosmos_ros beside the recipe of the model card: {machine["cpu"]}, '
        f'{machine["cores"]} cores, {run["when"][:10]}',
        color=_INK,
        fontsize=14,
    )
    with writing(path) as stream:
        figure.savefig(stream, format=path.suffix[1:])


def _row(figure: Any, columns: int) -> list[Any]:
    return list(figure.subplots(1, columns, squeeze=False)[0])


def _finish(axes: Any, title: str) -> None:
    """Add the title, and a legend if anything has a label."""
    axes.set_title(title, fontsize=11, color=_INK, loc='left')
    axes.spines[['top', 'right']].set_visible(False)
    axes.tick_params(colors=_INK, labelsize=9)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=9, frameon=False)


def _nothing(axes: Any, title: str) -> None:
    axes.text(0.5, 0.5, 'not measured', ha='center', color=_INK, transform=axes.transAxes)
    _finish(axes, title)


def _bars(axes: Any, model: Run) -> None:
    """Draw seconds of a query on a logarithmic scale, the recipe's above ours."""
    title = f'{model["name"]}: {parameters(model["parameters"])}'
    bars = [*_recipe_bars(model), *_our_bars(model)]
    if not bars:
        _nothing(axes, title)
        return
    names, seconds, colors = zip(*bars, strict=True)
    places = range(len(bars))
    axes.barh(places, seconds, color=colors, height=0.72)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xscale('log')
    for place, value in zip(places, seconds, strict=True):
        at, away = (value, place), {'xytext': (4, 0), 'textcoords': 'offset points'}
        axes.annotate(duration(value), at, **away, va='center', fontsize=9, color=_INK)
    axes.set_xlim(min(seconds) / 2, max(seconds) * 4)
    axes.set_xlabel('seconds for a query (logarithmic)', fontsize=9)
    _finish(axes, title)


def _recipe_bars(model: Run) -> list[tuple[str, float, str]]:
    return [
        (f'recipe, {dtype}, {tokens} tokens', seconds, _RECIPE)
        for dtype in SEED_DTYPES
        for tokens in SEED_TOKENS
        if (seconds := recipe_seconds(model, dtype, tokens)) is not None
    ]


def _our_bars(model: Run) -> list[tuple[str, float, str]]:
    ours, int8 = default_of(model), model['ours']['int8']
    found = []
    if ours:
        found += [
            ('ours, first query on a frame', typical(ours['first']), _OURS),
            ('ours, later query', typical(ours['later']), _OURS),
            ('ours, one of 8 phrases', typical(ours['eight_phrases']) / 8, _OURS),
        ]
    if measured(int8):
        found.append(('ours, later query, int8', typical(int8['later']), _INT8))
    return found


def _growth(axes: Any, models: list[Run], key: str, title: str) -> None:
    """Draw the time of a call as a multiple of that with one."""
    for model, style in zip(models, ('o-', 's--'), strict=False):
        ours = default_of(model)
        if ours:
            points = ours['growth'][key]
            one = typical(points['1'])
            counts = [int(count) for count in points]
            times = [typical(point) / one for point in points.values()]
            axes.plot(counts, times, style, label=f'{model["name"]} (1: {duration(one)})')
            axes.plot(counts, counts, ':', color=_RECIPE, zorder=0)
            axes.set_xticks(counts)
    axes.set_ylim(bottom=0)
    axes.set_ylabel('times one (dotted: one by one)', fontsize=9)
    _finish(axes, title)


def _sizes(axes: Any, models: list[Run]) -> None:
    """Draw the first query over the size of the image."""
    for model in models:
        ours = default_of(model)
        sizes = ours['growth']['image_sizes'] if ours else {}
        if not sizes:
            continue
        pixels = [math.prod(int(side) for side in size.split('x')) / 1e6 for size in sizes]
        whole = [MILLI * typical(sized) for sized in sizes.values()]
        prepare = [MILLI * median(sized['prepare_seconds']) for sized in sizes.values()]
        axes.plot(pixels, whole, 'o-', color=_OURS, label=f'{model["name"]}, first query')
        axes.plot(pixels, prepare, 's-', color=_MODEL, label='of it, preparing the image')
        axes.set_xscale('log')
        axes.set_xticks(pixels, list(sizes), rotation=30, ha='right', fontsize=8)
        axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_ylabel('ms', fontsize=9)
    _finish(axes, 'size of the image')


def _floors(axes: Any, run: Run, models: list[Run]) -> None:
    """Draw the time of a caption's token over the time that reading the weights takes."""
    model = next((model for model in models if model['large']), models[0] if models else None)
    parts = {name: part for name, part in model['ours'].items() if measured(part)} if model else {}
    if model is None or not parts:
        _nothing(axes, 'a token of a caption and the memory floor')
        return
    places = range(len(parts))
    values = [MILLI * median(caption_token_seconds(part)) for part in parts.values()]
    floors = [
        MILLI * part['floor']['token_pass_bytes'] / bandwidth(run) for part in parts.values()
    ]
    axes.barh(places, values, color=_OURS, height=0.62, label='one token of a caption')
    axes.barh(places, floors, color=_FLOOR, height=0.2, label='reading all weights once')
    axes.set_yticks(places, list(parts))
    axes.invert_yaxis()
    axes.set_xlabel('ms', fontsize=9)
    _finish(axes, f'{model["name"]}: a token of a caption and the memory floor')


def _node(axes: Any, run: Run) -> None:
    """Draw the parts of camera-to-detections."""
    title = 'node: camera to detections, median'
    if not measured(run['node']):
        _nothing(axes, title)
        return
    sizes = list(run['node']['sizes'])
    left = [0.0] * len(sizes)
    texts: list[list[str]] = [[] for _ in sizes]
    for part, color in (('transport', _TRANSPORT), ('ours', _OURS), ('model', _MODEL)):
        widths = [max(0.0, MILLI * node_row(run, size)[part][0]) for size in sizes]
        axes.barh(sizes, widths, left=left, color=color, height=0.4, label=part)
        for index, width in enumerate(widths):
            texts[index].append(f'{part} {width:.1f}')
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for place, text in enumerate(texts):
        axes.text(0, place - 0.28, '  +  '.join(text), fontsize=9, color=_INK)
    axes.set_ylim(len(sizes) - 0.5, -0.75)
    axes.set_xlabel('ms', fontsize=9)
    _finish(axes, title)
