# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Images that are asked about, and the parts of them that a model is shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from kosmos_ros.core.geometry import fit_region, region_to_box, uncrop
from kosmos_ros.core.images.images import check_image, crop, RgbImage
from kosmos_ros.core.images.turning import check_rotation, turn_image, turn_region, turn_size
from kosmos_ros.core.types import Box, Region


class Picture(ABC):
    """An image whose pixels are made only when needed."""

    @property
    @abstractmethod
    def width(self) -> int:
        """
        Width in pixels.

        :raises InvalidImageError: if the image turns out to be unusable.
        """

    @property
    @abstractmethod
    def height(self) -> int:
        """
        Height in pixels.

        :raises InvalidImageError: if the image turns out to be unusable.
        """

    @abstractmethod
    def pixels(self) -> RgbImage:
        """
        Return the image.

        :returns: (H, W, 3) uint8 RGB, any strides; the same memory at each call, not to be
            written to.
        :raises InvalidImageError: if the image turns out to be unusable.
        """


class ArrayPicture(Picture):
    """
    A picture made of an array.

    :param image: (H, W, 3) uint8 RGB, any strides; not copied.
    :raises InvalidImageError: if it is no such image.
    """

    def __init__(self, image: object) -> None:
        self._image = check_image(image)
        self._height: int = self._image.shape[0]
        self._width: int = self._image.shape[1]

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self._width

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self._height

    def pixels(self) -> RgbImage:
        """Return the image."""
        return self._image


class TurnedPicture(Picture):
    """
    Another picture, turned clockwise.

    :param rotation: in degrees, as in ``turning``.
    """

    def __init__(self, picture: Picture, rotation: int) -> None:
        self._picture = picture
        self._rotation = rotation

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self._size()[0]

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self._size()[1]

    def pixels(self) -> RgbImage:
        """Return the image."""
        return turn_image(self._picture.pixels(), self._rotation)

    def _size(self) -> tuple[int, int]:
        return turn_size(self._picture.width, self._picture.height, self._rotation)


@dataclass(frozen=True)
class FrameKey:
    """
    Identity of an image; equal keys mean equal images.

    ``camera`` is empty for images that came with their request. ``stamp_ns`` is its stamp; as
    stamps may repeat, as when time is reset, ``serial`` is a number that no other image of this
    process has, or a digest of the image. ``rotation`` is how far it was turned since.
    """

    camera: str
    stamp_ns: int
    serial: int
    rotation: int = 0


@dataclass(frozen=True)
class View:
    """
    A picture to be asked about; with ``source`` None it is not kept for later questions.

    ``rotation`` is how many degrees it has to be turned clockwise to be upright, see ``turning``.
    """

    picture: Picture
    source: FrameKey | None = None
    rotation: int = 0

    def __post_init__(self) -> None:
        """Reject a wrong rotation."""
        check_rotation(self.rotation)

    def upright(self) -> View:
        """Return the view turned upright."""
        if not self.rotation:
            return self
        source = self.source and replace(self.source, rotation=self.rotation)
        return View(TurnedPicture(self.picture, self.rotation), source)


@dataclass(frozen=True)
class Cutout:
    """A region of an upright view, or all of it (None), to show to the model."""

    view: View
    region: Region | None = None

    @classmethod
    def of(cls, view: View, region: Region | None) -> Cutout:
        """
        Cut a region out, clamped to the picture.

        :param region: in pixels of the view's picture as it is, not as it is turned.
        :raises InvalidImageError: if the size of the picture is unknown.
        :raises InvalidRegionError: if the region lies outside the picture.
        """
        width, height = view.picture.width, view.picture.height
        if region is None:
            return cls(view.upright())
        fitted = fit_region(region, width, height)
        return cls(view.upright(), turn_region(fitted, width, height, view.rotation))

    def whole(self) -> Cutout:
        """Return all of the view."""
        return Cutout(self.view)

    def size(self) -> tuple[int, int]:
        """Return its width and height in pixels."""
        one = self.region or self.view.picture
        return one.width, one.height

    def part(self, region: Region | None) -> Cutout:
        """Return a region of the cutout, in its pixels; None: all of it."""
        if region is None or self.region is None:
            return Cutout(self.view, region or self.region)
        return Cutout(
            self.view, replace(region, x=region.x + self.region.x, y=region.y + self.region.y)
        )

    def box(self) -> Box:
        """Return where it is in the picture, normalised."""
        if self.region is None:
            return Box(0.0, 0.0, 1.0, 1.0)
        return region_to_box(self.region, self.view.picture.width, self.view.picture.height)

    def onto_picture(self, box: Box) -> Box:
        """Map a box normalised to the cutout onto the picture."""
        if self.region is None:
            return box
        return uncrop(box, self.region, self.view.picture.width, self.view.picture.height)

    def pixels(self) -> RgbImage:
        """
        Return what the model is shown.

        :returns: (h, w, 3) uint8 RGB, any strides.
        :raises InvalidImageError: if the picture turns out to be unusable.
        """
        pixels = self.view.picture.pixels()
        return pixels if self.region is None else crop(pixels, self.region)
