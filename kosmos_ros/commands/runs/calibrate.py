# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Measure how reliable a model's scores are, and fit their calibration."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
import sys
from typing import Any

from tqdm import tqdm

from kosmos_ros.backends.checkpoint.calibration_file import write_calibration
from kosmos_ros.backends.checkpoint.files import CHECKSUMS, find_checkpoint, write_checksums
from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs.model import load_model
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.evaluation.report import calibration_report as report
from kosmos_ros.evaluation.report.reliability_plot import save_plot
from kosmos_ros.evaluation.runner import check_seeds, evaluate
from kosmos_ros.evaluation.scoring.calibrating import compare, fit_calibration
from kosmos_ros.evaluation.scoring.evidence import Evidence, SCORED
from kosmos_ros.evaluation.studies.recorder import Recorder


def run(arguments: Namespace) -> int:
    """
    Measure, fit, print and save; return the exit code.

    :raises KosmosError: if the input, the model or the renderer is wrong.
    """
    fit_on, judge_by = _seeds(arguments.seed, arguments.scenes)
    folder = _writable_folder(arguments.model) if arguments.write else None
    backend = load_model(arguments)
    fitting = _evidence(backend, fit_on, 'fitting')
    judging = _evidence(backend, judge_by, 'judging')
    calibration = fit_calibration(fitting)
    compared = compare(judging, calibration)
    print(report.heading(arguments.model, fit_on, judge_by))
    print(report.table(compared, calibration))
    origin = report.measured(compared, fit_on, judge_by, arguments.model)
    arguments.output.mkdir(parents=True, exist_ok=True)
    print(f'saved {write_calibration(arguments.output, calibration, origin)}')
    title = f'{arguments.model}, scenes with the seeds {judge_by.start} to {judge_by.stop - 1}'
    print(f'saved {save_plot(compared, title, arguments.output)}')
    if folder is not None:
        print(f'saved {write_calibration(folder, calibration, origin)}')
        if (folder / CHECKSUMS).is_file():
            print(f'saved {write_checksums(folder)}')
    else:
        print("not in use yet: give --write to put it into the model's folder")
    return exit_codes.FOUND


def _seeds(first: int, scenes: int) -> tuple[range, range]:
    fit_on, judge_by = check_seeds(first, scenes), check_seeds(0, scenes)
    if fit_on.start < judge_by.stop:
        raise InvalidRequestError(
            f'fitting and judging need different scenes: --seed must be {scenes} or more, '
            f'got {first}'
        )
    return fit_on, judge_by


def _evidence(backend: Backend, seeds: range, what: str) -> Any:
    """Ask about scenes and return the raw scores."""
    evidence = Evidence()
    # Boxes of absent objects too: which of them to refuse is yet to be fitted.
    settings = GrounderSettings(existence_threshold=0.0)
    grounder = Grounder(Recorder(backend, Calibration()), settings)
    with tqdm(total=len(seeds), unit='scene', desc=what, file=sys.stderr) as bar:
        evaluate(grounder, seeds, lambda _: bar.update(), evidence.add, SCORED)
    return evidence


def _writable_folder(model: str) -> Path:
    """
    Return the folder of a model.

    :raises InvalidRequestError: if it is in the cache, which belongs to the hub's library.
    """
    if model != EMBEDDED_MODEL and not Path(model).expanduser().is_dir():
        raise InvalidRequestError(
            f'--write needs a folder or the embedded model, got {model!r}: files in the cache of '
            'downloads are not to be changed; copy the model into a folder of your own'
        )
    return find_checkpoint(model)
