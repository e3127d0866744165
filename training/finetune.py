# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Fine-tunes a KOSMOS-2 checkpoint on images of your own: ``make finetune``.

    python -m training.finetune --data parts --format coco --to my_model
    kosmos-ros ground picture.png 'the gasket' --model my_model

See ``docs/fine_tuning.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import logging
import os
from pathlib import Path
import sys

from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.core.errors import KosmosError
from training.finetuning.settings import EXACT, FORMATS, PARTS, Settings, SOFT

_DEFAULTS = Settings('', FORMATS[0], Path(), Path())


def parse_arguments(argv: Sequence[str] | None = None) -> Settings:
    """
    Read the command line.

    :raises InvalidRequestError: if a value is invalid.
    """
    parser = argparse.ArgumentParser(
        prog='python -m training.finetune',
        description='Teach a KOSMOS-2 checkpoint the things of your own images. Nothing is '
        'downloaded. Ctrl-C keeps what was learned; --resume goes on from there.',
        epilog='The new model is a folder like any other: kosmos-ros ground ... --model my_model',
        argument_default=argparse.SUPPRESS,
    )
    _add_data(parser)
    _add_learning(parser)
    _add_machine(parser)
    arguments = vars(parser.parse_args(argv))
    if isinstance(arguments.get('parts'), str):
        arguments['parts'] = tuple(filter(None, arguments['parts'].split(',')))
    return Settings(**arguments)


def _add_data(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group('what')
    group.add_argument(
        '--model',
        default=EMBEDDED_MODEL,
        help='the embedded model, a folder, or a hub id that was fetched with "kosmos-ros '
        'download" (default: %(default)s)',
    )
    group.add_argument(
        '--data', dest='folder', type=Path, required=True, help='folder of annotated images'
    )
    group.add_argument(
        '--format',
        choices=FORMATS,
        default=FORMATS[0],
        help='of the folder, as for "kosmos-ros eval" (default: %(default)s)',
    )
    group.add_argument(
        '--to', type=Path, required=True, help='model folder to write, with log and adapter'
    )
    group.add_argument('--images', type=Path, help='folder of the images, if not in there')
    group.add_argument('--split', help='to learn (default: train; COCO: instances.json)')
    group.add_argument('--split-by', help='who made the splits of RefCOCO: unc, umd or google')
    group.add_argument(
        '--validation-split',
        help='to measure (default: val; COCO: images held out, see --held-out)',
    )
    group.add_argument(
        '--held-out',
        type=float,
        help=f'share of the images that are measured, not learned ({_DEFAULTS.held_out})',
    )
    group.add_argument(
        '--describe',
        action='store_true',
        help='learn captions too: lists of the categories, of folders annotated completely',
    )
    group.add_argument(
        '--no-mirror',
        dest='mirror',
        action='store_false',
        help='images must not be mirrored: there is writing on the things, for example',
    )
    group.add_argument(
        '--mix-scenes',
        type=int,
        help='simulated scenes to learn beside the images, so that the embedded model forgets '
        f'less ({_DEFAULTS.mix_scenes})',
    )


def _add_learning(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group('how')

    def number(name: str, kind: type, text: str) -> None:
        value = getattr(_DEFAULTS, name.replace('-', '_'))
        group.add_argument(f'--{name}', type=kind, help=f'{text} ({value})')

    number('epochs', int, 'how often each image is learned')
    number('batch', int, 'images of a pass')
    number('questions', int, 'questions about an image and pass')
    number('accumulate', int, 'passes of a step')
    group.add_argument(
        '--rate', type=float, help='highest learning rate (by the model and what is trained)'
    )
    number('weight-decay', float, 'of AdamW')
    number('rank', int, 'of the adapters')
    number('alpha', int, 'of the adapters: what they give is times alpha / rank')
    number('dropout', float, 'before the adapters')
    group.add_argument(
        '--parts', help=f'of the model that get adapters: some of {",".join(PARTS)} (all)'
    )
    group.add_argument(
        '--full', action='store_true', help='train all weights instead; for the embedded model'
    )
    group.add_argument(
        '--targets',
        choices=(SOFT, EXACT),
        help=f'of location tokens ({SOFT} for the embedded model, else {EXACT})',
    )
    number('seed', int, 'of everything that is drawn')


def _add_machine(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group('where')
    group.add_argument('--device', help=f'auto, cpu, cuda or cuda:N ({_DEFAULTS.device})')
    group.add_argument('--threads', type=int, help='on a CPU; 0: PyTorch chooses')
    group.add_argument(
        '--dtype',
        choices=('auto', 'float32', 'bfloat16'),
        help='of the weights while training (auto: bfloat16 on a GPU, else float32)',
    )
    group.add_argument(
        '--save-dtype',
        choices=('float16', 'bfloat16', 'float32'),
        help=f'of the new model ({_DEFAULTS.save_dtype})',
    )
    group.add_argument(
        '--checkpointing',
        action='store_true',
        help='compute activations twice rather than keep them: less memory, a third more time',
    )
    group.add_argument(
        '--measure',
        type=int,
        help=f'images to measure before and after, at most ({_DEFAULTS.measure})',
    )
    group.add_argument(
        '--check-scenes',
        type=int,
        help='simulated scenes to ask the old questions about before and after '
        f'({_DEFAULTS.check_scenes})',
    )
    group.add_argument(
        '--resume', action='store_true', help='go on with what is in the folder --to'
    )


def start_logging(settings: Settings) -> None:
    """Log to the terminal and to ``finetune.log`` in the folder of the run."""
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    handlers: list[logging.Handler] = [
        logging.StreamHandler(),
        logging.FileHandler(settings.run_folder / 'finetune.log'),
    ]
    logger = logging.getLogger('training')
    logger.setLevel(logging.INFO)
    for handler in handlers:
        handler.setFormatter(logging.Formatter('%(asctime)s %(message)s', '%H:%M:%S'))
        logger.addHandler(handler)


def main(argv: Sequence[str] | None = None) -> int:
    """
    Fine-tune.

    :returns: exit code: 0 done, 2 wrong input, 130 interrupted.
    """
    # Before the Hugging Face libraries are imported: nothing is looked up on the hub.
    os.environ['HF_HUB_OFFLINE'] = '1'
    try:
        settings = parse_arguments(argv)
        from training.finetuning.adapters import require_peft  # noqa: PLC0415
        from training.finetuning.run import finetune  # noqa: PLC0415
        from training.finetuning.state import check_resumable  # noqa: PLC0415

        if not settings.full:
            require_peft()
        check_resumable(settings)
        start_logging(settings)
        if finetune(settings):
            return 0
    except KosmosError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return 130
    print('interrupted; the same command with --resume goes on from here', file=sys.stderr)
    return 130


if __name__ == '__main__':
    sys.exit(main())
