# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Pages get what the node sends: each answer once, carried boxes with their image."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
import json
from typing import Any

from builtin_interfaces.msg import Time
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground
from std_msgs.msg import Header

from kosmos_ros.core.types import Task
from kosmos_ros.watch.clients import Client
from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.pictures import JpegPicture
from kosmos_ros.watch.questions import MAX_PER_PAGE
from kosmos_ros.watch.states import NodeState

READY = NodeState('ready', 'Ready.')
ABSENT = NodeState('absent', 'No grounding node answers at /grounding.')


class FakeRobot:
    """Keeps what the hub wants of ROS."""

    def __init__(self) -> None:
        self.looked: list[tuple[str, ...]] = []
        self.asked: list[tuple[Ground.Request, Callable[[Ground.Response], None]]] = []

    def look(self, cameras: tuple[str, ...]) -> None:
        self.looked.append(cameras)

    def ask(self, request: Ground.Request, on_response: Callable[[Ground.Response], None]) -> None:
        self.asked.append((request, on_response))


class Page(Client):
    """A page that keeps what it is sent."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(give_up=lambda: None)
        self.hub = hub
        self.received: list[dict[str, Any]] = []
        self.offered: list[tuple[int, object]] = []
        hub.join(self)

    def send(self, message: str) -> None:
        self.received.append(json.loads(message))

    def offer(self, picture: JpegPicture, tracks: dict[str, Any] | None = None) -> None:
        if picture.camera in self.cameras:
            self.offered.append((picture.stamp, tracks and tracks['text']))

    def do(self, kind: str, /, **fields: Any) -> None:
        self.hub.receive(self, json.dumps({'v': 1, 'type': kind, **fields}))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.received if one['type'] == kind]


def run(scenario: Callable[[Hub, FakeRobot, Page], Coroutine[Any, Any, None]]) -> None:
    """Run a scenario with a page that looks at the camera 'front' of a node that is ready."""

    async def main() -> None:
        hub, robot = Hub('/grounding'), FakeRobot()
        hub.connect(robot)
        page = Page(hub)
        hub.on_state(READY, {'front': '/front'})
        page.do('look', cameras=['front'])
        await scenario(hub, robot, page)

    asyncio.run(main())


async def settle() -> None:
    """Let everything that waits for nothing come to its end."""
    for _ in range(10):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object]) -> None:
    for _ in range(6000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError('it did not come to pass within 30 s')


def grounding(stamp: int, identity: str = '', **fields: Any) -> Grounding:
    header = Header(stamp=Time(nanosec=stamp))
    return Grounding(header=header, id=identity, camera='front', **fields)


def picture(stamp: int, camera: str = 'front') -> JpegPicture:
    return JpegPicture(camera, stamp, 4, 4, b'jpeg')


def test_an_answer_has_the_picture_that_it_is_about() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        for stamp in (1, 2, 3):
            hub.on_picture(picture(stamp))
        hub.on_answer(grounding(2, 'a', query='the mug'))
        await settle()
        (message,) = page.of('answer')
        assert message['entry']['picture'] == {'width': 4, 'height': 4}
        entry = hub.history.get(message['entry']['number'])
        assert entry is not None
        assert entry.picture is not None
        assert entry.picture.stamp == 2

    run(scenario)


def test_an_answer_that_overtakes_its_image_waits_for_it() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        hub.on_answer(grounding(2, 'a'))
        await settle()
        assert not page.of('answer')
        hub.on_picture(picture(2))
        await settle()
        assert page.of('answer')[0]['entry']['picture']

    run(scenario)


def test_an_answer_about_an_unseen_camera_says_so() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        page.do('look', cameras=[])
        hub.on_answer(grounding(2, 'a'))
        await until(lambda: page.of('answer'))
        entry = page.of('answer')[0]['entry']
        assert entry['picture'] is None
        assert 'did not arrive' in entry['note']

    run(scenario)


def test_a_question_is_answered_once_whatever_way_the_answer_takes() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        other = Page(hub)
        hub.on_picture(picture(2))
        for first in ('service', 'topic'):
            page.received.clear()
            page.do('ask', ask=5, query=f'the mug, {first} first', camera='front')
            request, respond = robot.asked.pop()
            answer = grounding(2, request.id, query=request.query)
            response = Ground.Response(success=True, grounding=answer)
            ways = [(respond, response), (hub.on_answer, answer)]
            for way, message in ways if first == 'service' else reversed(ways):
                way(message)
            await settle()
            (shown,) = page.of('answer')
            (answered,) = page.of('answered')
            assert answered == {
                'v': 1,
                'type': 'answered',
                'ask': 5,
                'entries': [shown['entry']['number']],
            }
            assert shown['entry']['asked_here']
        assert len(other.of('answer')) == 2
        assert not other.of('answered')

    run(scenario)


def test_a_question_goes_to_the_node_as_it_was_asked() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        region = {'x': 1, 'y': 2, 'width': 3, 'height': 4}
        page.do('ask', ask=1, task='ASK', query='what?', camera='front', region=region)
        request, _ = robot.asked[0]
        assert (request.task, request.query, request.camera) == (4, 'what?', 'front')
        assert (request.region.x_offset, request.region.y_offset) == (1, 2)
        assert (request.region.width, request.region.height) == (3, 4)
        assert request.timeout.sec > 0

    run(scenario)


def test_answers_about_all_cameras_belong_together() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        page.do('ask', ask=1, query='the mug', camera='*')
        request, respond = robot.asked[0]
        answers = [grounding(0, request.id, query='the mug') for _ in range(2)]
        answers[1].camera = 'wrist'
        hub.on_answer(answers[0])
        await settle()
        assert not page.of('answered')
        respond(Ground.Response(grounding=answers[1], groundings=answers))
        await until(lambda: page.of('answered'))
        assert len(page.of('answered')[0]['entries']) == 2
        assert all(one['entry']['asked_here'] for one in page.of('answer'))
        page.do('ask', ask=2, camera='*', region={'x': 0, 'y': 0, 'width': 9, 'height': 9})
        assert 'one camera' in page.of('refused')[0]['message']

    run(scenario)


def test_carried_boxes_are_shown_on_their_image_only() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        hub.on_picture(picture(1))
        hub.on_picture(picture(2))
        hub.on_tracks(grounding(1, text='to 1'))
        await settle()
        hub.on_picture(picture(3))  # its boxes are still to come
        hub.on_tracks(grounding(3, text='to 3'))
        await settle()
        assert page.offered == [(1, None), (2, None), (1, 'to 1'), (3, 'to 3')]

    run(scenario)


def test_frames_go_on_when_boxes_are_carried_no_more() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        hub.on_picture(picture(1))
        hub.on_tracks(grounding(1, text='to 1'))
        await settle()

        def comes() -> bool:
            hub.on_picture(picture(2))
            return (2, None) in page.offered

        await until(comes)

    run(scenario)


def test_only_what_some_page_looks_at_is_brought() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        other = Page(hub)
        other.do('look', cameras=['wrist', 'front'])
        page.do('look', cameras=[])
        hub.leave(other)
        assert robot.looked == [('front',), ('front', 'wrist'), ()]

    run(scenario)


def test_nonsense_is_answered_and_nothing_is_lost() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        hub.receive(page, '{"v": 1, "type": "ask", "ask": 3, "query": 7}')
        assert page.of('refused')[0]['ask'] == 3
        assert not robot.asked
        page.do('ask', ask=4, query='the mug')
        assert len(robot.asked) == 1

    run(scenario)


def test_a_page_may_not_ask_without_end() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        for number in range(MAX_PER_PAGE + 1):
            page.do('ask', ask=number, query='the mug')
        assert len(robot.asked) == MAX_PER_PAGE
        assert page.of('refused')[0]['ask'] == MAX_PER_PAGE
        request, respond = robot.asked[0]
        respond(Ground.Response(grounding=grounding(0, request.id)))
        page.do('ask', ask=99, query='the mug')
        assert len(robot.asked) == MAX_PER_PAGE + 1

    run(scenario)


def test_questions_to_a_node_that_goes_away_are_given_up() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        page.do('ask', ask=1, query='the mug')
        hub.on_state(ABSENT, {})
        (refused,) = page.of('refused')
        assert refused['ask'] == 1
        assert ABSENT.sentence in refused['message']
        page.do('ask', ask=2, query='the mug')
        assert 'Nothing was asked' in page.of('refused')[1]['message']
        assert len(robot.asked) == 1

    run(scenario)


def test_states_are_told_when_they_change_and_to_who_joins() -> None:
    async def scenario(hub: Hub, robot: FakeRobot, page: Page) -> None:
        count = len(page.of('state'))
        hub.on_state(READY, {'front': '/front'})
        assert len(page.of('state')) == count
        late = Page(hub)
        tasks = {task['name']: task for task in late.of('hello')[0]['tasks']}
        assert list(tasks) == [task.name for task in Task]
        assert tasks['AUTO']['example'] == tasks['LOCATE']['example'] == 'the red mug; the bowl'
        assert (tasks['IDENTIFY']['unsaid'], tasks['IDENTIFY']['needs_region']) == (
            'the region',
            True,
        )
        assert late.of('state')[0]['cameras'] == [{'name': 'front', 'topic': '/front'}]

    run(scenario)
