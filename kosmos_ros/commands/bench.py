# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros bench``: what answers cost on this machine, compared with the usual recipe."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
import sys
from typing import Any

from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import add_output_argument

_RANDOM = 'random'


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'bench',
        help='measure what answers cost on this machine',
        description='Measure the recipe of the model card and this package on the same machine in '
        'one run: queries, captions, memory, accuracy of each precision, growth, and the node '
        'over DDS. Prints tables, saves bench.json and bench.png. Let nothing else run meanwhile.',
        epilog='exit codes: 0 measured (met or missed), 2 wrong usage, 3 a model cannot be '
        f'measured, {exit_codes.INTERRUPTED} interrupted',
    )
    parser.add_argument(
        '--model',
        nargs='+',
        default=[EMBEDDED_MODEL, _RANDOM],
        metavar='MODEL',
        help=f'the embedded model {EMBEDDED_MODEL!r}, a folder, a hub id that was downloaded, or '
        f'{_RANDOM!r}: full-size random weights, made once below the output folder (3.3 GB) '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--tokenizer',
        default='',
        help='for random weights: a folder or hub id that has the published tokenizer, or its '
        'sentencepiece file (default: a stand-in of the same size, which changes no time)',
    )
    add_output_argument(parser, 'bench_output', 'results, logs and random weights')
    parser.add_argument('--quick', action='store_true', help='fewer repeats')
    parser.add_argument(
        '--bitsandbytes', action='store_true', help='measure its 8 and 4 bits as well (slow)'
    )
    parser.add_argument(
        '--peer',
        choices=['openvino'],
        default='',
        help="compare with OpenVINO's recipe for KOSMOS-2 as well, in bfloat16 and int8; needs "
        'pip install openvino nncf (full size: 5 GB of disk space meanwhile)',
    )
    parser.add_argument('--no-node', action='store_true', help='leave the ROS node out')
    parser.add_argument(
        '--tracking',
        action='store_true',
        help='measure instead how well boxes are carried to newer images: tracking.json and '
        'tracking.png (the first MODEL answers; a minute)',
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """
    Measure, print and save, and return the exit code.

    :raises KosmosError: if a model cannot be measured at all.
    """
    if arguments.tracking:
        return _run_tracking(arguments)
    from kosmos_ros.bench.report.plot import save_plot  # noqa: PLC0415
    from kosmos_ros.bench.report.terminal import report  # noqa: PLC0415
    from kosmos_ros.bench.run.session import BenchOptions, run_bench  # noqa: PLC0415

    options = BenchOptions(
        models=tuple(arguments.model),
        output=arguments.output,
        tokenizer=arguments.tokenizer,
        quick=arguments.quick,
        bitsandbytes=arguments.bitsandbytes,
        node=not arguments.no_node,
        peer=arguments.peer,
    )
    result = run_bench(options, _say)
    print(report(result))
    return _saved(result, save_plot, arguments.output / 'bench')


def _run_tracking(arguments: Namespace) -> int:
    """Measure how well boxes of late answers are carried to newer images."""
    from kosmos_ros.backends.factory import load_backend  # noqa: PLC0415
    from kosmos_ros.bench.measure import tracking  # noqa: PLC0415 (needs MuJoCo)
    from kosmos_ros.bench.report.tracking_report import (  # noqa: PLC0415
        save_tracking_plot,
        tracking_report,
    )
    from kosmos_ros.core.grounder import Grounder  # noqa: PLC0415
    from kosmos_ros.ending import kernel_ends  # noqa: PLC0415

    seeds = tracking.TrackingPlan.seeds
    plan = tracking.TrackingPlan(seeds[:2] if arguments.quick else seeds)
    with kernel_ends():  # torch
        grounder = Grounder(load_backend(arguments.model[0]))
    locate = tracking.locate_with(grounder)
    result = tracking.measure_tracking(locate, plan, lambda seed: _say(f'scene {seed}'))
    print(tracking_report(result))
    return _saved(result, save_tracking_plot, arguments.output / 'tracking')


def _saved(result: Any, save_picture: Callable[[Any, Path], None], name: Path) -> int:
    from kosmos_ros.bench.report.figures import save_run  # noqa: PLC0415

    name.parent.mkdir(parents=True, exist_ok=True)
    data, picture = name.with_suffix('.json'), name.with_suffix('.png')
    save_run(result, data)
    save_picture(result, picture)
    print(f'\nsaved {data} and {picture}')
    return exit_codes.FOUND


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
