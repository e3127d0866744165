# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Commit a benchmark's results: ``python -m scripts.publish_bench bench_output``.

Copies bench.json and bench.png, tracking.json and tracking.png, whichever are there, to
``bench/results`` and writes their figures into the README.
"""

from __future__ import annotations

from pathlib import Path
import shutil
import sys

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path('bench', 'results')
FILES = ('bench.json', 'bench.png')
TRACKING_FILES = ('tracking.json', 'tracking.png')

BEGIN, END = '<!-- figures of bench/results/bench.json: begin -->', '<!-- end -->'
TRACKING_BEGIN = '<!-- figures of bench/results/tracking.json: begin -->'


def with_section(readme: str, section: str, begin: str = BEGIN) -> str:
    """
    Return a README with new figures.

    :param begin: the line that they come after.
    :raises ValueError: if it has no place for them.
    """
    before, found, rest = readme.partition(begin)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f'expected the lines {begin!r} and {END!r} in the README')
    return f'{before}{begin}\n\n{section}\n\n{END}{after}'


def publish(source: Path, root: Path = ROOT) -> None:
    """
    Copy results and rewrite the README.

    :param source: folder with the results.
    :raises FileNotFoundError: if there are none.
    """
    from kosmos_ros.bench.markdown import speed_section  # noqa: PLC0415
    from kosmos_ros.bench.saving import load_run  # noqa: PLC0415
    from kosmos_ros.bench.tracking_report import tracking_section  # noqa: PLC0415

    results = root / RESULTS
    results.mkdir(parents=True, exist_ok=True)
    readme = root / 'README.md'
    kinds = ((FILES, BEGIN, speed_section), (TRACKING_FILES, TRACKING_BEGIN, tracking_section))
    there = [kind for kind in kinds if (source / kind[0][0]).is_file()]
    if not there:
        raise FileNotFoundError(f'expected {FILES[0]} or {TRACKING_FILES[0]} in {source}')
    for files, begin, section_of in there:
        for name in files:
            shutil.copyfile(source / name, results / name)
        section = section_of(load_run(results / files[0]))
        text = with_section(readme.read_text(encoding='utf-8'), section, begin)
        readme.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    publish(Path(sys.argv[1]))
