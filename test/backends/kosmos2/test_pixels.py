# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the model sees of an image: squashed whole, and close to the reference processor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import warnings

import numpy as np
from PIL import Image
import pytest
import torch
from transformers import CLIPImageProcessorPil

from kosmos_ros.backends.kosmos2 import pixels as module
from kosmos_ros.backends.kosmos2.pixels import (
    check_squashes,
    distance_in_grey_levels,
    fast_pixels,
    FastPixels,
    MAX_GREY_LEVELS,
    MEAN_GREY_LEVELS,
    pixel_values,
    reference_pixels,
)
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.images.images import RgbImage

SIZE = 224
SQUARE = {'height': SIZE, 'width': SIZE}
SMALL = {'height': 32, 'width': 32}
SHAPES = [
    *((1, 1), (3, 2000), (2000, 3), (9, 11), (48, 80), (100, 100), (223, 225), (224, 224)),
    *((300, 448), (480, 300), (448, 448), (480, 640), (1000, 1000), (1080, 1920)),
]
"""Height and width: up- and down-scaled, slivers, odd, equal, and what cameras send."""


@pytest.fixture(scope='module')
def fast() -> FastPixels:
    """Return the fast way of the published configuration."""
    made = fast_pixels(CLIPImageProcessorPil(size=SQUARE, do_center_crop=False), SIZE)
    assert made is not None
    return made


def noise(shape: tuple[int, int]) -> RgbImage:
    """Return random pixels."""
    return np.random.default_rng(5).integers(0, 256, (*shape, 3), dtype=np.uint8)


def extremes(shape: tuple[int, int]) -> RgbImage:
    """Return random pixels whose channels are off or on."""
    return (noise(shape) > 127).astype(np.uint8) * 255


def board(shape: tuple[int, int]) -> RgbImage:
    """Return the finest pattern there is: black and white in turn."""
    pixels = np.indices(shape).sum(axis=0) % 2 * 255
    return np.repeat(pixels[..., None].astype(np.uint8), 3, axis=-1)


def assert_near(fast: FastPixels, images: list[RgbImage]) -> None:
    """Hold the fast way to its bounds."""
    largest, average = distance_in_grey_levels(fast, images)
    assert largest <= MAX_GREY_LEVELS + 1e-3
    assert average <= MEAN_GREY_LEVELS


@pytest.mark.parametrize('shape', SHAPES, ids=str)
@pytest.mark.parametrize('make', [noise, extremes, board])
def test_noise_and_fine_patterns_stay_within_the_bounds(
    fast: FastPixels, make: Callable[[tuple[int, int]], RgbImage], shape: tuple[int, int]
) -> None:
    assert_near(fast, [make(shape)])


def test_photographs_hardly_differ(fast: FastPixels, kosmos2_material: Path) -> None:
    photos = [
        np.array(Image.open(kosmos2_material / name).convert('RGB'))
        for name in ('two_dogs.jpg', 'snowman.png')
    ]
    largest, average = distance_in_grey_levels(fast, photos)
    assert largest <= 1.001
    assert average <= 0.01


def test_simulator_images_hardly_differ(fast: FastPixels) -> None:
    renderer = pytest.importorskip('kosmos_ros.sim.rendering.renderer', reason='no simulator here')
    from kosmos_ros.sim.scenes.scene import sample_scene  # noqa: PLC0415 (needs the simulator)

    with renderer.TabletopRenderer() as camera:
        images = [camera.render(sample_scene(seed)).rgb for seed in range(2)]
    images.extend(image[100:160, 200:290] for image in images[:])
    largest, average = distance_in_grey_levels(fast, images)
    assert largest <= MAX_GREY_LEVELS + 1e-3
    assert average <= 0.02


def test_values_are_laid_out_as_the_reference_lays_them_out(fast: FastPixels) -> None:
    values = fast(noise((480, 640)))
    assert values.shape == (1, 3, SIZE, SIZE)
    assert values.dtype == torch.float32
    assert values.is_contiguous()


def test_views_of_all_kinds_give_what_their_copies_give(fast: FastPixels) -> None:
    image = noise((400, 400))
    frozen = image.copy()
    frozen.flags.writeable = False
    views = [
        frozen,
        image[40:200, 30:330],
        image[..., ::-1],
        image[::-1],
        image[:, ::-1],
        image[::3, ::2],
        image.transpose(1, 0, 2),
        np.frombuffer(image.tobytes(), np.uint8).reshape(image.shape),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        for view in views:
            assert torch.equal(fast(view), fast(np.array(view, order='C')))
    assert np.array_equal(image, frozen)


def test_images_higher_than_wide_go_the_reference_way(fast: FastPixels) -> None:
    image = extremes((480, 300))
    assert torch.equal(fast(image), reference_pixels(fast.reference, image))


def test_pixels_are_not_copied_on_the_way(fast: FastPixels) -> None:
    image = noise((300, 400))
    for view in (image, image[40:200, 30:330], image[::2]):
        assert module._as_tensor(view).data_ptr() == view.ctypes.data


@pytest.mark.parametrize(
    'options',
    [
        {'do_normalize': False},
        {'do_rescale': False},
        {'rescale_factor': 1 / 127.5, 'image_mean': [1.0] * 3, 'image_std': [1.0] * 3},
        {'image_mean': [0.1, 0.2, 0.3], 'image_std': [0.4, 0.5, 0.6]},
        {'do_center_crop': True, 'crop_size': SQUARE},
        {'use_square_size': True, 'size': SQUARE},
    ],
    ids=str,
)
def test_the_checkpoint_s_numbers_are_used(options: dict[str, object]) -> None:
    options = {'size': SQUARE, 'do_center_crop': False} | options
    fast = fast_pixels(CLIPImageProcessorPil(**options), SIZE)
    assert fast is not None
    assert_near(fast, [noise((300, 400))])


@pytest.mark.parametrize(
    'options',
    [
        {'resample': Image.Resampling.BILINEAR},
        {'do_resize': False},
        {'size': {'shortest_edge': SIZE}},
        {'size': {'height': 100, 'width': 100}},
        {'do_center_crop': True, 'crop_size': {'height': 100, 'width': 100}},
        {'do_pad': True, 'pad_size': {'height': 300, 'width': 300}},
    ],
    ids=str,
)
def test_what_it_does_not_understand_is_left_to_the_image_processor(
    options: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    options = {'size': SQUARE, 'do_center_crop': False} | options
    with caplog.at_level('INFO'):
        assert fast_pixels(CLIPImageProcessorPil(**options), SIZE) is None
    assert 'it is used unchanged' in caplog.text


def test_a_resize_that_is_off_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = torch.nn.functional.interpolate

    def without_antialias(*arguments: object, **options: object) -> torch.Tensor:
        return real(*arguments, **(options | {'antialias': False}))

    monkeypatch.setattr(torch.nn.functional, 'interpolate', without_antialias)
    processor = CLIPImageProcessorPil(size=SQUARE, do_center_crop=False)
    assert fast_pixels(processor, SIZE) is None
    assert 'take the slower way' in caplog.text


def test_pixel_values_takes_either(fast: FastPixels) -> None:
    image = noise((300, 400))
    assert torch.equal(pixel_values(fast, image), fast(image))
    assert torch.equal(
        pixel_values(fast.reference, image), reference_pixels(fast.reference, image)
    )


@pytest.mark.parametrize(
    'options',
    [
        {'size': SMALL, 'do_center_crop': False},
        {'size': SMALL, 'do_center_crop': True, 'crop_size': SMALL},
        {'size': SMALL, 'do_center_crop': False, 'do_normalize': False},
    ],
)
def test_squashing_processors_pass(options: dict[str, object]) -> None:
    check_squashes(CLIPImageProcessorPil(**options), 32)


@pytest.mark.parametrize(
    ('options', 'size', 'message'),
    [
        ({'size': {'shortest_edge': 32}, 'crop_size': SMALL}, 32, 'crops'),
        ({'size': {'height': 40, 'width': 40}, 'crop_size': SMALL}, 32, 'crops'),
        ({'size': SMALL, 'do_center_crop': False}, 224, 'the model needs'),
        ({'size': {'shortest_edge': 32}, 'do_center_crop': False}, 32, 'the model needs'),
    ],
)
def test_processors_that_lose_parts_of_the_image_are_refused(
    options: dict[str, object], size: int, message: str
) -> None:
    with pytest.raises(ModelLoadError, match=message):
        check_squashes(CLIPImageProcessorPil(**options), size)


def test_the_published_configuration_passes_and_without_its_key_it_does_not() -> None:
    check_squashes(CLIPImageProcessorPil(use_square_size=True), 224)
    with pytest.raises(ModelLoadError, match='crops'):
        check_squashes(CLIPImageProcessorPil(), 224)


def test_pixels_are_squashed_and_normalised_as_pillow_does(image: RgbImage) -> None:
    processor = CLIPImageProcessorPil(size=SMALL, do_center_crop=False)
    squashed = Image.fromarray(image).resize((32, 32), Image.Resampling.BICUBIC)
    mean, deviation = np.array(processor.image_mean), np.array(processor.image_std)
    expected = ((np.asarray(squashed) / 255.0 - mean) / deviation).transpose(2, 0, 1)
    seen = pixel_values(processor, image)
    assert seen.shape == (1, 3, 32, 32)
    assert np.allclose(seen[0].numpy(), expected, atol=1e-5)


@pytest.mark.parametrize('shape', [(3, 50, 3), (1, 1, 3), (4, 3, 3)])
def test_odd_shapes_are_read_as_height_width_channels(shape: tuple[int, int, int]) -> None:
    red = np.zeros(shape, dtype=np.uint8)
    red[..., 0] = 255
    processor = CLIPImageProcessorPil(size=SMALL, do_center_crop=False, do_normalize=False)
    seen = pixel_values(processor, red)[0]
    assert seen[0].min() == 1.0
    assert seen[1:].max() == 0.0
