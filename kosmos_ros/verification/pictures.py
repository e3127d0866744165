# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The demo pictures of the transcripts: finding them, and what the authors did to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import io
from pathlib import Path

from PIL import Image

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.images.images import decode_image, load_image, RgbImage
from kosmos_ros.verification.transcripts import Transcript


def find_pictures(
    transcripts: Iterable[Transcript], folders: Sequence[Path], how_to_get_them: str
) -> dict[str, RgbImage]:
    """
    Read the pictures of transcripts.

    :param folders: where to look, first match wins.
    :param how_to_get_them: a sentence for users who lack some.
    :returns: (H, W, 3) uint8 RGB by ``Transcript.picture``.
    :raises InvalidDataError: if one is in none of the folders.
    :raises InvalidImageError: if one is damaged.
    """
    found: dict[str, RgbImage] = {}
    for one in transcripts:
        if one.picture not in found:
            image = load_image(_find(one.image, folders, how_to_get_them))
            found[one.picture] = saved_as_jpeg(image) if one.saved_as_jpeg else image
    return found


def saved_as_jpeg(image: RgbImage) -> RgbImage:
    """
    Return an image, (H, W, 3) uint8 RGB, as it is after Pillow wrote a JPEG of it.

    The authors' demo, and the model card, save a picture with Pillow's own settings before they
    show it to the model, which changes what it answers.
    """
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, 'JPEG')
    return decode_image(stream.getvalue())


def _find(name: str, folders: Sequence[Path], how_to_get_them: str) -> Path:
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    looked = ', '.join(map(str, folders)) or 'any folder'
    raise InvalidDataError(f'the picture {name} is not in {looked}. {how_to_get_them}')
