# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which tests need a CUDA device, and what pytest says of them."""

from __future__ import annotations

from pathlib import Path

from scripts.gpu_check.marked import marked_files, outcomes, ROOT

SUMMARY = """
FAILED in the output of a test
=========================== short test summary info ============================
PASSED test/a.py::test_one
PASSED test/a.py::test_two[cuda]
SKIPPED test/b.py::test_four - Skipped: needs bitsandbytes
{more}
2 passed, 1 skipped in 1.00s
"""


def test_files_with_marked_tests_are_found() -> None:
    found = marked_files()
    assert 'test/backends/kosmos2/decoding/test_fixed_step.py' in found
    assert 'test/scripts/gpu_check/test_report.py' not in found


def test_all_tests_that_need_a_gpu_are_marked() -> None:
    asks = 'skipif(not torch.cuda' + '.is_available'
    files = sorted(Path(ROOT, 'test').rglob('test_*.py'))
    assert not [path for path in files if asks in path.read_text(encoding='utf-8')]


def test_passed_and_skipped_tests_are_told() -> None:
    assert outcomes(SUMMARY.format(more='')) == {
        'passed': ['test/a.py::test_one', 'test/a.py::test_two[cuda]'],
        'failures': [],
        'skipped': ['test/b.py::test_four - Skipped: needs bitsandbytes'],
    }


def test_a_test_that_fails_or_cannot_begin_is_a_failure() -> None:
    lines = 'FAILED test/a.py::test_three - assert 1 == 2\nERROR test/c.py - ImportError'
    found = outcomes(SUMMARY.format(more=lines))
    assert found['failed'] == '2 tests'
    assert found['failures'] == [
        'test/a.py::test_three - assert 1 == 2',
        'test/c.py - ImportError',
    ]


def test_nothing_that_passed_is_not_a_success() -> None:
    skipped = SUMMARY.format(more='').replace('PASSED', 'SKIPPED')
    assert outcomes(skipped)['not_run'] == 'all were skipped'
    assert outcomes('')['not_run'] == 'no test was found'
