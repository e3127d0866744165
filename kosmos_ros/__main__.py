# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``python -m kosmos_ros``, for machines where the installed command is not on the PATH."""

import sys

from kosmos_ros.cli import main

if __name__ == '__main__':
    sys.exit(main())
