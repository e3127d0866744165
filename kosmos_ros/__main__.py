# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The programs as they are installed, and ``python -m kosmos_ros`` for where they are not.

Nothing is imported before signals are heeded.
"""

from typing import NoReturn

from kosmos_ros.ending import end_at_once, run_program

end_at_once()


def main() -> NoReturn:
    """Run ``kosmos-ros``."""
    from kosmos_ros.cli import program  # noqa: PLC0415

    program()


def grounding_node() -> NoReturn:
    """Run the grounding node."""
    from kosmos_ros.nodes.grounding_node import main as node  # noqa: PLC0415

    run_program(node)


def tabletop_camera_node() -> NoReturn:
    """Run the simulated camera."""
    from kosmos_ros.nodes.tabletop_camera_node import main as node  # noqa: PLC0415

    run_program(node)


if __name__ == '__main__':
    main()
