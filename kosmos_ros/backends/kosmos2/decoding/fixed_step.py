# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
One token through the decoder with tensors of fixed shape and address.

A GPU spends much of a step waiting for Python to start hundreds of small kernels. With fixed
addresses a CUDA graph can start them all at once. The library's static cache does not work with
this model, so the layers get one here.
"""

from __future__ import annotations

from collections.abc import Callable
import logging
from typing import Any

import torch

from kosmos_ros.backends.linears.timing import fastest

_logger = logging.getLogger(__name__)

_BUDGET = 0.3
"""Seconds for comparing a recorded step with a plain one."""

_CLOSE = 0.02
"""How far hidden states of the two may lie apart, as a part of their largest."""


class FixedStep:
    """
    A step of the decoder for one sequence whose tokens fill the first slots of a buffer.

    :param transformer: the stock text decoder.
    :param states: keys and values of any tokens, (layers, 2, heads, slots, size); gives number
        format and device.
    :param room: slots of the buffer; more make each step a little slower.
    """

    def __init__(self, transformer: Any, states: torch.Tensor, room: int) -> None:
        self._transformer = transformer
        layers, both, heads, _, size = states.shape
        with torch.inference_mode():
            # Unused slots must not hold NaN.
            self.buffer = states.new_zeros((layers, both, heads, room, size))
            self._views = list(self.buffer.unbind(0))
            self._slots = torch.arange(room, device=states.device)
            self._input = torch.zeros(2, dtype=torch.long, device=states.device)
        self.room = room
        self._output = torch.empty(0)
        self._graph: Any = None

    def clear(self) -> None:
        """Clear the buffer: a NaN in it would spoil every later step."""
        with torch.inference_mode():
            self.buffer.zero_()

    def feed(self, token: int, slot: int) -> torch.Tensor:
        """
        Append a token behind the first ``slot`` ones; call it in inference mode.

        :returns: (1, 1, width) hidden states, normalised; to be used before the next call.
        """
        self._input.copy_(torch.tensor([token, slot]))
        if self._graph is None:
            return self._run()
        self._graph.replay()
        return self._output

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write keys and values of a layer (1, heads, 1, size) and return those of all slots."""
        view, slot = self._views[layer], self._input[1:]
        view[:1].index_copy_(2, slot, keys)
        view[1:].index_copy_(2, slot, values)
        return view[:1], view[1:]

    def record(self) -> None:
        """Record the step as a CUDA graph, which ``feed`` replays; raises ``RuntimeError``."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.inference_mode(), torch.cuda.stream(stream):
            for _ in range(3):
                self._run()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.inference_mode(), torch.cuda.graph(graph):
            self._output = self._run()
        self._graph = graph

    def _run(self) -> torch.Tensor:
        positions = self._transformer.embed_positions
        token, slot = self._input[:1], self._input[1:]
        hidden = self._transformer.forward_embedding(
            token[None], position_ids=slot[None] + positions.padding_idx + 1
        )
        mask = torch.zeros((1, 1, 1, self.room), dtype=hidden.dtype, device=hidden.device)
        mask.masked_fill_(self._slots > slot, torch.finfo(hidden.dtype).min)
        for layer in self._transformer.layers:
            hidden = layer(hidden, mask, past_key_values=self)
        normalised: torch.Tensor = self._transformer.layer_norm(hidden)
        return normalised


def recorded_step(transformer: Any, states: torch.Tensor, room: int) -> FixedStep | None:
    """Return a recorded step if it works, changes nothing and pays here; else log why not."""
    if states.device.type != 'cuda':
        return None
    plain, recorded = (FixedStep(transformer, states, room) for _ in range(2))
    try:
        recorded.record()
        reason = objection(plain, recorded, states)
    except RuntimeError as error:
        reason = f'it cannot be recorded: {error}'
    if reason:
        _logger.info('no CUDA graph for single tokens: %s', reason)
        return None
    return recorded


def objection(plain: FixedStep, recorded: FixedStep, states: torch.Tensor) -> str:
    """Return why a recorded step should not be used instead of a plain one, '' if it should."""
    used = states.shape[3]

    def run(step: FixedStep) -> Callable[[], torch.Tensor]:
        step.buffer[..., :used, :] = states
        return lambda: step.feed(0, used).cpu()

    with torch.inference_mode():
        actions = {'plain': run(plain), 'recorded': run(recorded)}
        expected, found = (action() for action in actions.values())
        apart = float((expected - found).abs().max() / expected.abs().max())
        if not apart <= _CLOSE:
            return f'it differs from a plain one by {apart:.3f}'
        times = fastest(actions, _BUDGET)
    if times['recorded'] >= times['plain']:
        return f'{times["recorded"] * 1e3:.2f} ms against {times["plain"] * 1e3:.2f} ms without'
    return ''
