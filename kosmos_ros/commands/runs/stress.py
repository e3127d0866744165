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


def run(arguments: Namespace) -> int:
    """
    Run the kind that was chosen.

    :returns: exit code.
    :raises KosmosError: if processes could not be started, or did not last.
    """
    folder: Path = arguments.output
    well = _soak(arguments, folder) if arguments.kind == 'soak' else _load(arguments, folder)
    print(f'\nsaved in {folder}')
    return exit_codes.FOUND if well else exit_codes.NOT_WELL


def _load(arguments: Namespace, folder: Path) -> bool:
    plan = load.LoadPlan(arguments.calls, arguments.clients, arguments.rounds)
    result = load.run_load(plan, folder, _say)
    print(load.report(result))
    save_run(result, folder / 'load.json')
    return not load.lost(result)


def _soak(arguments: Namespace, folder: Path) -> bool:
    result = soak.run_soak(arguments.minutes, arguments.seed, folder, _say)
    print(soak_report.report(result))
    save_run(result.as_json(), folder / 'soak.json')
    soak_report.save_plot(result, folder / 'soak.png')
    return not result.problems


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
