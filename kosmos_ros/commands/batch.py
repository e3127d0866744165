# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros batch``: ask the same of all pictures of a folder or a recording, without ROS."""

from __future__ import annotations

from argparse import Namespace, RawDescriptionHelpFormatter
from pathlib import Path
import sys
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.model_arguments import (
    add_model_arguments,
    load_backend,
    model_facts,
    settings_from_arguments,
)
from kosmos_ros.commands.rotation_argument import add_rotation_argument
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.types import GroundingRequest, Task

JOURNAL, COCO, CSV = 'answers.jsonl', 'detections.coco.json', 'detections.csv'
PICTURES, FRAMES = 'pictures', 'frames'
PLOT, UNREADABLE = 'summary.png', 'unreadable.txt'
"""What is in the output folder."""

_EXAMPLES = """\
examples:
  kosmos-ros batch photos --query "the red cube; the mug"
  kosmos-ros batch photos --query "the red cube" --query "what is left of the bowl?"
  kosmos-ros batch drive.mcap --topic /camera/image_raw --every 30 --query "a person"

A run that was interrupted goes on where it stopped when it is started again.

boxes, in pixels of the upright picture from its upper left corner:
  detections.coco.json   "bbox": [x, y, width, height]
  detections.csv         x0, y0, x1, y1: upper left and lower right corner
  answers.jsonl          x0, y0, x1, y1 as parts of width and height, 0 to 1

"""


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'batch',
        help='ask the same of many pictures: a folder or a bag (no ROS needed)',
        description='Ask the same of all pictures in a folder, or of the images in a bag, and '
        'write COCO JSON, CSV, annotated pictures and a summary plot.',
        epilog=_EXAMPLES
        + exit_codes.DESCRIPTION
        + f', {exit_codes.SOME_UNREADABLE} done, but some pictures cannot be read '
        f'(they are listed in {UNREADABLE})',
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'input',
        type=Path,
        metavar='FOLDER|BAG',
        help='folder of pictures, or recording: a folder, or a lone .mcap, .db3 or .bag file',
    )
    parser.add_argument(
        '--query',
        action='append',
        default=[],
        help='as in "kosmos-ros ground"; give it several times to ask several (default: describe)',
    )
    parser.add_argument(
        '--task',
        default='auto',
        choices=[task.name.lower() for task in Task if task is not Task.IDENTIFY],
        help='what to do with the queries (default: %(default)s, from their form)',
    )
    parser.add_argument(
        '--min-score', type=float, default=0.0, metavar='P', help='drop boxes below (0..1)'
    )
    add_rotation_argument(parser)
    parser.add_argument('--topic', default='', help='of a bag with several image topics')
    parser.add_argument(
        '--every', type=int, default=1, metavar='N', help='only each Nth picture or image'
    )
    parser.add_argument(
        '--output',
        type=Path,
        default=Path('batch_output'),
        metavar='FOLDER',
        help='where results go (default: %(default)s)',
    )
    parser.add_argument('--no-pictures', action='store_true', help='save no annotated pictures')
    parser.add_argument(
        '--frames',
        action='store_true',
        help=f'of a bag: save the images themselves too, in {FRAMES}/, and name them in {COCO}, '
        'so that other programs find them',
    )
    add_model_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """
    Ask, keep, and write what was found, also of a run that is interrupted.

    :returns: exit code.
    :raises KosmosError: if the input or the model is wrong.
    """
    from kosmos_ros.batch.running import Batch  # noqa: PLC0415
    from kosmos_ros.batch.sources import BagSource, open_source  # noqa: PLC0415
    from kosmos_ros.core.grounder import Grounder  # noqa: PLC0415
    from kosmos_ros.results.journal import Journal  # noqa: PLC0415

    output: Path = arguments.output
    requests = _requests(arguments)
    source = open_source(arguments.input, arguments.topic, arguments.every, output)
    if arguments.frames and not isinstance(source, BagSource):
        raise InvalidRequestError('--frames is for bags; pictures of a folder are files already')
    for line in source.notes.lines():
        print(line, file=sys.stderr)
    with Journal(output / JOURNAL, _settings(arguments)) as journal:
        grounder = Grounder(load_backend(settings_from_arguments(arguments)))
        pictures = None if arguments.no_pictures else output / PICTURES
        frames = output / FRAMES if arguments.frames else None
        try:
            batch = Batch(grounder, requests, journal, pictures, arguments.rotation, frames)
            unreadable = _ask(batch, source, output)
        finally:
            # Whatever ended the run: what was found so far is there.
            found_any = _write(journal, arguments, isinstance(source, BagSource))
    if unreadable:
        return exit_codes.SOME_UNREADABLE
    return exit_codes.FOUND if found_any else exit_codes.NOT_FOUND


def _requests(arguments: Namespace) -> list[GroundingRequest]:
    """
    Return what is asked of each picture.

    :raises InvalidRequestError: if no picture could be asked that.
    """
    from kosmos_ros.core.tasks.request import resolve  # noqa: PLC0415

    task = Task[arguments.task.upper()]
    queries = dict.fromkeys(arguments.query or [''])
    requests = [GroundingRequest(query, task, None, arguments.min_score) for query in queries]
    for request in requests:
        resolve(request)
    return requests


def _settings(arguments: Namespace) -> dict[str, Any]:
    """Return what the answers depend on."""
    return {
        'input': str(arguments.input.resolve()),
        'topic': arguments.topic,
        'every': arguments.every,
        'queries': arguments.query,
        'task': arguments.task,
        'min_score': arguments.min_score,
        # Left out where there is none, so that runs from before there was one go on.
        **({'rotation': arguments.rotation} if arguments.rotation else {}),
        **model_facts(arguments),
    }


def _ask(batch: Any, source: Any, output: Path) -> int:
    """Ask about all pictures, and return how many cannot be read."""
    from tqdm import tqdm  # noqa: PLC0415

    unreadable = 0
    path = output / UNREADABLE
    path.unlink(missing_ok=True)
    with tqdm(total=len(source), unit='picture', file=sys.stderr) as bar:

        def show(step: Any) -> None:
            nonlocal unreadable
            if step.problem:
                unreadable += 1
                bar.write(f'cannot read {step.name}: {step.problem}', file=sys.stderr)
                with path.open('a', encoding='utf-8', errors='backslashreplace') as stream:
                    stream.write(f'{step.name}\t{step.problem}\n')
            bar.update()

        batch.run(source, show)
    return unreadable


def _write(journal: Any, arguments: Namespace, from_bag: bool) -> bool:
    """Write the results, and return whether anything was found."""
    from kosmos_ros.batch.answered import answered_in  # noqa: PLC0415
    from kosmos_ros.batch.overview import Overview  # noqa: PLC0415
    from kosmos_ros.batch.tables import write_coco, write_csv  # noqa: PLC0415
    from kosmos_ros.results.plot_style import as_png  # noqa: PLC0415

    output: Path = arguments.output
    description = f'kosmos-ros batch {arguments.input}'
    about = {'description': description, 'model': arguments.model}
    write_coco(journal, output / COCO, about, output / FRAMES if from_bag else None)
    write_csv(journal, output / CSV)
    overview = Overview.of(answered for _, answered in answered_in(journal))
    (output / PLOT).write_bytes(as_png(overview.plot()))
    print('\n'.join(overview.lines()))
    print(f'saved {output / COCO}, {output / CSV} and {output / PLOT}')
    if from_bag and not (output / FRAMES).is_dir():
        print(f'{COCO} names images of the bag, which are no files; --frames makes them')
    return overview.answered > 0
