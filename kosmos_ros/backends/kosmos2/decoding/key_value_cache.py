# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Keys and values of the tokens that went through the decoder."""

from __future__ import annotations

from typing import Any

import torch

_STEP = 64
"""Slots by which the buffer grows; a box or a line of text fits in."""


class KeyValueCache:
    """
    Keys and values of one row of tokens, written in place into one buffer.

    Replaces the library's ``DynamicCache``, which copies all it holds at each step of each layer;
    the library's attention layers need only ``update``.

    :param buffer: memory to use as long as there is room, (layers, 2, heads, slots, size).
    """

    def __init__(self, layers: int, buffer: torch.Tensor | None = None) -> None:
        self._layers = layers
        self._used = 0
        self._end = 0
        self._buffer = buffer
        self._views = [] if buffer is None else list(buffer.unbind(0))
        self._room = 0 if buffer is None else buffer.shape[3]

    def reserve(self, count: int) -> None:
        """Reserve room for at least this many tokens, so that the buffer need not grow later."""
        if self._buffer is None:
            self._room = max(self._room, _rounded(count))

    def make_room(self, count: int) -> None:
        """Make room for the tokens of the next pass; those of the pass before stay."""
        self._used, self._end = self._end, self._end + count
        if self._end > self._room:
            self._room = max(2 * self._room, _rounded(self._end))
            if self._buffer is not None:
                self._allocate(self._buffer)

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """
        Append keys and values of a layer.

        :param keys: (1, heads, new, size), as ``values``.
        :returns: those of all tokens so far, (1, heads, tokens, size) each.
        """
        if self._buffer is None:
            self._allocate(keys.new_empty((self._layers, 2, *keys.shape[1:2], 0, keys.shape[3])))
        view = self._views[layer]
        view[:1, :, self._used : self._end] = keys
        view[1:, :, self._used : self._end] = values
        return view[:1, :, : self._end], view[1:, :, : self._end]

    def drop(self, count: int) -> None:
        """Take the last tokens away; the next ones overwrite them."""
        self._end -= count

    def put(self, states: torch.Tensor) -> None:
        """Append tokens whose states ``take`` returned."""
        self.make_room(states.shape[3])
        buffer = self._allocate(states[..., :0, :]) if self._buffer is None else self._buffer
        buffer[..., self._used : self._end, :] = states

    def take(self, start: int, stop: int) -> torch.Tensor:
        """Return a copy of some slots, (layers, 2, heads, slots, size), contiguous."""
        if self._buffer is None:
            raise RuntimeError('nothing went through the decoder yet')
        return self._buffer[..., start:stop, :].clone(memory_format=torch.contiguous_format)

    def _allocate(self, old: torch.Tensor) -> torch.Tensor:
        """Make a buffer for ``_room`` slots that begins like ``old``."""
        layers, both, heads, _, size = old.shape
        self._buffer = old.new_empty((layers, both, heads, self._room, size))
        self._buffer[..., : self._used, :] = old[..., : self._used, :]
        self._views = list(self._buffer.unbind(0))
        return self._buffer


def _rounded(count: int) -> int:
    return (count // _STEP + 1) * _STEP
