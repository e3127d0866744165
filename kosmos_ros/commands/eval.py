# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros eval``: measure a model on simulated scenes that no training has seen."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
import sys
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.model_arguments import (
    add_model_arguments,
    load_backend,
    settings_from_arguments,
)
from kosmos_ros.core.errors import InvalidRequestError


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'eval',
        help='measure a model on held-out simulated scenes',
        description='Ask a model about simulated scenes and compare with what is there.',
        epilog=exit_codes.DESCRIPTION,
    )
    parser.add_argument(
        '--scenes', type=int, default=500, metavar='N', help='how many (default: %(default)s)'
    )
    parser.add_argument(
        '--seed', type=int, default=0, help='of the first scene (default: %(default)s)'
    )
    parser.add_argument(
        '--output',
        type=Path,
        default=Path('eval_output'),
        metavar='FOLDER',
        help='where eval.json goes (default: %(default)s)',
    )
    add_model_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """
    Measure, print and save.

    :returns: exit code.
    :raises KosmosError: if the input, the model or the renderer is wrong.
    """
    from tqdm import tqdm  # noqa: PLC0415

    from kosmos_ros.core.grounder import Grounder, GrounderSettings  # noqa: PLC0415
    from kosmos_ros.core.types import Grounding  # noqa: PLC0415
    from kosmos_ros.evaluation.cases import Case, Kind  # noqa: PLC0415
    from kosmos_ros.evaluation.corners import CornerStudy  # noqa: PLC0415
    from kosmos_ros.evaluation.evidence import Evidence  # noqa: PLC0415
    from kosmos_ros.evaluation.positions import PositionStudy  # noqa: PLC0415
    from kosmos_ros.evaluation.recorder import Recorder  # noqa: PLC0415
    from kosmos_ros.evaluation.report import Measured, save, Setting, table  # noqa: PLC0415
    from kosmos_ros.evaluation.runner import check_seeds, evaluate  # noqa: PLC0415

    try:
        seeds = check_seeds(arguments.seed, arguments.scenes)
    except ValueError as error:
        raise InvalidRequestError(str(error)) from error
    settings = GrounderSettings()
    recorder = Recorder(load_backend(settings_from_arguments(arguments)))
    corners, evidence, positions = CornerStudy(recorder), Evidence(), PositionStudy()

    def study(case: Case, answer: Grounding) -> None:
        corners.add(case, answer)
        evidence.add(case, answer)
        positions.add(case, answer)

    with tqdm(total=len(seeds), unit='scene', file=sys.stderr) as bar:

        def show(tally: Any) -> None:
            accuracy = tally.value(Kind.UNIQUE, 'Acc@0.5')
            bar.set_postfix_str(f'locate Acc@0.5 {accuracy:.3f}', refresh=False)
            bar.update()

        grounder = Grounder(recorder, settings)
        tally = evaluate(grounder, seeds, show, study, on_frame=positions.look)
    setting = Setting(arguments.model, seeds, settings.existence_threshold)
    measured = Measured(tally, evidence, corners, positions)
    print(table(measured, setting))
    print(f'saved {save(measured, setting, arguments.output)}')
    return exit_codes.FOUND
