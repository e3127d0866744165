# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.images.formats``: pictures are told by what they hold."""

from __future__ import annotations

import io
from pathlib import Path
import sys

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.formats import FORMATS, formats_for, HEAD, is_picture
from kosmos_ros.core.images.images import decode_image, load_image

GREEN = Image.new('RGB', (32, 16), (20, 200, 60))
HEIC = b'\0\0\0\x18ftypheic\0\0\0\0mif1heic' + bytes(40)
HAS_AVIF = '.avif' in Image.registered_extensions()


def encoded(format_: str) -> bytes:
    """Return a picture as the bytes of a file."""
    stream = io.BytesIO()
    GREEN.save(stream, format_)
    return stream.getvalue()


@pytest.mark.parametrize('format_', [name for name in FORMATS if name not in ('AVIF', 'TIFF')])
def test_files_tell_their_format(format_: str) -> None:
    assert is_picture(encoded(format_)[:HEAD])


@pytest.mark.parametrize('head', [HEIC, HEIC.replace(b'heic', b'avif'), b'\0\0\0\x1cftypmif1\0\0'])
def test_files_of_iso_media_tell_their_brands(head: bytes) -> None:
    assert is_picture(head)


@pytest.mark.parametrize(
    'head',
    [
        *(
            b'',
            b'P',
            b'BMW is no bitmap',
            b'GIF',
            b'{"images": []}',
            bytes(HEAD),
            b'\x89MCAP0\r\n',
        ),
        *(b'\0\0\0\x18ftypisom\0\0\x02\0isommp41', b'II*\0raw of a camera', b'\0\0\0\0ftyp'),
    ],
)
def test_other_files_are_no_pictures(head: bytes) -> None:
    assert not is_picture(head)


def test_formats_are_those_of_this_pillow() -> None:
    stream = io.BytesIO(encoded('PNG'))
    assert set(formats_for(stream)) <= set(FORMATS)
    assert stream.tell() == 0


@pytest.mark.skipif(not HAS_AVIF, reason='this Pillow has no AVIF')
def test_avif_is_opened_whatever_its_name(tmp_path: Path) -> None:
    file = tmp_path / 'picture'
    file.write_bytes(encoded('AVIF'))
    image = load_image(file)
    assert image.shape == (16, 32, 3)
    assert np.abs(image.astype(int) - (20, 200, 60)).max() < 12
    with pytest.raises(InvalidImageError):
        decode_image(encoded('AVIF')[:-9])


def test_avif_without_its_decoder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, 'registered_extensions', lambda: {'.png': 'PNG'})
    with pytest.raises(InvalidImageError, match=r'AVIF picture, which needs Pillow 11.3'):
        decode_image(HEIC.replace(b'heic', b'avif'))


def test_heic_without_its_decoder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'pillow_heif', None)
    with pytest.raises(InvalidImageError, match=r'HEIC or HEIF .* pip install pillow-heif'):
        decode_image(HEIC)


def test_heic_is_opened_where_its_decoder_is_installed() -> None:
    heif = pytest.importorskip('pillow_heif')
    stream = io.BytesIO()
    heif.from_pillow(GREEN).save(stream)
    assert decode_image(stream.getvalue()).shape == (16, 32, 3)
    with pytest.raises(InvalidImageError):
        decode_image(stream.getvalue()[:-9])
