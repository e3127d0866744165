# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.model.frame_cache``: counted, not timed."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend, ScriptedFrame
from kosmos_ros.core.errors import GroundingStoppedError, InvalidRequestError, ModelError
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.views import Cutout, FrameKey, Picture, View
from kosmos_ros.core.model.frame_cache import FrameCache, FrameUse, key_of_content
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.types import Box, GroundingRequest, Region, Status

CUBE = Box(0.1, 0.1, 0.3, 0.3)
LEFT = Region(0, 0, 32, 48)


def scripted(**options: object) -> ScriptedBackend:
    return ScriptedBackend({'a': located('a', CUBE), 'b': located('b', CUBE)}, **options)


class CountedPicture(Picture):
    """A grey picture that counts how often its pixels are wanted."""

    def __init__(self, grey: int = 0) -> None:
        self.wanted = 0
        self._image = np.full((48, 64, 3), grey, np.uint8)

    @property
    def width(self) -> int:
        return 64

    @property
    def height(self) -> int:
        return 48

    def pixels(self) -> RgbImage:
        self.wanted += 1
        return self._image


def key(serial: int, camera: str = 'front', stamp_ns: int = 7) -> FrameKey:
    return FrameKey(camera, stamp_ns, serial)


def cutout(serial: int | None = None, region: Region | None = None) -> Cutout:
    source = None if serial is None else key(serial)
    return Cutout.of(View(CountedPicture(serial or 0), source), region)


def greys(frames: Sequence[object]) -> list[int]:
    """Tell frames from each other by the grey of their pixels."""
    return [frame.image[0, 0, 0] for frame in frames if isinstance(frame, ScriptedFrame)]


def test_what_is_held_is_not_encoded_again() -> None:
    backend, cache = scripted(), FrameCache(4)
    (first,) = cache.encode(backend, [cutout(1)])
    again = cutout(1)
    assert cache.encode(backend, [again]) == (first,)
    assert len(backend.calls.encoded) == 1
    assert again.view.picture.wanted == 0
    assert cache.use() == FrameUse(held=1, nbytes=48 * 64 * 3, encoded=1, reused=1)


@pytest.mark.parametrize('other', [key(2), key(1, camera='rear'), key(1, stamp_ns=8)])
def test_camera_stamp_and_serial_tell_images_apart(other: FrameKey) -> None:
    backend, cache = scripted(), FrameCache(4)
    cache.encode(backend, [cutout(1)])
    cache.encode(backend, [Cutout(View(CountedPicture(9), other))])
    assert (cache.encoded, cache.reused) == (2, 0)


def test_a_region_is_a_frame_of_its_own() -> None:
    backend, cache = scripted(), FrameCache(4)
    for region in (None, LEFT, None, LEFT):
        cache.encode(backend, [cutout(1, region)])
    assert backend.calls.encoded == [(48, 64, 3), (48, 32, 3)]
    assert cache.reused == 2


def test_only_what_is_missing_is_encoded_and_together() -> None:
    backend, cache = scripted(), FrameCache(4)
    calls = []
    encode = backend.encode
    backend.encode = lambda images: calls.append(len(images)) or encode(images)
    cache.encode(backend, [cutout(2)])
    frames = cache.encode(backend, [cutout(1), cutout(2), cutout(3), cutout(1), cutout()])
    assert greys(frames) == [1, 2, 3, 1, 0]
    assert calls == [1, 3]
    assert (cache.encoded, cache.reused) == (4, 2)


def test_the_frame_not_asked_about_for_longest_goes() -> None:
    backend, cache = scripted(), FrameCache(2)
    for serial in (1, 2, 1, 3, 1, 2):
        cache.encode(backend, [cutout(serial)])
    # 3 pushed 2 out, as 1 had been asked about since.
    assert cache.encoded == 4
    assert cache.use().held == 2


def test_more_views_than_places_are_all_answered() -> None:
    cache = FrameCache(1)
    assert greys(cache.encode(scripted(), [cutout(1), cutout(2), cutout(3)])) == [1, 2, 3]
    assert cache.use().held == 1


def test_without_places_or_source_nothing_is_kept() -> None:
    backend = scripted()
    for cache, one in ((FrameCache(0), cutout(1)), (FrameCache(4), cutout())):
        cache.encode(backend, [one])
        cache.encode(backend, [one])
        assert cache.use() == FrameUse(held=0, nbytes=0, encoded=2, reused=0)
    assert FrameCache(1).is_enabled
    assert not FrameCache(0).is_enabled


def test_bytes_are_counted_at_this_moment() -> None:
    class Growing:
        nbytes = 5

    class Backend:
        def encode(self, images: Sequence[RgbImage]) -> tuple[Growing, ...]:
            return tuple(Growing() for _ in images)

    cache = FrameCache(4)
    first, _ = cache.encode(Backend(), [cutout(1), cutout(2)])
    assert cache.use().nbytes == 10
    first.nbytes = 100
    assert cache.use().nbytes == 105
    cache.clear()
    assert cache.use()[:2] == (0, 0)


def test_content_makes_a_key() -> None:
    data = array('B', range(200))
    assert key_of_content(data, 10, 20) == key_of_content(bytes(data), 10, 20)
    others = [key_of_content(data, 20, 10), key_of_content(data, 10, 20, 'bgr8')]
    data[77] ^= 1
    others.append(key_of_content(data, 10, 20))
    assert len({key_of_content(bytes(range(200)), 10, 20), *others}) == 4


class TestInAGrounder:
    def test_many_questions_about_one_image_take_one_encoding(self) -> None:
        backend, picture = scripted(generated=lambda _: ' a table.'), CountedPicture()
        grounder = Grounder(backend)
        for query in ('a', 'b', 'a; b', '', 'what is this?'):
            answer = grounder.ground(picture, GroundingRequest(query), source=key(1))
            assert answer.status is Status.FOUND
        assert backend.calls.encoded == [(48, 64, 3)]
        assert picture.wanted == 1
        for _ in range(2):
            grounder.ground(picture, GroundingRequest('a', region=LEFT), source=key(1))
        assert backend.calls.encoded == [(48, 64, 3), (48, 32, 3)]
        assert (grounder.frames.encoded, grounder.frames.reused) == (2, 5)

    def test_regions_that_are_clamped_to_the_same_are_the_same(self) -> None:
        backend, grounder = (backend := scripted()), Grounder(backend)
        for width in (32, 900):
            region = Region(32, 0, width, 48)
            grounder.ground(CountedPicture(), GroundingRequest('a', region=region), source=key(1))
        assert len(backend.calls.encoded) == 1

    def test_a_region_that_is_pointed_at_shares_the_whole_image(self) -> None:
        backend = scripted(generated=lambda _: ' a cube.')
        grounder = Grounder(backend)
        for region in (LEFT, Region(32, 0, 32, 48)):
            grounder.ground(CountedPicture(), GroundingRequest(region=region), source=key(1))
        assert backend.calls.encoded == [(48, 64, 3)]

    def test_grounders_can_share_frames(self) -> None:
        backend, frames = scripted(), FrameCache(4)
        for _ in range(3):
            grounder = Grounder(backend, GrounderSettings(max_boxes=1), frames)
            grounder.ground(CountedPicture(), GroundingRequest('a'), source=key(1))
        assert len(backend.calls.encoded) == 1

    def test_the_setting_switches_it_off(self) -> None:
        backend = scripted()
        grounder = Grounder(backend, GrounderSettings(max_cached_frames=0))
        for _ in range(2):
            grounder.ground(CountedPicture(), GroundingRequest('a'), source=key(1))
        assert len(backend.calls.encoded) == 2

    @pytest.mark.parametrize(
        ('error', 'held'),
        [
            (ModelError('out of memory'), 0),
            (ZeroDivisionError(), 0),
            (GroundingStoppedError('cancelled'), 2),
            (InvalidRequestError('not so'), 2),
        ],
    )
    def test_frames_do_not_outlive_a_failure_of_the_model(
        self, error: Exception, held: int
    ) -> None:
        backend = scripted()
        grounder = Grounder(backend)
        grounder.ground(CountedPicture(), GroundingRequest('a'), source=key(1))
        backend.locate = _raising(error)
        with pytest.raises(type(error)):
            grounder.ground(CountedPicture(), GroundingRequest('a'), source=key(2))
        assert grounder.frames.use().held == held


def _raising(error: Exception):
    def locate(*_: object) -> None:
        raise error

    return locate
