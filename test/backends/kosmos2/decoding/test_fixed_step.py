# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A step of fixed shape gives what the growing decoder gives."""

from collections.abc import Callable
from contextlib import nullcontext
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.decoding import fixed_step as module
from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder
from kosmos_ros.backends.kosmos2.decoding.fixed_step import FixedStep, objection, recorded_step
from kosmos_ros.backends.kosmos2.frames import ask, TransformersFrame
from kosmos_ros.backends.kosmos2.loading import LoadedModel
from kosmos_ros.core.errors import ModelError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.prompts import describe_prompt

TOLERANCE = 2e-5
TOKENS = tuple(range(80, 92))


@pytest.fixture
def frame(backend: TransformersBackend, image: RgbImage) -> TransformersFrame:
    """Return an image that nobody has asked about."""
    return backend.encode([image])[0]


@pytest.fixture
def prompt(loaded: LoadedModel) -> tuple[int, ...]:
    """Return the ids of a prompt."""
    return loaded.vocabulary.encode_prompt(describe_prompt(detailed=False))


@pytest.fixture
def states(loaded: LoadedModel, frame: TransformersFrame, prompt: tuple[int, ...]) -> torch.Tensor:
    """Return keys and values of the beginning of a prompt."""
    decoder = Decoder(loaded.model, loaded.vocabulary.image.slots)
    ask(decoder, loaded.vocabulary, [frame], [prompt], keep=1)
    return decoder.save(0, len(prompt))


def write(
    loaded: LoadedModel, frame: TransformersFrame, prompt: tuple[int, ...], step: FixedStep | None
) -> list[np.ndarray]:
    """Feed tokens one by one; return hidden states behind each."""
    decoder = Decoder(loaded.model, loaded.vocabulary.image.slots, step)
    ask(decoder, loaded.vocabulary, [frame], [prompt], keep=1)
    return [decoder.feed([[token]], keep=1).clone().numpy() for token in TOKENS]


@pytest.mark.parametrize('spare', [200, 5], ids=['room', 'too little room'])
def test_it_equals_the_growing_decoder(
    loaded: LoadedModel,
    frame: TransformersFrame,
    prompt: tuple[int, ...],
    states: torch.Tensor,
    spare: int,
) -> None:
    step = FixedStep(loaded.model.text_model.model, states, len(prompt) + spare)
    calls: list[int] = []
    feed = step.feed
    step.feed = lambda token, slot: calls.append(token) or feed(token, slot)
    expected = write(loaded, frame, prompt, None)
    # The second time the buffer is full of what the first time left there.
    for _ in range(2):
        calls.clear()
        found = write(loaded, frame, prompt, step)
        assert calls == list(TOKENS[:spare])
        for one, other in zip(found, expected, strict=True):
            assert np.allclose(one, other, atol=TOLERANCE)


def test_several_sequences_do_without_it(
    loaded: LoadedModel, frame: TransformersFrame, prompt: tuple[int, ...], states: torch.Tensor
) -> None:
    step = FixedStep(loaded.model.text_model.model, states, 200)
    results = []
    for used in (step, None):
        decoder = Decoder(loaded.model, loaded.vocabulary.image.slots, used)
        ask(decoder, loaded.vocabulary, [frame] * 2, [prompt, prompt[:-1]], keep=1)
        pair = decoder.feed([[90], [91]], keep=1).clone()
        decoder.select([1])
        # The other sequence's tokens lie between this one's.
        single = decoder.feed([[92]], keep=1).clone()
        results.append(torch.cat([pair, single]).numpy())
    assert np.allclose(*results, atol=TOLERANCE)


def test_a_failure_spoils_nothing_that_comes_later(
    loaded: LoadedModel, frame: TransformersFrame, prompt: tuple[int, ...], states: torch.Tensor
) -> None:
    step = FixedStep(loaded.model.text_model.model, states, 200)
    spoilt = TransformersFrame(frame.image_embeds * float('nan'))
    long = (*prompt, *[80] * 20)
    with pytest.raises(ModelError):
        ask(
            Decoder(loaded.model, loaded.vocabulary.image.slots, step),
            loaded.vocabulary,
            [spoilt],
            [long],
            keep=1,
        )
    expected = write(loaded, frame, prompt, None)
    assert np.allclose(write(loaded, frame, prompt, step)[0], expected[0], atol=TOLERANCE)


def test_nothing_is_recorded_without_a_gpu(loaded: LoadedModel, states: torch.Tensor) -> None:
    assert recorded_step(loaded.model.text_model.model, states, 200) is None


def test_a_record_that_gives_something_else_is_not_used(
    loaded: LoadedModel, states: torch.Tensor
) -> None:
    plain, recorded = (FixedStep(loaded.model.text_model.model, states, 100) for _ in range(2))
    feed = recorded.feed
    recorded.feed = lambda token, slot: feed(token + 1, slot)
    assert 'differs from a plain one' in objection(plain, recorded, states)
    recorded.feed = lambda token, slot: feed(token, slot) * float('nan')
    assert 'differs from a plain one' in objection(plain, recorded, states)


def test_a_record_must_be_faster(loaded: LoadedModel, states: torch.Tensor) -> None:
    plain, recorded = (FixedStep(loaded.model.text_model.model, states, 100) for _ in range(2))

    def slowed(feed: Callable[[int, int], torch.Tensor]) -> Callable[[int, int], torch.Tensor]:
        def wait(token: int, slot: int) -> torch.Tensor:
            time.sleep(0.1)
            return feed(token, slot)

        return wait

    recorded.feed = slowed(recorded.feed)
    assert 'ms against' in objection(plain, recorded, states)
    plain.feed = slowed(slowed(slowed(plain.feed)))
    assert objection(plain, recorded, states) == ''


class ScriptedStep:
    """A step on a GPU that can be recorded, or not."""

    fault = ''

    def __init__(self, *_: object) -> None:
        self.recorded = False

    def record(self) -> None:
        if self.fault:
            raise RuntimeError(self.fault)
        self.recorded = True


@pytest.mark.parametrize(
    ('fault', 'against', 'said'),
    [
        ('', '', ''),
        ('', 'it differs', 'no CUDA graph for single tokens: it differs'),
        ('out of memory', '', 'it cannot be recorded: out of memory'),
    ],
)
def test_a_gpu_gets_a_recorded_step_or_a_reason(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    against: str,
    said: str,
) -> None:
    monkeypatch.setattr(module, 'FixedStep', ScriptedStep)
    monkeypatch.setattr(ScriptedStep, 'fault', fault)
    monkeypatch.setattr(module, 'objection', lambda *_: against)
    caplog.set_level('INFO')
    step = recorded_step(None, SimpleNamespace(device=torch.device('cuda', 0)), 200)
    assert (step is not None and step.recorded) == (not said)
    assert said in caplog.text


@pytest.fixture
def cuda_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let steps be recorded on a CPU; what is recorded replays only what a test has it do."""
    stream = SimpleNamespace(wait_stream=lambda _: None)
    for name in ('Stream', 'current_stream'):
        monkeypatch.setattr(torch.cuda, name, lambda: stream)
    for name in ('stream', 'graph'):
        monkeypatch.setattr(torch.cuda, name, lambda _: nullcontext())
    monkeypatch.setattr(torch.cuda, 'CUDAGraph', SimpleNamespace)


@pytest.mark.usefixtures('cuda_graphs')
def test_a_recorded_step_is_replayed_on_its_own_tensors(
    loaded: LoadedModel, frame: TransformersFrame, prompt: tuple[int, ...], states: torch.Tensor
) -> None:
    step = FixedStep(loaded.model.text_model.model, states, len(prompt) + 50)
    step.record()
    replays: list[torch.Tensor] = []

    def replay() -> None:
        replays.append(step._output.copy_(step._run()))

    step._graph.replay = replay
    expected = write(loaded, frame, prompt, None)
    found = write(loaded, frame, prompt, step)
    assert len(replays) == len(TOKENS)
    assert len({one.data_ptr() for one in replays}) == 1
    for one, other in zip(found, expected, strict=True):
        assert np.allclose(one, other, atol=TOLERANCE)


class OneDevice(TorchDispatchMode):
    """Refuses what a GPU does: tensors of several devices in an operation that is no copy."""

    def __torch_dispatch__(
        self, operation: Any, _: Any, arguments: Any = (), options: Any = None
    ) -> Any:
        tensors = [
            one for one in tree_leaves((arguments, options)) if isinstance(one, torch.Tensor)
        ]
        devices = {one.device.type for one in tensors if one.ndim}
        assert len(devices) < 2 or 'copy' in str(operation), f'{operation} on {devices}'
        return operation(*arguments, **(options or {}))


def test_no_step_mixes_tensors_of_the_models_device_with_others(
    loaded: LoadedModel, prompt: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tensors of this device stand for those on a GPU; they have no numbers.
    with torch.device('meta'):
        model = type(loaded.model)(loaded.model.config).eval()
    monkeypatch.setattr(torch, 'isfinite', lambda _: np.True_)
    transformer, size = model.text_model.model, model.config.text_config
    width, heads = size.embed_dim, size.attention_heads
    image = torch.empty((1, loaded.vocabulary.image.count, width), device='meta')
    states = torch.empty((size.layers, 2, heads, 3, width // heads), device='meta')
    with OneDevice():
        for step in (None, FixedStep(transformer, states, len(prompt) + 50)):
            decoder = Decoder(model, loaded.vocabulary.image.slots, step)
            decoder.start([prompt, prompt[:-1]], [image, image])
            for tokens in ([[80, 81], [82]], [[83], [84]]):
                assert decoder.feed(tokens, keep=1).shape == (2, 1, width)
            decoder.select([0])
            assert decoder.feed([[85]], keep=1).device.type == 'meta'
            alone = Decoder(model, loaded.vocabulary.image.slots, step)
            alone.start([prompt], [image])
            for token in TOKENS[:2]:
                assert alone.feed([[token]], keep=1).device.type == 'meta'
            assert alone.save(0, 2).device.type == 'meta'


@pytest.mark.cuda
def test_a_recorded_step_equals_the_plain_one(loaded: LoadedModel, states: torch.Tensor) -> None:
    transformer = loaded.model.text_model.model.to('cuda')
    try:
        plain, recorded = (FixedStep(transformer, states.cuda(), 200) for _ in range(2))
        recorded.record()
        for offset, token in enumerate(TOKENS):
            slot = states.shape[3] + offset
            with torch.inference_mode():
                for step in (plain, recorded):
                    step.buffer[..., : states.shape[3], :] = states.cuda()
                pair = [step.feed(token, slot).cpu().numpy() for step in (plain, recorded)]
            assert np.allclose(*pair, atol=1e-3)
    finally:
        transformer.to('cpu')
