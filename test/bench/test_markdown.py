# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A README's section comes from the run alone."""

from __future__ import annotations

from typing import Any

from kosmos_ros.bench.markdown import speed_section


def test_it_holds_the_figures_and_the_verdicts(run: dict[str, Any]) -> None:
    run['models'][1]['ours']['default']['first']['seconds'] = [0.4321]
    section = speed_section(run)
    assert '| 432 ms |' in section
    assert '2026-01-02' in section
    assert '| MISSED |' in section
    assert '| 640x480 | 90 ms (90 ms) | 3 ms (3 ms) | 1 ms (1 ms) | 80 ms (80 ms) |' in section


def test_rows_have_as_many_cells_as_their_heads(run: dict[str, Any]) -> None:
    for block in speed_section(run).split('\n\n'):
        counts = {line.count('|') for line in block.splitlines() if line.startswith('|')}
        assert len(counts) <= 1, block
