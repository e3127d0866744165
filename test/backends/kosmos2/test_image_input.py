# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the model sees of an image."""

import numpy as np
from PIL import Image
import pytest
from transformers import CLIPImageProcessorPil

from kosmos_ros.backends.kosmos2.image_input import check_squashes, pixel_values
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.images.images import RgbImage

SQUARE = {'height': 32, 'width': 32}


@pytest.mark.parametrize(
    'options',
    [
        {'size': SQUARE, 'do_center_crop': False},
        {'size': SQUARE, 'do_center_crop': True, 'crop_size': SQUARE},
        {'size': SQUARE, 'do_center_crop': False, 'do_normalize': False},
    ],
)
def test_squashing_processors_pass(options: dict[str, object]) -> None:
    check_squashes(CLIPImageProcessorPil(**options), 32)


@pytest.mark.parametrize(
    ('options', 'size', 'message'),
    [
        ({'size': {'shortest_edge': 32}, 'crop_size': SQUARE}, 32, 'crops'),
        ({'size': {'height': 40, 'width': 40}, 'crop_size': SQUARE}, 32, 'crops'),
        ({'size': SQUARE, 'do_center_crop': False}, 224, 'the model needs'),
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
    processor = CLIPImageProcessorPil(size=SQUARE, do_center_crop=False)
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
    processor = CLIPImageProcessorPil(size=SQUARE, do_center_crop=False, do_normalize=False)
    seen = pixel_values(processor, red)[0]
    assert seen[0].min() == 1.0
    assert seen[1:].max() == 0.0
