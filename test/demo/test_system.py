# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is being waited for, on a terminal and in a file."""

from __future__ import annotations

from io import StringIO

from kosmos_ros.demo.system import ProgressLine


def test_a_file_gets_each_message_once() -> None:
    stream = StringIO()
    progress = ProgressLine(stream, live=False)
    for second in range(3):
        progress.update('waiting for the camera', second)
    progress.update('waiting for the model', 3)
    progress.hint('not worth a line')
    progress.done('ready')
    progress.clear()
    assert stream.getvalue() == 'waiting for the camera\nwaiting for the model\nready\n'


def test_a_terminal_gets_one_line_that_changes() -> None:
    stream = StringIO()
    progress = ProgressLine(stream, live=True)
    progress.update('waiting', 1.2)
    progress.update('waiting', 2.2)
    progress.done('ready')
    assert stream.getvalue().split('\r\x1b[K') == ['', 'waiting (1 s)', 'waiting (2 s)', 'ready\n']


def test_a_cleared_line_leaves_nothing_behind() -> None:
    stream = StringIO()
    progress = ProgressLine(stream, live=True)
    progress.update('waiting', 1)
    progress.clear()
    progress.clear()
    assert stream.getvalue().endswith('(1 s)\r\x1b[K')
