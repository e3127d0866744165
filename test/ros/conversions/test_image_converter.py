# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Who converts images: a ``cv_bridge`` that passes its trial, or our own table."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from pathlib import Path
import re
import sys
import threading

import numpy as np
import pytest
from sensor_msgs.msg import Image

from kosmos_ros.core.errors import InvalidImageError, MissingDependencyError
from kosmos_ros.core.images.raw_images import colours_from_raw, rows_of, SUPPORTED_ENCODINGS
from kosmos_ros.ros.conversions.image_converter import ImageConverter

STAND_IN = Path(__file__).with_name('cv_bridge_stand_in.py')
LONG = 60.0

KNOWN = {
    *('rgb8', 'rgba8', 'bgr8', 'bgra8', 'mono8', 'rgb16', 'rgba16', 'bgr16', 'bgra16', 'mono16'),
    *(f'bayer_{one}{bits}' for one in ('rggb', 'bggr', 'gbrg', 'grbg') for bits in (8, 16)),
    'yuv422',
}
"""What the real one converts, too."""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a stand-in with further lines before and after its own."""
    monkeypatch.delitem(sys.modules, 'cv_bridge', raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(before: str = '', after: str = '') -> None:
        future = 'from __future__ import annotations\n'
        text = STAND_IN.read_text(encoding='utf-8').replace(future, '')
        (tmp_path / 'cv_bridge.py').write_text(f'{future}{before}\n{text}\n{after}\n')

    yield write
    sys.modules.pop('cv_bridge', None)


def chosen(setting: str = 'auto', seconds: float = LONG) -> ImageConverter:
    converter = ImageConverter(setting)
    converter.choose(seconds)
    return converter


def calls(converter: ImageConverter) -> list[str]:
    return [] if converter._bridge is None else converter._bridge.calls


def noise(encoding: str, padding: int = 0, *, big_endian: bool = False) -> Image:
    message = Image(width=10, height=6, encoding=encoding, is_bigendian=int(big_endian))
    message.step = 10 * 8 + padding
    if not padding:
        message.step = len(colours_row(encoding))
    data = np.random.default_rng(1).integers(0, 256, message.step * rows_of(message), np.uint8)
    message.data = array('B', data.tobytes())
    return message


def colours_row(encoding: str) -> bytes:
    """Return as many bytes as a row of ten pixels has."""
    channels = {'rgb': 3, 'bgr': 3, 'rgba': 4, 'bgra': 4}.get(encoding.rstrip('0123456789'), 1)
    channels = 2 if encoding.startswith(('uyvy', 'yuyv', 'yuv')) else channels
    channels = int(encoding[-1]) if 'UC' in encoding else channels
    return bytes(10 * channels * (2 if '16' in encoding else 1))


def test_what_it_converts_rightly_is_its_own(install: Install) -> None:
    install()
    converter = chosen()
    for encoding in SUPPORTED_ENCODINGS:
        message = noise(encoding)
        colours = converter(message)
        np.testing.assert_array_equal(colours, colours_from_raw(message), err_msg=encoding)
    assert set(calls(converter)) == KNOWN
    said = converter.description
    assert said.startswith('cv_bridge: rgb8, rgba8, ')
    assert said.endswith('all others: own (its cv2_to_imgmsg fails, KeyError: 16)')
    assert '8UC3' not in said


@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'mono16', 'bayer_rggb8'])
def test_foreign_byte_order_and_padded_rows_are_ours(install: Install, encoding: str) -> None:
    install()
    converter = chosen()
    for message in (noise(encoding, big_endian=True), noise(encoding, padding=3)):
        np.testing.assert_array_equal(converter(message), colours_from_raw(message))
    assert calls(converter) == []


def test_an_encoding_that_comes_out_otherwise_is_ours(install: Install) -> None:
    install(after='_CODES["bgra"] = _CODES["rgba"]')
    converter = chosen()
    message = noise('bgra8')
    np.testing.assert_array_equal(converter(message), colours_from_raw(message))
    converter(noise('bgr8'))
    assert calls(converter) == ['bgr8']


def test_an_image_that_it_refuses_after_all_is_ours(install: Install) -> None:
    install()
    converter = chosen()
    converter._bridge.imgmsg_to_cv2 = lambda *_: 1 / 0
    message = noise('bgr8')
    np.testing.assert_array_equal(converter(message), colours_from_raw(message))


def test_malformed_images_never_reach_it(install: Install) -> None:
    install()
    converter = chosen()
    message = noise('bgr8')
    message.data = message.data[:-1]
    with pytest.raises(InvalidImageError, match='takes 180 bytes, got 179'):
        converter(message)
    assert calls(converter) == []


@pytest.mark.parametrize(
    ('before', 'after', 'reason'),
    [
        ('raise ImportError("numpy.core.multiarray failed to import")', '', 'multiarray failed'),
        ('raise AttributeError("_ARRAY_API not found")', '', '_ARRAY_API not found'),
        ('raise SystemError("initialization failed")', '', 'SystemError: initialization failed'),
        ('raise SystemExit(3)', '', 'SystemExit: 3'),
        ('import os; os.abort()', '', 'it crashes, by SIGABRT in a trial'),
        ('import os; os._exit(7)', '', 'a trial ended with 7'),
        ('', 'del CvBridge', "cannot import name 'CvBridge'"),
        ('', 'del _CODES["bgr"]', 'bgr8 comes out as another image'),
        ('', 'CvBridge.imgmsg_to_cv2 = lambda *_: None', 'rgb8 comes out as another image'),
        (
            '',
            'import types\n'
            'convert = CvBridge.imgmsg_to_cv2\n'
            'def tight(self, one, wanted):\n'
            '    width = {key: getattr(one, key) for key in ("height", "width", "encoding")}\n'
            '    step = one.width * _type(one.encoding)[0]\n'
            '    rest = dict(data=one.data, is_bigendian=0, step=step)\n'
            '    return convert(self, types.SimpleNamespace(**width, **rest), wanted)\n'
            'CvBridge.imgmsg_to_cv2 = tight',
            'rgb8 with padded rows comes out as another image',
        ),
    ],
)
def test_one_that_is_broken_is_not_used(
    install: Install, before: str, after: str, reason: str
) -> None:
    install(before, after)
    converter = chosen()
    assert re.match(rf'own: cv_bridge cannot be used \(.*({reason})', converter.description)
    message = noise('bgr8')
    np.testing.assert_array_equal(converter(message), colours_from_raw(message))


def test_one_that_hangs_is_given_up(install: Install) -> None:
    install('import time; time.sleep(600)')
    converter = chosen(seconds=0.5)
    assert converter.description == (
        'own: cv_bridge cannot be used (it hangs, for more than 0.5 s in a trial)'
    )


def test_a_trial_ends_with_the_node(install: Install) -> None:
    install('import time; time.sleep(600)')
    converter = ImageConverter('auto')
    thread = threading.Thread(target=converter.choose)
    thread.start()
    while converter._trial is None:
        thread.join(0.01)
        assert thread.is_alive()
    converter.close()
    thread.join(LONG)
    assert not thread.is_alive()
    assert converter.description == 'own: cv_bridge cannot be used (stopped)'
    converter.choose()
    assert converter.description == 'own: cv_bridge cannot be used (stopped)'


def test_what_imports_print_does_no_harm(install: Install) -> None:
    install('print("[1, 2]"); import sys; sys.stderr.write("warning\\n")')
    assert chosen().description.startswith('cv_bridge: ')


def test_ours_is_used_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'cv_bridge', None)
    assert chosen().description == 'own: cv_bridge cannot be used (not installed)'
    with pytest.raises(MissingDependencyError, match=r'image_conversion is .* not installed'):
        chosen('cv_bridge')


def test_it_can_be_demanded_or_left_out(install: Install) -> None:
    install()
    assert chosen('cv_bridge').description.startswith('cv_bridge: ')
    own = chosen('own')
    assert own.description == 'own: image_conversion says so'
    own(noise('bgr8'))
    assert calls(own) == []
    install('raise ImportError("no")')
    with pytest.raises(MissingDependencyError, match='ImportError: no; auto and own do without'):
        chosen('cv_bridge')
