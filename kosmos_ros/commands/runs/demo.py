# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Run the demo, and check its answers."""

from __future__ import annotations

from argparse import Namespace
import sys

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import settings_from_arguments
from kosmos_ros.demo.session import DemoOptions, run_demo
from kosmos_ros.demo.standby import keep_running

_MODEL_PARAMETERS = ('model', 'device', 'dtype', 'quantization', 'threads')
"""Arguments that are parameters of the grounding node as well."""

WRONG_ANSWERS = 1


def run(arguments: Namespace) -> int:
    """
    Run the demo.

    :returns: exit code.
    :raises KosmosError: if a process died or did not respond.
    """
    settings = settings_from_arguments(arguments)
    options = DemoOptions(
        scenes=arguments.scenes,
        seed=arguments.seed,
        output=arguments.output,
        parameters={name: getattr(settings, name) for name in _MODEL_PARAMETERS},
    )
    if arguments.keep_running:
        keep_running(options)
        return exit_codes.FOUND
    if run_demo(options).acceptable:
        return exit_codes.FOUND
    print('these answers are too bad for a model that knows the simulated table', file=sys.stderr)
    return WRONG_ANSWERS
