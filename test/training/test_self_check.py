# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.self_check``."""

from __future__ import annotations

import json
from pathlib import Path
import shutil

from kosmos_ros.backends.checkpoint.files import check_sums, find_checkpoint
from kosmos_ros.backends.checkpoint.self_check import SELF_CHECK_FILE
from kosmos_ros.backends.factory import load_backend
from kosmos_ros.backends.settings import EMBEDDED_MODEL
from training.self_check import main


def test_a_model_gets_a_question_that_it_answers(tmp_path: Path) -> None:
    folder = shutil.copytree(find_checkpoint(EMBEDDED_MODEL), tmp_path / 'model')
    path = folder / SELF_CHECK_FILE
    path.write_text('{"version": "of another model"}')
    main(['--model', str(folder)])
    answers = json.loads(path.read_text())['answers']
    # It is asked for things that it sees well: only those tell of damage.
    assert len(answers) > 1
    assert all(numbers[0] > 0.9 and len(numbers) == 5 for numbers in answers.values())
    assert check_sums(folder) > 3
    load_backend(folder, device='cpu')
