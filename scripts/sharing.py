# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Plugin of pytest: which tests processes begin with, and which of them one process runs all."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import pytest

LONGEST = (
    *('test/stress/test_soak.py', 'test/demo/test_demo.py', 'test/nodes'),
    *('test/watch/test_page.py', 'test/test_ending.py', 'test/models', 'test/training'),
)
"""Files and folders, in the order in which they are begun; all others come after them."""

TOGETHER = ('test/bench', 'test/evaluation', 'test/sim', 'test/tracking')
"""Folders whose files share what takes long to prepare."""


def begun_at(nodeid: str) -> int:
    """Return the place of a test's file in the order in which they are begun."""
    file = PurePath(nodeid.partition('::')[0])
    places = (place for place, name in enumerate(LONGEST) if file.is_relative_to(name))
    return next(places, len(LONGEST))


def share(nodeid: str) -> str:
    """Return the file or folder whose tests one process runs all."""
    file = PurePath(nodeid.partition('::')[0])
    return next((folder for folder in TOGETHER if file.is_relative_to(folder)), str(file))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is busy alone at the end."""
    items.sort(key=lambda item: begun_at(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give files or folders to processes; xdist has no types."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415  what asks for it is there

    class Shares(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return share(nodeid)

    return Shares(config, log)
