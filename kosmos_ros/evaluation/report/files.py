# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""All files of an evaluation besides the records."""

from __future__ import annotations

import json
from pathlib import Path

from kosmos_ros.core.files import write_bytes, write_text
from kosmos_ros.core.images.images import save_image
from kosmos_ros.evaluation.report.figures import About, data
from kosmos_ros.evaluation.report.page import Plotted, report_page
from kosmos_ros.evaluation.report.plots import plots
from kosmos_ros.evaluation.report.worst_pictures import draw_worst, Drawn, OpenImage, picture_name
from kosmos_ros.evaluation.summary import Summary
from kosmos_ros.results.plot_style import as_png, DARK, LIGHT

DATA_FILE, PAGE_FILE = 'eval.json', 'report.html'
PLOTS, WORST = 'plots', 'worst'
"""Folders below the evaluation's own."""


def save_report(
    summary: Summary, about: About, folder: Path, open_image: OpenImage
) -> tuple[Path, Path]:
    """
    Write figures, plots, pictures of the worst answers, and a page with all of it.

    What an earlier report left in the folder is replaced.

    :param open_image: opens the images of the worst answers.
    :returns: paths of the figures and of the page.
    :raises KosmosError: if a scene cannot be rendered again.
    :raises OSError: if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / DATA_FILE
    worst = _save_worst(summary, _emptied(folder / WORST), open_image)
    content = data(summary, about) | {'worst': [_entry(drawn, path) for drawn, path in worst]}
    write_text(figures, json.dumps(content, indent=2, allow_nan=False) + '\n')
    plotted = _save_plots(summary, _emptied(folder / PLOTS))
    page = folder / PAGE_FILE
    html = report_page(summary, about, plotted, [drawn for drawn, _ in worst])
    write_text(page, html)
    return figures, page


def _save_plots(summary: Summary, folder: Path) -> list[Plotted]:
    plotted = []
    for light, dark in zip(plots(summary, LIGHT), plots(summary, DARK), strict=True):
        png = as_png(light.figure)
        write_bytes(folder / f'{light.name}.png', png)
        plotted.append((light.alt, png, as_png(dark.figure)))
    return plotted


def _save_worst(summary: Summary, folder: Path, open_image: OpenImage) -> list[tuple[Drawn, Path]]:
    saved = []
    for number, drawn in enumerate(draw_worst(summary.worst.chosen(), open_image), start=1):
        path = folder / picture_name(drawn.graded, number)
        save_image(path, drawn.captioned())
        saved.append((drawn, path.relative_to(folder.parent)))
    return saved


def _entry(drawn: Drawn, path: Path) -> dict[str, object]:
    record = drawn.graded.record
    return {
        'key': record.key,
        'kind': record.case.kind.value,
        'grade': round(drawn.graded.grade, 4),
        'question': drawn.question,
        'answer': drawn.answer,
        'right': drawn.right,
        'picture': str(path),
    }


def _emptied(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob('*.png'):
        old.unlink()
    return folder
