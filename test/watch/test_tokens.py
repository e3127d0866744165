# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tokens are kept for their owner alone, and too simple ones are refused."""

from __future__ import annotations

from pathlib import Path
import stat

import pytest

from kosmos_ros.watch.tokens import kept_tokens, new_tokens, Right


def test_each_draws_other_tokens() -> None:
    drawn = {*new_tokens(), *new_tokens()}
    assert len(drawn) == 4
    assert all(len(token) >= 22 for token in drawn)


def test_a_file_keeps_them_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / 'tokens'
    made = kept_tokens(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_tokens(file) == made
    assert (made.right(made.look), made.right(made.ask)) == (Right.LOOK, Right.ASK)


@pytest.mark.parametrize(
    'text', ['', 'secret\nsecret2\n', f'{"a" * 22}\n{"a" * 22}\n', f'{"a" * 22}\n{"ä" * 22}\n']
)
def test_a_file_without_two_good_ones_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / 'tokens'
    file.write_text(text, encoding='utf-8')
    with pytest.raises(OSError, match='two different tokens'):
        kept_tokens(file)
