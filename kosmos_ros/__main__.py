# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The programs as they are installed, and ``python -m kosmos_ros`` for where they are not.

Nothing is imported before signals are heeded.
"""

from importlib import import_module
from typing import NoReturn

from kosmos_ros.ending import end_at_once, run_program


def main() -> NoReturn:
    """Run ``kosmos-ros``."""
    _run('kosmos_ros.cli')


def grounding_node() -> NoReturn:
    """Run the grounding node."""
    _run('kosmos_ros.nodes.grounding_node')


def tabletop_camera_node() -> NoReturn:
    """Run the simulated camera."""
    _run('kosmos_ros.nodes.tabletop_camera_node')


def _run(module: str) -> NoReturn:
    end_at_once()
    run_program(lambda: import_module(module).main())


if __name__ == '__main__':
    main()
