# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Finding the demo pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.core.errors import InvalidDataError, InvalidImageError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.verification.pictures import find_pictures, saved_as_jpeg
from kosmos_ros.verification.transcripts import published_answers

QUESTIONS = published_answers().answers


def test_the_first_folder_that_has_it_counts(tmp_path: Path, snow: RgbImage) -> None:
    for name, image in (('own', snow), ('other', snow[::-1])):
        (tmp_path / name).mkdir()
        Image.fromarray(image).save(tmp_path / name / 'snowman.png')
    (tmp_path / 'empty').mkdir()
    folders = [tmp_path / name for name in ('empty', 'own', 'other')]
    found = find_pictures(QUESTIONS, folders, '')
    assert list(found) == ['snowman.png, saved as JPEG', 'snowman.png']
    assert np.array_equal(found['snowman.png'], snow)
    assert np.array_equal(found['snowman.png, saved as JPEG'], saved_as_jpeg(snow))


def test_saving_as_jpeg_changes_the_picture_but_not_its_size(snow: RgbImage) -> None:
    smooth = np.ascontiguousarray(np.broadcast_to(np.arange(90, dtype=np.uint8)[:, None], (90, 3)))
    image = np.repeat(smooth[None], 40, axis=0)
    saved = saved_as_jpeg(image)
    assert (saved.shape, saved.dtype) == (image.shape, image.dtype)
    assert np.abs(saved.astype(int) - image).max() <= 6
    assert not np.array_equal(saved_as_jpeg(snow), snow)


def test_a_missing_picture_is_named_with_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataError, match=r'snowman\.png is not in .*\. Fetch it\.'):
        find_pictures(QUESTIONS, [tmp_path], 'Fetch it.')


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / 'snowman.png').write_bytes(b'no picture')
    with pytest.raises(InvalidImageError, match='snowman'):
        find_pictures(QUESTIONS, [tmp_path], '')
