# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Commands of ``kosmos-ros``, one module each.

``add_parser(subparsers)`` declares the command and sets its ``run`` default, a function from the
parsed arguments to the exit code. These modules hold arguments only; what a command does is in
``runs`` and imported when it runs, so that ``kosmos-ros --help`` is quick and works without torch.
"""
