# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from training.finetuning.measure import comparison, from_plain, losses, Measured, plain

BEFORE = {'locate, category: F1': (0.5, 10), 'locate, absent object: refused': (1.0, 4)}


def test_what_became_worse_is_named() -> None:
    after = {'locate, category: F1': (0.9, 10), 'locate, absent object: refused': (0.75, 4)}
    assert losses(BEFORE, after) == ['locate, absent object: refused']
    assert losses(BEFORE, BEFORE) == []


def test_figures_stand_side_by_side() -> None:
    after = {name: (0.75, count) for name, (_, count) in BEFORE.items()}
    header, first, second = comparison(BEFORE, after)
    assert header.split() == ['figure', 'answers', 'before', 'after', 'change']
    assert first.split()[-4:] == ['10', '0.500', '0.750', '+0.250']
    assert second.split()[-4:] == ['4', '1.000', '0.750', '-0.250']


def test_figures_survive_being_saved() -> None:
    measured = Measured(BEFORE, {})
    assert from_plain(plain(measured)) == measured
