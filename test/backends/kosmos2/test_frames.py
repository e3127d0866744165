# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a frame keeps saves passes and tokens and changes no answer."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder
from kosmos_ros.backends.kosmos2.frames import ask, TransformersFrame
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.loading import LoadedModel
from kosmos_ros.core.grounder import never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import queries_about
from kosmos_ros.core.model.grammar import Prompt, Tag
from kosmos_ros.core.model.prompts import describe_prompt, locate_prompt

TOLERANCE = 2e-5
IMAGE = 67
"""Tokens of an image with <s>, <image> and </image>."""

Ids = tuple[int, ...]
Run = Callable[..., np.ndarray]


@pytest.fixture
def frames(backend: TransformersBackend, image: RgbImage) -> list[TransformersFrame]:
    """Return new frames of different images."""
    return [*backend.encode([image, 255 - image, image[::-1]])]


@pytest.fixture
def prompts(loaded: LoadedModel) -> list[Ids]:
    """Return phrases of different lengths."""
    phrases = ('the mug', 'the red cube on the left', 'It')
    return [loaded.vocabulary.encode_prompt(locate_prompt(phrase)) for phrase in phrases]


@pytest.fixture
def run(loaded: LoadedModel) -> Run:
    """Return a function that asks and returns log-probabilities."""
    head = OutputHead(loaded.model, loaded.vocabulary)

    def run(frames: list[TransformersFrame], prompts: list[Ids], keep: int = 2) -> np.ndarray:
        decoder = Decoder(loaded.model, loaded.vocabulary.image.slots)
        return head.full_log(ask(decoder, loaded.vocabulary, frames, prompts, keep)).numpy()

    return run


@pytest.fixture
def passes(loaded: LoadedModel) -> Iterator[list[int]]:
    """Return a list that gets the number of tokens of each pass of the decoder."""
    counts: list[int] = []
    layer = loaded.model.text_model.model.layers[0]
    hook = layer.register_forward_hook(lambda *args: counts.append(args[1][0].shape[1]))
    yield counts
    hook.remove()


def alone(run: Run, frame: TransformersFrame, prompt: Ids, keep: int = 2) -> np.ndarray:
    """Ask a frame that nobody has asked before."""
    return run([TransformersFrame(frame.image_embeds)], [prompt], keep)[0]


def test_a_lone_question_runs_once_and_keeps_the_beginning(
    frames: list[TransformersFrame],
    prompts: list[Ids],
    run: Run,
    passes: list[int],
    loaded: LoadedModel,
) -> None:
    frame = frames[0]
    before = frame.nbytes
    run([frame], [prompts[1]])
    assert passes == [len(prompts[1])]
    assert frame.prefix.ids == prompts[1][: IMAGE + 2]
    config = loaded.model.text_model.config
    assert frame.nbytes - before == (IMAGE + 2) * config.layers * 2 * config.embed_dim * 4


def test_a_later_question_runs_only_what_is_new(
    frames: list[TransformersFrame], prompts: list[Ids], run: Run, passes: list[int]
) -> None:
    run(frames[:1], prompts[:1])
    passes.clear()
    later = run(frames[:1], prompts[1:2])
    assert passes == [len(prompts[1]) - IMAGE - 2]
    assert np.allclose(later[0], alone(run, frames[0], prompts[1]), atol=TOLERANCE)


def test_several_questions_about_a_new_frame_run_its_beginning_once(
    frames: list[TransformersFrame], prompts: list[Ids], run: Run, passes: list[int]
) -> None:
    found = run(frames[:1] * 3, prompts)
    assert passes == [IMAGE + 2 + sum(len(prompt) - IMAGE - 2 for prompt in prompts)]
    for line, prompt in zip(found, prompts, strict=True):
        assert np.allclose(line, alone(run, frames[0], prompt), atol=TOLERANCE)


def test_new_and_known_frames_mix_in_one_pass(
    frames: list[TransformersFrame], prompts: list[Ids], run: Run, passes: list[int]
) -> None:
    run([frames[1]], prompts[:1])
    passes.clear()
    asked = [(0, 1), (1, 2), (2, 0), (1, 0), (0, 0), (0, 2)]
    found = run([frames[frame] for frame, _ in asked], [prompts[prompt] for _, prompt in asked])
    assert len(passes) == 1
    for line, (frame, prompt) in zip(found, asked, strict=True):
        assert np.allclose(line, alone(run, frames[frame], prompts[prompt]), atol=TOLERANCE)
    assert all(frame.prefix.ids == prompts[0][: IMAGE + 2] for frame in frames)


@pytest.mark.parametrize(
    'prompt',
    [
        describe_prompt(detailed=True),
        Prompt((' the mug',)),
        Prompt(()),
        Prompt((Tag.GROUNDING,)),
    ],
    ids=repr,
)
def test_prompts_of_all_kinds_share_what_they_can(
    frames: list[TransformersFrame],
    prompts: list[Ids],
    run: Run,
    loaded: LoadedModel,
    prompt: Prompt,
) -> None:
    ids = loaded.vocabulary.encode_prompt(prompt)
    first, later = frames[:2]
    # As the first question about a frame, and as a later one.
    asked = run([first], [ids], keep=1)[0]
    run([later], prompts[:1])
    assert np.allclose(asked, alone(run, first, ids, keep=1), atol=TOLERANCE)
    expected = alone(run, later, ids, keep=1)
    assert np.allclose(run([later], [ids], keep=1)[0], expected, atol=TOLERANCE)
    # And what it kept serves others.
    located = run([first], prompts[:1])[0]
    assert np.allclose(located, alone(run, first, prompts[0]), atol=TOLERANCE)


def test_locating_takes_two_passes_a_box_and_no_other(
    backend: TransformersBackend, frames: list[TransformersFrame], passes: list[int]
) -> None:
    backend.locate(queries_about(frames[0], ['the mug', 'It']), 1, never)
    backend.locate(queries_about(frames[0], ['the mug']), 1, never)
    assert len(passes) == 4
    assert passes[1::2] == [2, 1]


def test_other_places_take_no_further_pass(
    backend: TransformersBackend, frames: list[TransformersFrame], passes: list[int]
) -> None:
    backend.locate(queries_about(frames[0], ['the mug', 'It']), 1, never, alternatives=3)
    assert len(passes) == 2


def test_the_image_is_copied_once_for_all(
    frames: list[TransformersFrame], prompts: list[Ids], run: Run
) -> None:
    run(frames[:1], prompts[:1])
    states = frames[0].prefix.states
    assert states.is_contiguous()
    assert states.untyped_storage().nbytes() == states.nbytes


def test_warming_up_takes_every_way_through_the_decoder(
    backend: TransformersBackend, passes: list[int]
) -> None:
    backend.warm_up()
    assert {1, 2} < set(passes)
    assert max(passes) > IMAGE
    assert any(2 < tokens < 16 for tokens in passes)
    assert sum(tokens > IMAGE for tokens in passes) == 1
