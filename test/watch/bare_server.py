# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The page's server alone, without ROS, until it is killed.

Usage: ``bare_server.py FILES``, how many files it may have open.
"""

from __future__ import annotations

import asyncio
import resource
import sys

from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.origins import Doorkeeper
from kosmos_ros.watch.server import Server


async def main() -> None:
    """Serve."""
    files = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    port = await Server(Hub('/grounding'), Doorkeeper('127.0.0.1')).start('127.0.0.1', 0)
    print(f'port {port}')
    await asyncio.Event().wait()


if __name__ == '__main__':
    asyncio.run(main())
