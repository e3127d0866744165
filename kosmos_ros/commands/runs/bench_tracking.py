# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Measure how well boxes of late answers are carried to newer images."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
import sys

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bench.measure.tracking import locate_with, measure_tracking, TrackingPlan
from kosmos_ros.bench.report.figures import save_run
from kosmos_ros.bench.report.tracking_report import save_tracking_plot, tracking_report
from kosmos_ros.commands import exit_codes
from kosmos_ros.core.grounder import Grounder


def run(arguments: Namespace) -> int:
    """
    Measure, print and save.

    :returns: exit code.
    :raises KosmosError: if the model cannot be loaded or fails.
    """
    plan = TrackingPlan(seeds=TrackingPlan.seeds[:2]) if arguments.quick else TrackingPlan()
    locate = locate_with(Grounder(make_backend(ModelSettings(model=arguments.model[0]))))
    result = measure_tracking(
        locate, plan, lambda seed: print(f'scene {seed}', file=sys.stderr, flush=True)
    )
    print(tracking_report(result))
    folder: Path = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    data, plot = folder / 'tracking.json', folder / 'tracking.png'
    save_run(result, data)
    save_tracking_plot(result, plot)
    print(f'\nsaved {data} and {plot}')
    return exit_codes.FOUND
