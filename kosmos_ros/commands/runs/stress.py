# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Put the grounding node under load or faults, print how it went, and save it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
import sys

from kosmos_ros.bench.report.figures import save_run
from kosmos_ros.commands import exit_codes
from kosmos_ros.stress import load, soak, soak_report


def run_load(arguments: Namespace) -> int:
    """
    Call the node many times at once.

    :returns: exit code.
    :raises KosmosError: if it could not be done.
    """
    folder: Path = arguments.output
    plan = load.LoadPlan(arguments.calls, arguments.clients, arguments.rounds)
    result = load.run_load(plan, folder, _say)
    print(load.report(result))
    save_run(result, folder / 'load.json')
    print(f'\nsaved {folder / "load.json"}')
    return exit_codes.NOT_WELL if load.lost(result) else exit_codes.FOUND


def run_soak(arguments: Namespace) -> int:
    """
    Run the node under faults.

    :returns: exit code.
    :raises KosmosError: if it could not be started.
    """
    folder: Path = arguments.output
    result = soak.run_soak(arguments.minutes, arguments.seed, folder, _say)
    print(soak_report.report(result))
    data, plot = folder / 'soak.json', folder / 'soak.png'
    save_run(result.as_json(), data)
    soak_report.save_plot(result, plot)
    print(f'\nsaved {data} and {plot}')
    return exit_codes.NOT_WELL if result.problems else exit_codes.FOUND


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
