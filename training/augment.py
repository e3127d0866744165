# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Random changes of an image, as cameras, compression and people make them."""

from __future__ import annotations

import io
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from training.table import BoxTuple, cropped, mirrored, Table

RgbImage = npt.NDArray[np.uint8]
"""(H, W, 3) uint8."""


def toned(rng: Random, image: RgbImage) -> RgbImage:
    """Change brightness, contrast, gamma and white balance a little."""
    steps = np.arange(256, dtype=np.float32) / 255
    curve = steps ** rng.uniform(0.8, 1.25)
    curve = (curve - 0.5) * rng.uniform(0.8, 1.2) + 0.5
    curve = curve * rng.uniform(0.75, 1.2)
    tables = [np.clip(curve * rng.uniform(0.94, 1.06) * 255, 0, 255) for _ in range(3)]
    pixels = Image.fromarray(image)
    return np.asarray(pixels.point(np.concatenate(tables).astype(np.uint8).tolist()))


def noisy(rng: Random, image: RgbImage) -> RgbImage:
    """Add sensor noise."""
    generator = np.random.default_rng(rng.getrandbits(32))
    noise = generator.standard_normal(image.shape, dtype=np.float32) * rng.uniform(2, 14)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def blurred(rng: Random, image: RgbImage) -> RgbImage:
    """Put the image slightly out of focus."""
    kernel = ImageFilter.GaussianBlur(rng.uniform(0.3, 1.1))
    return np.asarray(Image.fromarray(image).filter(kernel))


def smeared(rng: Random, image: RgbImage) -> RgbImage:
    """Move the camera, or the table, while the shutter is open."""
    length = rng.randint(2, 5)
    along_x, along_y = rng.choice(((1, 0), (0, 1), (1, 1), (1, -1)))
    shifted = [
        np.roll(image, (step * along_y, step * along_x), axis=(0, 1)).astype(np.float32)
        for step in range(-(length // 2), length - length // 2)
    ]
    return np.asarray(np.mean(shifted, axis=0).round(), dtype=np.uint8)


def compressed(rng: Random, image: RgbImage) -> RgbImage:
    """Pass the image through JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, 'JPEG', quality=rng.randint(40, 92))
    return np.asarray(Image.open(buffer).convert('RGB'))


def any_window(rng: Random) -> BoxTuple:
    """Return a part of the image, rather a large one."""
    width, height = (1 - 0.5 * rng.random() ** 1.5 for _ in range(2))
    x0, y0 = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return (x0, y0, x0 + width, y0 + height)


def window_around(rng: Random, box: BoxTuple) -> BoxTuple:
    """Return a part of the image around a box, as a user marks a region of interest."""
    width, height = box[2] - box[0], box[3] - box[1]
    margins = [rng.uniform(0.0, 0.8) for _ in range(4)]
    return (
        max(0.0, box[0] - margins[0] * width),
        max(0.0, box[1] - margins[1] * height),
        min(1.0, box[2] + margins[2] * width),
        min(1.0, box[3] + margins[3] * height),
    )


def windowed(image: RgbImage, table: Table, window: BoxTuple) -> tuple[RgbImage, Table]:
    """Cut a window out of the image and squash it to the full size."""
    rows, columns = image.shape[:2]
    pixels = (window[0] * columns, window[1] * rows, window[2] * columns, window[3] * rows)
    resized = Image.fromarray(image).resize((columns, rows), Image.Resampling.BILINEAR, pixels)
    return np.asarray(resized), cropped(table, window)


_CHANGES = ((toned, 0.6), (blurred, 0.1), (smeared, 0.06), (noisy, 0.15), (compressed, 0.12))


def augment(rng: Random, image: RgbImage, table: Table) -> tuple[RgbImage, Table]:
    """
    Change an image and its labels at random.

    :param image: (H, W, 3) uint8, left as it is.
    :returns: a new image of the same size, and the table as it shows it.
    """
    if rng.random() < 0.5:
        image, table = np.ascontiguousarray(image[:, ::-1]), mirrored(table)
    draw = rng.random()
    if draw < 0.27:
        image, table = windowed(image, table, any_window(rng))
    elif draw < 0.33 and table.things:
        window = window_around(rng, rng.choice(table.things).box)
        image, table = windowed(image, table, window)
    for change, chance in _CHANGES:
        if rng.random() < chance:
            image = change(rng, image)
    return image, table
