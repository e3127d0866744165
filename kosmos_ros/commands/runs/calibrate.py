# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Measure how reliable a model's scores are, and fit their calibration."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from kosmos_ros.backends.checkpoint.calibration_file import write_calibration
from kosmos_ros.backends.checkpoint.calibration_place import is_embedded, place_to_write
from kosmos_ros.backends.checkpoint.files import CHECKSUMS, find_checkpoint, write_checksums
from kosmos_ros.backends.checkpoint.fingerprint import model_fingerprint
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.eval_data import TABLETOP
from kosmos_ros.commands.runs.calibrate_data import open_data
from kosmos_ros.commands.runs.model import load_model
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.evaluation.report import calibration_report as report
from kosmos_ros.evaluation.report.calibration_page import save_page
from kosmos_ros.evaluation.report.reliability_plot import save_plot
from kosmos_ros.evaluation.scoring.calibrating import compare, fit_calibration
from kosmos_ros.evaluation.scoring.evidence import Evidence
from kosmos_ros.evaluation.scoring.fitting import MIN_OUTCOMES


def run(arguments: Namespace) -> int:
    """
    Measure, fit, print and save; return the exit code.

    :raises KosmosError: if the input, the model or the renderer is wrong, or there are too few
        answers to fit anything.
    """
    folder = find_checkpoint(arguments.model)
    place = place_to_write(folder) if _is_to_write(arguments, folder) else None
    data = open_data(arguments)
    backend = load_model(arguments, advise=False)
    if hasattr(backend, 'signals'):
        backend.signals = arguments.existence_signals  # also where nothing is fused yet
    fitting, judging = data.ask(backend)
    calibration = fit_calibration(fitting)
    measured = _report(arguments, data.origin, calibration, judging)
    if not calibration.fitted:
        raise InvalidRequestError(
            f'of no score are there {MIN_OUTCOMES} right and {MIN_OUTCOMES} wrong answers to fit '
            'on: no calibration.json is written; take more images'
        )
    _write(arguments.output, folder, calibration, measured)
    if place is None:
        print("not in use yet: give --write to put it where this model's scores take it from")
    else:
        _write(place, folder, calibration, measured)
    return exit_codes.SOME_UNREADABLE if data.skipped else exit_codes.FOUND


def _is_to_write(arguments: Namespace, folder: Path) -> bool:
    """Tell whether the calibration is to take effect; the embedded one's own is kept if unsaid."""
    if arguments.write is not None:
        return bool(arguments.write)
    return arguments.data != TABLETOP and not is_embedded(folder)


def _report(
    arguments: Namespace, origin: report.Origin, calibration: Calibration, judging: Evidence
) -> dict[str, object]:
    """Print, draw and save what the calibration is worth; return it in types of JSON."""
    compared = compare(judging, calibration)
    heading = report.heading(arguments.model, origin)
    print(heading)
    print(report.table(compared, calibration, origin))
    folder = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    print(f'saved {save_plot(compared, heading, folder)}')
    print(f'saved {save_page(compared, calibration, arguments.model, origin, folder)}')
    facts = {'dtype': arguments.dtype, 'quantization': arguments.quantization}
    return report.measured(compared, calibration, origin, arguments.model) | facts


def _write(
    place: Path, model: Path, calibration: Calibration, measured: dict[str, object]
) -> None:
    """Save the calibration of a model in a folder, and renew the checksums there."""
    place.mkdir(parents=True, exist_ok=True)
    print(f'saved {write_calibration(place, calibration, measured, model_fingerprint(model))}')
    if (place / CHECKSUMS).is_file():
        print(f'saved {write_checksums(place)}')
