# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The centre of the pages: images, answers, states, questions.

All of it belongs to the event loop; ``Inbox`` brings events from the ROS thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
import time
from typing import Any, Protocol

from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground

from kosmos_ros.core.language.auto_task import MAX_QUERY_LENGTH
from kosmos_ros.core.tasks.table import AUTO_EXAMPLE, AUTO_HINT, TABLE
from kosmos_ros.core.types import Region, Task
from kosmos_ros.parameters.camera_settings import ALL_CAMERAS
from kosmos_ros.ros.conversions.values import time_from_ros
from kosmos_ros.watch.answers import answer_as_data
from kosmos_ros.watch.clients import Client
from kosmos_ros.watch.history import Entry, History
from kosmos_ros.watch.pictures import Album, JpegPicture
from kosmos_ros.watch.protocol import encode, Look, PageQuestion, parse, ProtocolError, Shown
from kosmos_ros.watch.questions import Questions
from kosmos_ros.watch.states import NodeState

_PICTURE_SECONDS = 0.5
"""How long an answer waits for an image that it may have overtaken."""

_TRACKS_SECONDS = 0.5
"""After carried boxes, frames without boxes are held back for so long."""


class Robot(Protocol):
    """The ROS side, as far as the hub uses it."""

    def look(self, cameras: tuple[str, ...]) -> None:
        """Bring images of these cameras."""

    def ask(self, request: Ground.Request, on_response: Callable[[Ground.Response], None]) -> None:
        """Ask the node."""


class Hub:
    """
    Serves all pages.

    :param node: full name of the grounding node, for messages.
    """

    def __init__(self, node: str) -> None:
        self.history = History()
        self._node = node
        self._robot: Robot | None = None
        self._album = Album()
        self._questions = Questions()
        self._clients: set[Client] = set()
        self._looked_at: tuple[str, ...] = ()
        self._state = NodeState('absent', f'No grounding node answers at {node}.')
        self._cameras: dict[str, str] = {}
        self._tracked: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def connect(self, robot: Robot) -> None:
        """Set the ROS side."""
        self._robot = robot

    # Pages

    def join(self, client: Client) -> None:
        """Send a new page everything that is known."""
        self._clients.add(client)
        client.tell(
            'hello',
            node=self._node,
            tasks=_tasks(),
            max_query=MAX_QUERY_LENGTH,
            may_ask=client.may_ask,
            history=[entry.as_data() for entry in self.history.entries()],
        )
        client.send(self._state_message())

    def leave(self, client: Client) -> None:
        """Forget a page that is gone."""
        self._clients.discard(client)
        self._update_looked_at()

    def receive(self, client: Client, text: str) -> None:
        """Handle a message of a page, or report why not."""
        try:
            wanted = parse(text)
            if isinstance(wanted, Shown):
                client.shown(wanted.camera)
            elif isinstance(wanted, Look):
                client.look(wanted.cameras)
                self._update_looked_at()
            else:
                self._ask(client, wanted)
        except ProtocolError as error:
            client.tell('refused', ask=error.ask, message=str(error))

    def _ask(self, client: Client, ask: PageQuestion) -> None:
        if not client.may_ask:
            raise ProtocolError('The address of this page is for looking only.', ask.number)
        if self._robot is None or self._state.kind == 'absent':
            raise ProtocolError(f'{self._state.sentence} Nothing was asked.', ask.number)
        if ask.region is not None and ask.camera == ALL_CAMERAS:
            raise ProtocolError('A region belongs to one camera: choose one.', ask.number)
        key, request = self._questions.add(client, ask)
        self._robot.ask(request, lambda response: self.on_response(key, response))

    def _update_looked_at(self) -> None:
        looked_at = tuple(sorted({name for one in self._clients for name in one.cameras}))
        if looked_at == self._looked_at:
            return
        for camera in set(self._looked_at) - set(looked_at):
            self._album.forget(camera)
        self._looked_at = looked_at
        if self._robot is not None:
            self._robot.look(looked_at)

    # What the ROS side hears

    def on_picture(self, picture: JpegPicture) -> None:
        """Show an image, unless carried boxes for it or the next one will."""
        self._album.add(picture)
        tracked = self._tracked.get(picture.camera)
        if tracked is None or time.monotonic() - tracked > _TRACKS_SECONDS:
            self._offer(picture, None)

    def on_tracks(self, message: Grounding) -> None:
        """Show carried boxes on the image that they were carried to."""
        if message.camera in self._looked_at:
            self._start(self._show_tracks(message))

    def on_answer(self, message: Grounding) -> None:
        """Show an answer to any question."""
        waiting = self._questions.get(message.id)
        if waiting is None or waiting.ask.camera == ALL_CAMERAS:
            self._start(self._show_answer(message, self._questions.asked(message.id)))
        else:  # also if the response is lost, which may happen to a first call
            self._questions.close(message.id)
            self._start(self._show_answers([message], waiting.client, waiting.ask))

    def on_response(self, key: str, response: Ground.Response) -> None:
        """Show the answer to a page's question, or why there is none."""
        waiting = self._questions.close(key)
        if waiting is not None:
            messages = list(response.groundings) or [response.grounding]
            self._start(self._show_answers(messages, waiting.client, waiting.ask))

    def on_state(self, state: NodeState, cameras: Mapping[str, str]) -> None:
        """Show the node's state; give up questions that it will not answer any more."""
        lost = self._questions.close_all() if state.kind == 'absent' else []
        for waiting in lost + self._questions.close_overdue():
            message = f'There was no answer to {waiting.ask.query!r}. {state.sentence}'
            waiting.client.tell('refused', ask=waiting.ask.number, message=message)
        if (state, cameras) != (self._state, self._cameras):
            self._state, self._cameras = state, dict(cameras)
            self._send_all(self._state_message())

    # Showing

    async def _show_tracks(self, message: Grounding) -> None:
        stamp = time_from_ros(message.header.stamp)
        picture = await self._album.find_soon(message.camera, stamp, _TRACKS_SECONDS)
        if picture is not None:
            self._tracked[message.camera] = time.monotonic()
            self._offer(picture, answer_as_data(message))

    async def _show_answers(
        self, messages: list[Grounding], client: Client, ask: PageQuestion
    ) -> None:
        entries = [await self._show_answer(message, ask) for message in messages]
        if client in self._clients:
            client.tell('answered', ask=ask.number, entries=[one.number for one in entries])

    async def _show_answer(self, message: Grounding, ask: PageQuestion | None) -> Entry:
        answer = answer_as_data(message)
        if known := self.history.knows(answer):
            return known
        picture, note = await self._picture_of(message)
        # The same answer may have arrived the other way meanwhile.
        if known := self.history.knows(answer):
            return known
        region: Region | None = ask.region if ask else None
        entry, replaced = self.history.add(answer, picture, note, region, ask is not None)
        self._send_all(encode('answer', entry=entry.as_data(), replaces=replaced))
        return entry

    async def _picture_of(self, message: Grounding) -> tuple[JpegPicture | None, str]:
        stamp = time_from_ros(message.header.stamp)
        if not stamp:
            return None, 'There is no image that this is about.'
        seconds = _PICTURE_SECONDS if message.camera in self._looked_at else 0.0
        picture = await self._album.find_soon(message.camera, stamp, seconds)
        return picture, '' if picture else 'Its image did not arrive here, or is no longer kept.'

    def _offer(self, picture: JpegPicture, tracks: dict[str, Any] | None) -> None:
        for client in self._clients:
            client.offer(picture, tracks)

    def _state_message(self) -> str:
        state = self._state
        return encode(
            'state',
            kind=state.kind,
            sentence=state.sentence,
            statuses=state.statuses,
            cameras=[{'name': name, 'topic': topic} for name, topic in self._cameras.items()],
        )

    def _send_all(self, message: str) -> None:
        for client in self._clients:
            client.send(message)

    def _start(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)  # the event loop itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)


def _tasks() -> list[dict[str, Any]]:
    """Return what a page says about each task."""
    auto = {'name': Task.AUTO.name, 'example': AUTO_EXAMPLE, 'hint': AUTO_HINT}
    rows = [
        {
            'name': task.name,
            'example': row.example,
            'hint': row.hint,
            'unsaid': row.unsaid,
            'needs_region': row.needs_region,
        }
        for task, row in TABLE.items()
    ]
    return [auto, *rows]
