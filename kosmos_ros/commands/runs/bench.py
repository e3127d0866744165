# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Measure what answers cost on this machine, print it and save it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
import sys

from kosmos_ros.bench.report.plot import save_plot
from kosmos_ros.bench.report.saving import save_run
from kosmos_ros.bench.report.terminal import report
from kosmos_ros.bench.run.session import BenchOptions, run_bench
from kosmos_ros.commands import exit_codes


def run(arguments: Namespace) -> int:
    """
    Measure, print and save.

    :returns: exit code.
    :raises KosmosError: if a model cannot be measured at all.
    """
    folder: Path = arguments.output
    options = BenchOptions(
        models=tuple(arguments.model),
        output=folder,
        tokenizer=arguments.tokenizer,
        quick=arguments.quick,
        bitsandbytes=arguments.bitsandbytes,
        node=not arguments.no_node,
    )
    result = run_bench(options, _say)
    print(report(result))
    data, plot = folder / 'bench.json', folder / 'bench.png'
    save_run(result, data)
    save_plot(result, plot)
    print(f'\nsaved {data} and {plot}')
    return exit_codes.FOUND


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
