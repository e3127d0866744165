# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A section of the documentation comes from the run alone."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from kosmos_ros.bench.plan import AS_WRITTEN
from kosmos_ros.bench.report.markdown import headline, speed_section


def test_it_holds_the_figures_and_the_verdicts(run: dict[str, Any]) -> None:
    run['models'][1]['ours']['default']['first']['seconds'] = [0.4321]
    section = speed_section(run)
    assert '| 432 ms |' in section
    assert '2026-01-02' in section
    assert '| MISSED |' in section
    assert '| 640x480 | 90 ms (90 ms) | 3 ms (3 ms) | 1 ms (1 ms) | 80 ms (80 ms) |' in section


def test_the_headline_sets_the_default_beside_the_faster_recipe(run: dict[str, Any]) -> None:
    large = run['models'][1]
    for dtype, seconds in (('float32', 5.0), ('bfloat16', 4.0)):
        large['seed'][dtype] = deepcopy(large['seed'][dtype])
        large['seed'][dtype]['locate'][str(AS_WRITTEN)]['seconds'] = [seconds]
    large['ours']['default']['first']['seconds'] = [0.1]
    (row,) = [row for row in headline(run).splitlines() if '100 ms' in row]
    assert 'first query on an image | 4.00 s |' in row
    large['ours'] = {'default': {'left_out': 'no memory'}}
    assert headline(run).count('later query') == 1


def test_rows_have_as_many_cells_as_their_heads(run: dict[str, Any]) -> None:
    for block in [headline(run), *speed_section(run).split('\n\n')]:
        counts = {line.count('|') for line in block.splitlines() if line.startswith('|')}
        assert len(counts) <= 1, block
