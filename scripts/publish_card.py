# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Write the embedded model's figures into its card, the README and the pages below ``docs``.

``scripts/in_env.sh python -m scripts.publish_card FOLDER ...`` takes folders of ``kosmos-ros
eval``: of the standard level, of all levels, of changed images. What is needed of them is kept in
``measured/evaluation.json`` beside the model. Sections stand between ``<!-- measured NAME: begin
-->`` and ``<!-- end -->`` in any of these files; text outside is written by hand. Without folders
the sections are rewritten from what is kept; with ``--check`` nothing is written, and the exit
code is 1 if a file does not say what was measured on the committed model.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
import json
from pathlib import Path
import re
import shutil
import sys

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE
from kosmos_ros.core.errors import KosmosError
from kosmos_ros.evaluation.report.reliability_plot import PLOT_FILE as RELIABILITY_FILE
from kosmos_ros.results.fingerprint import folder_fingerprint
from kosmos_ros.results.plot_style import as_png
from scripts.card.curve import curve_figure, PLOT_FILE, read_curve
from scripts.card.results import collected, CURVE_FILE, load, MEASURED, save
from scripts.card.sections import sections

ROOT = Path(__file__).resolve().parents[1]
MODEL = Path('kosmos_ros', 'models', 'tabletop')
CALIBRATED = Path('calibrate_output')

_BEGIN = re.compile(r'<!-- measured ([a-z]+): begin -->')
_END = '<!-- end -->'


def documents(root: Path = ROOT) -> list[Path]:
    """Return the files that may have sections."""
    return [root / MODEL / 'README.md', root / 'README.md', *sorted((root / 'docs').glob('*.md'))]


def rewritten(text: str, texts: Mapping[str, str]) -> str:
    """
    Return a document with its sections as they should be.

    :raises ValueError: if it has a section without a text, or one that does not end.
    """
    before, *rest = _BEGIN.split(text)
    pieces = [before]
    for name, piece in zip(rest[::2], rest[1::2], strict=True):
        if name not in texts:
            raise ValueError(
                f'there are no figures for the section {name!r}: expected one of '
                f'{", ".join(texts)}; measure what is missing, or take the section out'
            )
        _, end, after = piece.partition(_END)
        if not end:
            raise ValueError(f'expected the line {_END!r} after the section {name!r}')
        pieces += [f'<!-- measured {name}: begin -->\n\n{texts[name]}\n\n{_END}', after]
    return ''.join(pieces)


def stale(root: Path = ROOT) -> Iterator[str]:
    """Yield what differs from the measurements of the model in its folder."""
    model = root / MODEL
    results = load(model)
    if results is None:
        yield f'{model / MEASURED} holds no figures'
        return
    if results['checkpoint'] != folder_fingerprint(model):
        yield f'{model / MEASURED} holds figures of another model than the one in {model}'
    texts = sections(model, results)
    for path in documents(root):
        text = path.read_text(encoding='utf-8')
        if rewritten(text, texts) != text:
            yield f'{path} has other figures than {model / MEASURED}'


def publish(folders: Sequence[Path], root: Path = ROOT, time_it: bool = True) -> None:
    """
    Keep the figures of evaluations beside the model, and write them everywhere.

    :param time_it: whether the latency is measured too, if there are folders.
    :raises ValueError: if figures are of another model, incomplete, or have no place.
    :raises OSError: if a file is missing.
    """
    from scripts.card.latency import measure  # noqa: PLC0415

    model = root / MODEL
    results = collected(model, folders, load(model))
    if folders and time_it:
        results['latency'] = measure(model)
    texts = sections(model, results)
    changed = {
        path: rewritten(path.read_text(encoding='utf-8'), texts) for path in documents(root)
    }
    save(model, results)
    (model / PLOT_FILE).write_bytes(
        as_png(curve_figure(read_curve(model / MEASURED / CURVE_FILE)))
    )
    for path, text in changed.items():
        path.write_text(text, encoding='utf-8')


def take_reliability(calibrated: Path, model: Path) -> bool:
    """Copy the picture of a calibration if it is the one in use; return whether it is."""
    numbers = [folder / CALIBRATION_FILE for folder in (calibrated, model)]
    if not all(path.is_file() for path in numbers):
        return False
    ours, theirs = (json.loads(path.read_text(encoding='utf-8')) for path in numbers)
    if ours != theirs:
        return False
    shutil.copyfile(calibrated / RELIABILITY_FILE, model / RELIABILITY_FILE)
    return True


def main(argv: Sequence[str] | None = None) -> int:
    """Read the command line, and publish or check."""
    parser = argparse.ArgumentParser(
        prog='python -m scripts.publish_card',
        description="Write the embedded model's figures into its card and the README.",
    )
    parser.add_argument('folders', nargs='*', type=Path, help='of kosmos-ros eval')
    parser.add_argument(
        '--calibrated',
        type=Path,
        default=CALIBRATED,
        help='output of kosmos-ros calibrate, for its picture (default: %(default)s)',
    )
    parser.add_argument('--check', action='store_true', help='write nothing')
    arguments = parser.parse_args(argv)
    try:
        return _check() if arguments.check else _publish(arguments)
    except (ValueError, OSError, KosmosError) as error:
        print(f'publish_card: {error}', file=sys.stderr)
        return 2


def _check() -> int:
    wrong = list(stale())
    print('\n'.join(wrong) or 'all figures are those of the model')
    return int(bool(wrong))


def _publish(arguments: argparse.Namespace) -> int:
    publish(arguments.folders)
    if not take_reliability(arguments.calibrated, ROOT / MODEL):
        print(f'{RELIABILITY_FILE} stays: {arguments.calibrated} has no calibration in use')
    print(f'wrote {ROOT / MODEL / MEASURED} and the sections of {len(documents())} pages')
    return 0


if __name__ == '__main__':
    sys.exit(main())
