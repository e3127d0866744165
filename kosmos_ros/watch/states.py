# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The page's view of the node: whether it is there, and its diagnostics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus

SILENT_SECONDS = 3.5
"""The node reports every second; after this long without a report something is wrong."""

_LEVELS = {
    DiagnosticStatus.OK: 'ok',
    DiagnosticStatus.WARN: 'warn',
    DiagnosticStatus.ERROR: 'error',
    DiagnosticStatus.STALE: 'stale',
}
_CAMERA = 'camera '


@dataclass(frozen=True)
class NodeState:
    """
    The state in a word and in a sentence.

    ``kind`` is absent, waiting, problem or ready; ``statuses`` are the node's, as data.
    """

    kind: str
    sentence: str
    statuses: tuple[dict[str, Any], ...] = ()


class Reports:
    """
    The newest diagnostics of one node.

    :param node: its full name.
    """

    def __init__(self, node: str) -> None:
        self.node = node
        self._prefix = f'{node.lstrip("/")}: '
        self._statuses: tuple[dict[str, Any], ...] = ()
        self._received = 0.0

    def receive(self, message: DiagnosticArray) -> bool:
        """Take over the statuses of the node; return whether there were any."""
        own = [one for one in message.status if one.name.startswith(self._prefix)]
        if own:
            self._statuses = tuple(self._as_data(one) for one in own)
            self._received = time.monotonic()
        return bool(own)

    def camera_topics(self) -> dict[str, str]:
        """Return the image topic of each of the node's cameras."""
        return {
            one['name'].removeprefix(_CAMERA): one['values']['topic']
            for one in self._statuses
            if one['name'].startswith(_CAMERA) and one['values'].get('topic')
        }

    def state(self, answers: bool) -> NodeState:
        """
        Return the node's state.

        :param answers: whether the node's service is there.
        """
        silence = time.monotonic() - self._received if self._received else None
        reports = silence is not None and silence < SILENT_SECONDS
        if not answers and not reports:
            return NodeState('absent', f'No grounding node answers at {self.node}.')
        if not answers:
            return NodeState('waiting', f'{self.node} takes no questions at the moment.')
        if silence is None:
            return NodeState('waiting', f'{self.node} is there; waiting for its first report.')
        if not reports:
            sentence = (
                f'{self.node} has reported nothing for {silence:.0f} s; it may hang, or be gone.'
            )
            return NodeState('problem', sentence, self._statuses)
        return _judge(self._statuses)

    def _as_data(self, status: DiagnosticStatus) -> dict[str, Any]:
        return {
            'name': status.name.removeprefix(self._prefix),
            'level': _LEVELS.get(status.level, 'error'),
            'message': status.message,
            'values': {value.key: value.value for value in status.values},
        }


def _judge(statuses: Sequence[dict[str, Any]]) -> NodeState:
    troubles = [one for one in statuses if one['level'] != 'ok']
    if troubles:
        sentence = '; '.join(f'{one["name"]}: {one["message"]}' for one in troubles)
        # Loading a model is no problem, and other problems may be due to it.
        loads = any(one['name'] == 'model' and one['level'] == 'warn' for one in troubles)
        kind = 'waiting' if loads else 'problem'
        return NodeState(kind, f'{sentence[:1].upper()}{sentence[1:]}.', tuple(statuses))
    model = next(
        (one['values'].get('model', '') for one in statuses if one['name'] == 'model'), ''
    )
    return NodeState('ready', f'Ready, model {model}.' if model else 'Ready.', tuple(statuses))
