# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A batch that does not fit into the memory of a GPU."""

from __future__ import annotations

from typing import Any

import torch

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from scripts.gpu_check.formats import picture
from scripts.gpu_check.task import heard, Task, Tell

_VIEWS = 64
_PART = 0.7
"""Memory that is left, as a part of what the whole batch takes: enough for a half of it."""

_CLOSE = 0.05
"""How far embeddings in bfloat16 may lie apart, as a part of their largest."""


def halve(task: Task, tell: Tell) -> None:
    """Encode images with too little memory for all at once, and compare with enough of it."""
    if task.device == 'cpu':
        tell({'not_run': 'a CPU has no memory of its own to run out of'})
        return
    backend: Any = make_backend(ModelSettings(task.source, task.device, 'bfloat16'))
    views = [picture(task)] * _VIEWS

    def encode() -> torch.Tensor:
        return torch.stack([frame.image_embeds.float().cpu() for frame in backend.encode(views)])

    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_reserved()
    expected = encode()
    most = torch.cuda.max_memory_reserved() - before
    torch.cuda.empty_cache()
    allowed = torch.cuda.memory_reserved() + _PART * most
    torch.cuda.set_per_process_memory_fraction(
        allowed / torch.cuda.get_device_properties(0).total_memory
    )
    with heard() as messages:
        found = encode()
    halved = sum('half as much' in text for text in messages)
    apart = float((found - expected).abs().max() / expected.abs().max())
    tell({'whole_batch_bytes': most, 'halved': halved, 'apart': apart})
    if not halved:
        tell(
            {'failed': 'the batch was not halved: it fitted into less memory than it took before'}
        )
    elif not apart <= _CLOSE:
        tell({'failed': f'embeddings of the halves differ by {apart:.3f} of the largest'})
