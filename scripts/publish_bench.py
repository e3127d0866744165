# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Commit a benchmark's results: ``python -m scripts.publish_bench bench_output``.

Copies bench.json and bench.png, tracking.json and tracking.png, whichever are there, to
``bench/results`` and writes their figures into the pages that show them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import shutil
import sys
from typing import Any, NamedTuple

from kosmos_ros.bench.report.figures import load_run
from kosmos_ros.bench.report.markdown import headline, speed_section
from kosmos_ros.bench.report.tracking_report import tracking_section

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path('bench', 'results')
FILES = ('bench.json', 'bench.png')
TRACKING_FILES = ('tracking.json', 'tracking.png')
END = '<!-- end -->'


class Place(NamedTuple):
    """Where figures of a run go: a page, their name in it, and the function to write them."""

    page: str
    name: str
    section: Callable[[dict[str, Any]], str]

    @property
    def begin(self) -> str:
        """The line before the figures."""
        return f'<!-- {self.name}: begin -->'

    def written(self, text: str, run: dict[str, Any]) -> str:
        """
        Return the page's text with the figures of a run.

        :raises ValueError: if it has no place for them.
        """
        before, found, rest = text.partition(self.begin)
        _, end, after = rest.partition(END)
        if not found or not end:
            raise ValueError(f'expected the lines {self.begin!r} and {END!r} in {self.page}')
        return f'{before}{self.begin}\n\n{self.section(run)}\n\n{END}{after}'


PLACES = {
    FILES: (
        Place('README.md', 'main figures of bench/results/bench.json', headline),
        Place('docs/speed.md', 'figures of bench/results/bench.json', speed_section),
    ),
    TRACKING_FILES: (
        Place('docs/tracking.md', 'figures of bench/results/tracking.json', tracking_section),
    ),
}


def publish(source: Path, root: Path = ROOT) -> None:
    """
    Copy results and rewrite the pages that show them.

    :raises FileNotFoundError: if there are none.
    """
    results = root / RESULTS
    results.mkdir(parents=True, exist_ok=True)
    there = {files: places for files, places in PLACES.items() if (source / files[0]).is_file()}
    if not there:
        raise FileNotFoundError(f'expected {FILES[0]} or {TRACKING_FILES[0]} in {source}')
    for files, places in there.items():
        for name in files:
            shutil.copyfile(source / name, results / name)
        run = load_run(results / files[0])
        for place in places:
            page = root / place.page
            text = place.written(page.read_text(encoding='utf-8'), run)
            page.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    publish(Path(sys.argv[1]))
