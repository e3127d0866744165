# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The answers about one camera, carried to its newest image, as messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kosmos_ros_msgs.msg import Grounding as GroundingMessage

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Grounding
from kosmos_ros.ros.answering.question import Answer
from kosmos_ros.ros.answering.standing_query import STANDING_ID
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.conversions.values import grounding_to_ros
from kosmos_ros.tracking.carried_boxes import Track
from kosmos_ros.tracking.tracker import BoxTracker

_ASKED = 'asked'


@dataclass
class _Carried:
    """An answer that is carried; ``end_sent``: the message that no boxes are left was sent."""

    grounding: Grounding
    id: str
    answered: Frame
    end_sent: bool = False


class CameraTracks:
    """
    Carries the newest answer to the standing query and the newest one to anybody else.

    Used by one thread.
    """

    def __init__(self) -> None:
        self._tracker = BoxTracker()
        self._carried: dict[str, _Carried] = {}
        self._newest_stamp = 0
        self._oldest_serial = 0
        self.is_busy = False
        """Whether there are boxes to carry."""

    def answer(self, answer: Answer) -> None:
        """
        Carry the boxes of an answer from now on.

        Does nothing with one about an image from before time was set back.

        :raises InvalidImageError: if its image turns out to be unusable.
        """
        frame = answer.picture
        if not isinstance(frame, Frame) or frame.serial < self._oldest_serial:
            return
        name = STANDING_ID if answer.id == STANDING_ID else _ASKED
        boxes = answer.grounding.detections
        self._tracker.answer(name, frame.serial, frame.pixels(), boxes)
        self._carried[name] = _Carried(answer.grounding, answer.id, frame)

    def see(self, frame: Frame) -> None:
        """
        Carry all boxes to the newest image.

        :raises InvalidImageError: if it turns out to be unusable.
        """
        pixels: RgbImage = frame.pixels()
        if frame.stamp_ns < self._newest_stamp:
            self.clear()
            self._oldest_serial = frame.serial
        self._newest_stamp = frame.stamp_ns
        self._tracker.see(frame.serial, pixels)

    def messages(
        self, frame: Frame, camera: str, ros_now_ns: int, *, simulated: bool = False
    ) -> Iterator[GroundingMessage]:
        """
        Return the boxes in the newest image as messages.

        An answer without boxes left is reported once.

        :param ros_now_ns: now on the ROS clock.
        :param simulated: whether that clock follows a simulation.
        """
        self.is_busy = False
        for name, carried in self._carried.items():
            tracks = self._tracker.tracks(name)
            self.is_busy |= bool(tracks)
            if tracks or not carried.end_sent:
                carried.end_sent = not tracks
                message = grounding_to_ros(
                    moved(carried.grounding, tracks),
                    frame.message.header,
                    id=carried.id,
                    camera=camera,
                    image_age=frame.age(ros_now_ns, simulated=simulated),
                )
                message.carried = frame.serial != carried.answered.serial
                message.answered_stamp = carried.answered.message.header.stamp
                yield message

    def clear(self) -> None:
        """Forget everything."""
        self._tracker.clear()
        self._carried.clear()
        self._newest_stamp = 0
        self.is_busy = False


def moved(grounding: Grounding, tracks: Sequence[Track]) -> Grounding:
    """
    Return an answer with its boxes where the tracks are, and without those that are lost.

    Scores stay those of the answer, and ids are those of the tracks. Alternatives are left out, as
    they were not carried, and so are the looks, which were at another image.
    """
    found = grounding.detections
    places = {track.index: place for place, track in enumerate(tracks)}
    lost = len(found) - len(tracks)
    loss = f'{lost} of {len(found)} boxes are lost' if lost else ''
    return replace(
        grounding,
        status_message='; '.join(filter(None, (grounding.status_message, loss))),
        detections=tuple(replace(found[one.index], box=one.box, id=one.id) for one in tracks),
        phrases=tuple(
            replace(
                phrase,
                detections=tuple(places[index] for index in phrase.detections if index in places),
                alternatives=(),
            )
            for phrase in grounding.phrases
        ),
        looks=(),
        looks_wanted=0,
    )
