# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A GPU that lacks memory for a batch gets half of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.decoding.halving import OutOfGpuMemoryError, run_in_halves
from kosmos_ros.core.errors import ModelError
from kosmos_ros.core.grounder import never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import queries_about

PHRASES = ('the red cube', 'a mug on the left', 'It', 'the blue mug', 'the bowl')


class SmallGpu:
    """Runs batches up to a size, and remembers the sizes that were tried."""

    def __init__(self, most: int, failures: int = 1000) -> None:
        self.most, self.failures, self.tried = most, failures, []

    def __call__(self, batch: Sequence[int]) -> list[int]:
        self.tried.append(len(batch))
        if len(batch) > self.most and self.failures:
            self.failures -= 1
            raise OutOfGpuMemoryError('out of GPU memory')
        return [10 * one for one in batch]


@pytest.mark.parametrize(
    ('gpu', 'batch', 'tried'),
    [
        (SmallGpu(8), [1, 2, 3], [3]),
        (SmallGpu(2), [1, 2, 3], [3, 1, 2]),
        (SmallGpu(2), [1, 2, 3, 4], [4, 2, 2]),
        (SmallGpu(0, failures=1), [1], [1, 1]),
        (SmallGpu(0), [], [0]),
    ],
)
def test_halves_give_the_same_in_the_same_order(
    gpu: SmallGpu, batch: list[int], tried: list[int]
) -> None:
    assert run_in_halves(gpu, batch) == tuple(10 * one for one in batch)
    assert gpu.tried == tried


@pytest.mark.parametrize(('batch', 'tried'), [([1, 2, 3, 4], [4, 2]), ([1], [1, 1])])
def test_what_does_not_fit_in_halves_either_is_refused(batch: list[int], tried: list[int]) -> None:
    gpu = SmallGpu(0)
    with pytest.raises(ModelError, match='out of GPU memory'):
        run_in_halves(gpu, batch)
    assert gpu.tried == tried


@pytest.fixture
def lacking(backend: TransformersBackend, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make both parts of the model run out of memory as often as the only entry says."""
    left = [0]
    model = backend.loaded.model

    def short_of(forward):
        def run(*arguments: object, **options: object) -> object:
            if left[0]:
                left[0] -= 1
                raise torch.OutOfMemoryError('CUDA out of memory')
            return forward(*arguments, **options)

        return run

    for part in (model.vision_model, model.text_model.model.layers[0]):
        monkeypatch.setattr(part, 'forward', short_of(part.forward))
    return left


def test_answers_are_those_of_a_larger_gpu(
    backend: TransformersBackend, image: RgbImage, lacking: list[int]
) -> None:
    (frame,) = backend.encode([image])
    expected = backend.locate(queries_about(frame, PHRASES), 2, never)
    lacking[0] = 1
    frames = backend.encode([image, image])
    assert lacking == [0]
    assert torch.allclose(frames[1].image_embeds, frame.image_embeds, atol=1e-5)
    lacking[0] = 1
    found = backend.locate(queries_about(frames[0], PHRASES), 2, never)
    assert lacking == [0]
    for one, other in zip(found, expected, strict=True):
        assert one.existence == pytest.approx(other.existence, abs=1e-4)
        assert [box.label for box in one.boxes] == [box.label for box in other.boxes]
        assert one.cells == other.cells


def test_after_a_refusal_the_backend_goes_on(
    backend: TransformersBackend, image: RgbImage, lacking: list[int]
) -> None:
    (frame,) = backend.encode([image])
    lacking[0] = 2
    with pytest.raises(ModelError, match='out of GPU memory'):
        backend.locate(queries_about(frame, PHRASES), 2, never)
    assert len(backend.locate(queries_about(frame, PHRASES), 2, never)) == len(PHRASES)
