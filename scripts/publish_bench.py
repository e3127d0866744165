# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Commit a benchmark's results: ``python -m scripts.publish_bench bench_output``.

Copies bench.json and bench.png to ``bench/results`` and writes their figures into the README.
"""

from __future__ import annotations

from pathlib import Path
import shutil
import sys

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path('bench', 'results')
FILES = ('bench.json', 'bench.png')

BEGIN, END = '<!-- figures of bench/results/bench.json: begin -->', '<!-- end -->'


def with_section(readme: str, section: str) -> str:
    """
    Return a README with new figures.

    :raises ValueError: if it has no place for them.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f'expected the lines {BEGIN!r} and {END!r} in the README')
    return f'{before}{BEGIN}\n\n{section}\n\n{END}{after}'


def publish(source: Path, root: Path = ROOT) -> None:
    """
    Copy results and rewrite the README.

    :param source: folder with the results.
    """
    from kosmos_ros.bench.markdown import speed_section  # noqa: PLC0415
    from kosmos_ros.bench.saving import load_run  # noqa: PLC0415

    results = root / RESULTS
    results.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(source / name, results / name)
    readme = root / 'README.md'
    section = speed_section(load_run(results / FILES[0]))
    readme.write_text(with_section(readme.read_text(encoding='utf-8'), section), encoding='utf-8')


if __name__ == '__main__':
    publish(Path(sys.argv[1]))
