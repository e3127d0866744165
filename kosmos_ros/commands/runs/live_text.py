# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Words of an answer on a terminal while the model writes them."""

from __future__ import annotations

from types import TracebackType
from typing import TextIO

from kosmos_ros.core.model.streaming import Progress


class LiveText:
    """
    Writes the text of an answer as far as it is; leaves the terminal at the start of a line.

    :param terminal: where to; None for nowhere.
    """

    def __init__(self, terminal: TextIO | None) -> None:
        self.text = ''
        """What was written so far."""
        self._terminal = terminal

    def __enter__(self) -> LiveText:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the line, also of an answer that was interrupted."""
        if self.text:
            print(file=self._terminal, flush=True)

    def show(self, progress: Progress) -> None:
        """Write what is new."""
        new = progress.text[len(self.text) :]
        if self._terminal is None or not new:
            return
        opening = '' if self.text else 'answer: '
        print(f'{opening}{new}', end='', file=self._terminal, flush=True)
        self.text = progress.text
