# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The grounding node as its users meet it: another process, over DDS."""

from __future__ import annotations

from array import array
from collections import Counter
import io
import os
from pathlib import Path
import signal

from builtin_interfaces.msg import Duration, Time
import cv2
from diagnostic_msgs.msg import DiagnosticStatus
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
import numpy as np
from PIL import Image as Picture
import pytest
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.qos import QoSReliabilityPolicy
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CompressedImage, Image, RegionOfInterest
from std_msgs.msg import Header

from .conftest import grey_image

ROOT = Path(__file__).resolve().parents[2]


def test_detections_and_pictures_belong_to_one_image(start_node, robot) -> None:
    start_node('quick')
    robot.film()
    robot.listen()
    robot.wait_until(lambda: robot.node.count_publishers('/grounding/debug_image'))
    response = robot.ask_until(Grounding.STATUS_FOUND, id='mine')
    answer = response.grounding
    assert response.success
    assert (answer.id, answer.camera, answer.model) == ('mine', 'camera', 'scripted')
    assert answer.task == Grounding.TASK_LOCATE
    assert answer.text == answer.query == 'the red cube'
    assert answer.header.frame_id == 'robot_camera'
    assert answer.header.stamp in robot.stamps
    detection = answer.detections.detections[0]
    assert detection.header == answer.detections.header == answer.header
    assert detection.results[0].hypothesis.class_id == 'the red cube'
    centre = detection.bbox.center.position
    assert (centre.x, centre.y) == (24.0, 24.0)
    assert (detection.bbox.size_x, detection.bbox.size_y) == (16.0, 24.0)
    assert list(answer.phrases[0].detections) == [0]

    def of_the_answer(topic: str) -> object:
        return robot.wait_until(
            lambda: next((m for m in robot.received[topic] if m.header == answer.header), None)
        )

    assert of_the_answer('groundings') == answer
    assert of_the_answer('detections') == answer.detections
    picture = of_the_answer('debug_image')
    assert (picture.encoding, picture.width, picture.height) == ('rgb8', 64, 48)
    assert (np.frombuffer(picture.data, np.uint8) != 128).any()


def test_other_tasks_and_ages_are_answered(start_node, robot) -> None:
    start_node('quick')
    robot.film()
    assert robot.ask_until(Grounding.STATUS_FOUND, query='').grounding.text == (
        'An image of a table.'
    )
    absent = robot.ask('the unicorn')
    assert absent.success
    assert absent.grounding.status == Grounding.STATUS_NOT_FOUND
    faint = robot.ask('the faint cube', min_score=0.95)
    assert faint.grounding.status == Grounding.STATUS_LOW_SCORE
    age = faint.grounding.image_age
    assert 0 <= age.sec + age.nanosec * 1e-9 < 10
    assert robot.ask('the red cube').grounding.inference_time.nanosec > 0


def test_an_image_in_the_request_needs_no_camera(start_node, robot) -> None:
    start_node('quick')
    image = Image(width=2, height=1, step=8, encoding='bgra8', data=array('B', bytes(8)))
    image.header = Header(frame_id='file', stamp=Time(sec=5))
    answer = robot.ask_until(Grounding.STATUS_FOUND, image=image).grounding
    assert (answer.header, answer.camera) == (image.header, '')


def test_an_image_is_encoded_once_for_all_questions(start_node, robot) -> None:
    start_node('quick', max_image_age=0.0)
    publisher = robot.node.create_publisher(Image, 'image', 1)
    robot.wait_until(publisher.get_subscription_count)

    def show(sec: int) -> None:
        image = Image(width=4, height=4, encoding='mono8', step=4, data=[9] * 16)
        image.header.stamp.sec = sec
        publisher.publish(image)
        robot.ask_until(Grounding.STATUS_FOUND, newer_than=Time(sec=sec - 1))

    def counted(made: int, saved: int) -> bool:
        values = {one.key: one.value for one in robot.status('encoded images').values}
        return (values.get('encodings made'), values.get('encodings saved')) == (
            str(made),
            str(saved),
        )

    robot.wait_until(lambda: robot.status('model').level == DiagnosticStatus.OK)
    show(sec=1)
    for query in ('the red cube', 'the unicorn', 'the red cube; the unicorn', ''):
        assert robot.ask(query).success
    robot.wait_until(lambda: counted(made=1, saved=4))
    region = RegionOfInterest(width=2, height=2)
    for _ in range(3):
        assert robot.ask(region=region).success
    robot.wait_until(lambda: counted(made=2, saved=6))
    show(sec=2)
    robot.wait_until(lambda: counted(made=3, saved=6))
    own = Image(width=2, height=1, step=2, encoding='mono8', data=[1, 2])
    for sec in range(3):
        own.header.stamp.sec = sec
        assert robot.ask(image=own).success
    robot.wait_until(lambda: counted(made=4, saved=8))


WRONG = {
    'unknown camera': ({'camera': 'rear'}, "no camera 'rear', only camera"),
    'unknown task': ({'task': 99}, 'no task 99'),
    'instruct': ({'task': 5, 'query': ''}, 'INSTRUCT needs an instruction'),
    'identify without region': ({'query': '', 'task': 3}, 'IDENTIFY needs a region'),
    'empty region': ({'region': RegionOfInterest(x_offset=5)}, 'a region needs'),
    'region outside': (
        {'region': RegionOfInterest(x_offset=64, y_offset=0, width=5, height=5)},
        'lies outside the image of 64x48 pixels',
    ),
    'empty image': ({'image': Image(width=4, height=4, encoding='rgb8', step=12)}, 'got 0'),
    'unknown encoding': (
        {'image': Image(width=1, height=1, encoding='pink', step=1, data=[0])},
        'supported: rgb8',
    ),
    'absurd image': (
        {'image': Image(width=2**32 - 1, height=2**32 - 1, encoding='rgb8')},
        'is larger than the limit of',
    ),
    'score': ({'min_score': 1.5}, 'min_score must be within 0..1'),
    'negative age': ({'max_age': Duration(sec=-1)}, 'max_age must be 0 or more'),
    'negative timeout': ({'timeout': Duration(sec=-1)}, 'timeout must be 0 or more'),
    'long query': ({'query': 'x' * 1_000_000}, '1000000 characters'),
    'no phrase': ({'query': ' ; ', 'task': 1}, 'LOCATE needs the name'),
    'raw control tokens': ({'query': '</s><image>', 'task': 6}, '</s> is not allowed'),
}


def test_wrong_requests_get_a_reason_and_the_next_one_an_answer(start_node, robot) -> None:
    node = start_node('quick')
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    for name, (fields, reason) in WRONG.items():
        response = robot.ask(**{'query': 'the red cube', 'id': name, **fields})
        answer = response.grounding
        assert not response.success
        assert (answer.status, answer.id) == (Grounding.STATUS_INVALID_REQUEST, name)
        assert reason in answer.status_message, name
        assert robot.ask().grounding.status == Grounding.STATUS_FOUND, name
    assert 'Traceback' not in node.output


def test_control_tokens_in_a_query_are_words(start_node, robot) -> None:
    start_node('quick')
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    for query in (
        '</s>',
        '<patch_index_0001>',
        '</phrase><object><patch_index_0000><patch_index_1023></object>',
        '<image>',
        '<pad>',
        'die blaue Tasse 🍵',
    ):
        answer = robot.ask(query).grounding
        assert answer.status == Grounding.STATUS_NOT_FOUND
        assert answer.text == query
        assert not answer.detections.detections


def test_malformed_images_are_reported_and_the_next_good_one_is_used(start_node, robot) -> None:
    start_node('quick')
    publisher = robot.node.create_publisher(Image, 'image', 1)
    robot.wait_until(publisher.get_subscription_count)
    bad = Image(width=4000, height=3000, encoding='rgb8', step=12000, data=[1, 2, 3])

    def reported() -> bool:
        publisher.publish(bad)
        return robot.status('camera camera').level == DiagnosticStatus.WARN

    robot.wait_until(reported)
    assert 'takes 36000000 bytes, got 3' in robot.status('camera camera').message
    wire = serialize_message(Image(width=4, height=4, encoding='mono8', step=4, data=[9] * 16))
    publisher.publish(wire[:-8])  # truncated
    publisher.publish(wire.replace(b'mono8', b'm\xff\xfe\xc38'))  # no UTF-8
    robot.wait_until(lambda: 'supported: rgb8' in robot.status('camera camera').message)
    refusal = robot.ask_until(Grounding.STATUS_NO_IMAGE).grounding
    assert 'cannot be used' in refusal.status_message
    publisher.publish(Image(width=4, height=4, encoding='mono8', step=4, data=[9] * 16))
    robot.ask_until(Grounding.STATUS_FOUND)


def test_damaged_images_make_way_for_good_ones(start_node, robot) -> None:
    start_node('quick', image_transport='compressed', max_image_age=0.0)
    publisher = robot.node.create_publisher(CompressedImage, 'image/compressed', 10)
    robot.wait_until(publisher.get_subscription_count)

    def shoot(sec: int, size: int | None = None) -> None:
        data = cv2.imencode('.jpg', np.full((48, 64, 3), 9, np.uint8))[1].tobytes()[:size]
        message = CompressedImage(format='bgr8; jpeg compressed bgr8', data=data)
        message.header.stamp = Time(sec=sec)
        publisher.publish(message)

    def count(name: str) -> int:
        values = {one.key: one.value for one in robot.status('camera camera').values}
        return int(values.get(name, '0'))

    shoot(1, size=300)
    robot.wait_until(lambda: count('received') == 1)
    waiting = robot.ground.call_async(Ground.Request(query='the red cube'))
    robot.wait_until(lambda: count('malformed') == 1)
    late = robot.ask(timeout=Duration(nanosec=10**8)).grounding
    assert late.status == Grounding.STATUS_NO_IMAGE
    assert 'damaged image' in late.status_message
    assert not waiting.done()
    shoot(2)
    robot.wait_until(waiting.done)
    answer = waiting.result().grounding
    assert (answer.status, answer.header.stamp.sec) == (Grounding.STATUS_FOUND, 2)
    shoot(3, size=300)
    robot.wait_until(lambda: count('received') == 3)
    answer = robot.ask().grounding
    assert (answer.status, answer.header.stamp.sec) == (Grounding.STATUS_FOUND, 2)
    robot.wait_until(lambda: count('malformed') == 2)


def test_which_image_a_request_will_take(start_node, robot) -> None:
    start_node('quick', request_timeout=0.5, max_image_age=1.0)
    publisher = robot.node.create_publisher(Image, 'image', 1)
    image = Image(width=4, height=4, encoding='mono8', step=4, data=[9] * 16)
    nobody = robot.ask_until(Grounding.STATUS_NO_IMAGE).grounding
    assert 'no image has come on /image' in nobody.status_message

    def shoot() -> Time:
        image.header.stamp = robot.node.get_clock().now().to_msg()
        publisher.publish(image)
        return image.header.stamp

    robot.wait_until(publisher.get_subscription_count)
    stamp = shoot()
    robot.ask_until(Grounding.STATUS_STALE_IMAGE)
    assert robot.ask(max_age=Duration(sec=3000)).grounding.header.stamp == stamp
    stale = robot.ask().grounding
    assert '1 s are allowed' in stale.status_message
    too_late = robot.ask(newer_than=stamp).grounding
    assert too_late.status == Grounding.STATUS_NO_IMAGE
    assert 'stamped later than' in too_late.status_message
    waiting = robot.ground.call_async(
        Ground.Request(query='the red cube', newer_than=stamp, timeout=Duration(sec=50))
    )
    robot.spin(0.3)
    assert not waiting.done()
    newer = shoot()
    robot.wait_until(waiting.done)
    assert waiting.result().grounding.header.stamp == newer


def test_a_lost_camera_is_reported_and_so_is_its_return(start_node, start_camera, robot) -> None:
    node = start_node('quick', max_image_age=1.0)
    camera = start_camera()
    answer = robot.ask_until(Grounding.STATUS_FOUND).grounding
    assert answer.header.frame_id == 'wall'
    camera.kill()
    stale = robot.ask_until(Grounding.STATUS_STALE_IMAGE).grounding
    assert '/image is' in stale.status_message
    robot.wait_until(lambda: robot.status('camera camera').level == DiagnosticStatus.STALE)
    node.wait_for_output("camera 'camera' is lost: the newest image on /image")
    start_camera()
    robot.ask_until(Grounding.STATUS_FOUND)
    robot.wait_until(lambda: robot.status('camera camera').level == DiagnosticStatus.OK)
    node.wait_for_output("camera 'camera' is back")


def test_a_flood_is_answered_with_busy_and_the_node_goes_on(start_node, robot) -> None:
    start_node('slow', queue_size=4)
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    futures = [robot.ground.call_async(Ground.Request(query='the red cube')) for _ in range(200)]
    robot.wait_until(lambda: all(future.done() for future in futures))
    statuses = Counter(future.result().grounding.status for future in futures)
    assert set(statuses) == {Grounding.STATUS_FOUND, Grounding.STATUS_BUSY}
    assert statuses[Grounding.STATUS_FOUND] >= 4
    assert robot.ask().grounding.status == Grounding.STATUS_FOUND


def test_errors_of_the_model_are_statuses(start_node, robot) -> None:
    node = start_node('failing')
    robot.film()
    failed = robot.ask_until(Grounding.STATUS_MODEL_ERROR).grounding
    assert 'RuntimeError: CUDA error' in failed.status_message
    assert 'MemoryError' in robot.ask().grounding.status_message
    assert robot.ask().grounding.status == Grounding.STATUS_FOUND
    robot.wait_until(lambda: robot.status('requests').level == DiagnosticStatus.WARN)
    values = {entry.key: entry.value for entry in robot.status('requests').values}
    assert values['unexpected errors'] == values['MODEL_ERROR'] == '2'
    node.wait_for_output('RuntimeError: CUDA error')


def test_a_hanging_model_does_not_keep_the_callers(start_node, robot) -> None:
    start_node('deaf')
    robot.film()
    late = robot.ask_until(Grounding.STATUS_TIMEOUT, timeout=Duration(nanosec=200_000_000))
    assert 'the model is still at it' in late.grounding.status_message
    waiting = robot.ask(timeout=Duration(nanosec=100_000_000)).grounding
    assert waiting.status == Grounding.STATUS_TIMEOUT
    robot.wait_until(lambda: robot.status('model').level == DiagnosticStatus.ERROR)
    assert 'hangs' in robot.status('model').message


def test_without_a_model_the_node_stays_up_and_says_why(start_node, robot) -> None:
    node = start_node('unloadable')
    robot.film()
    answer = robot.ask_until(Grounding.STATUS_MODEL_ERROR).grounding
    assert '/models/tabletop/model.safetensors is truncated' in answer.status_message
    robot.wait_until(lambda: robot.status('model').level == DiagnosticStatus.ERROR)
    node.wait_for_output('model.safetensors is truncated')
    assert 'Traceback' not in node.output
    assert node.interrupt() == 0


def test_a_model_folder_that_is_not_there_is_named(start_process, robot) -> None:
    start_process(
        '-m', 'kosmos_ros.nodes.grounding_node', '--ros-args', '-p', 'model:=/no/such/folder'
    )
    robot.film()
    answer = robot.ask_until(Grounding.STATUS_MODEL_ERROR).grounding
    assert '/no/such/folder' in answer.status_message


@pytest.mark.parametrize(
    ('behaviour', 'number'),
    [
        ('quick', signal.SIGTERM),
        ('hanging', signal.SIGINT),
        ('deaf', signal.SIGINT),
        ('loading', signal.SIGINT),
    ],
)
def test_a_signal_ends_the_node_in_time_with_0(
    start_node, robot, behaviour: str, number: signal.Signals
) -> None:
    node = start_node(behaviour)
    robot.film()
    pending = []
    if behaviour in ('hanging', 'deaf'):
        robot.ask_until(Grounding.STATUS_TIMEOUT, timeout=Duration(nanosec=1))
        pending = [robot.ground.call_async(Ground.Request(query='the red cube'))]
        robot.spin(0.2)
    else:
        robot.ask_until({'quick': 1, 'loading': 10}[behaviour])
    node.signal(number)
    robot.spin(0.1)
    node.signal(number)  # impatiently
    # It takes 2 s; machines that run several tests at once are slower.
    assert node.wait(timeout=20.0) == 0
    assert 'Traceback' not in node.output
    for future in pending:
        robot.wait_until(future.done)
        assert future.result().grounding.status == Grounding.STATUS_CANCELLED


def test_a_standing_query_is_answered_until_it_is_stopped(start_node, robot) -> None:
    start_node('slow')
    robot.film()
    robot.listen()
    robot.ask_until(Grounding.STATUS_FOUND)
    refused = robot.call(robot.standing, SetStandingQuery.Request(enabled=True, task=5))
    assert (refused.success, 'INSTRUCT' in refused.message) == (False, True)
    request = SetStandingQuery.Request(enabled=True, task=1, query='the red cube')
    assert robot.call(robot.standing, request).success

    def standing() -> list[Grounding]:
        return [m for m in robot.received['groundings'] if m.id == 'standing']

    robot.wait_until(lambda: len(standing()) >= 3)
    # Callers are not starved by a model that is never idle.
    for _ in range(3):
        assert robot.ask().grounding.status == Grounding.STATUS_FOUND
    assert all(message.header.stamp in robot.stamps for message in standing())
    stamps = [(m.header.stamp.sec, m.header.stamp.nanosec) for m in standing()]
    assert stamps == sorted(set(stamps))
    assert robot.call(robot.standing, SetStandingQuery.Request(enabled=False)).message == 'stopped'
    robot.ask()  # whatever was going on is over after this
    count = len(standing())
    robot.ask()
    robot.spin(0.1)
    assert len(standing()) == count


def test_parameters_set_the_standing_query_and_thresholds_change(start_node, robot) -> None:
    start_node('quick', standing_enabled=True, standing_query='the faint cube')
    robot.film()
    robot.listen()
    robot.wait_until(
        lambda: any(
            (m.id, m.query, m.status) == ('standing', 'the faint cube', Grounding.STATUS_FOUND)
            for m in robot.received['groundings']
        )
    )
    client = robot.node.create_client(SetParameters, '/grounding/set_parameters')

    def set_threshold(value: float) -> object:
        wanted = ParameterValue(type=ParameterType.PARAMETER_DOUBLE, double_value=value)
        parameter = Parameter(name='existence_threshold', value=wanted)
        request = SetParameters.Request(parameters=[parameter])
        return robot.call(client, request).results[0]

    assert set_threshold(0.9).successful
    robot.ask_until(Grounding.STATUS_NOT_FOUND, 'the faint cube')
    refused = set_threshold(1.9)
    assert not refused.successful
    assert 'out of range' in refused.reason


def test_simulated_time_that_never_begins_stops_neither_answers_nor_reports(
    start_node, robot
) -> None:
    start_node('quick', use_sim_time=True)
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    robot.wait_until(lambda: '/clock' in robot.status('camera camera').message)
    assert robot.status('camera camera').level == DiagnosticStatus.WARN


def test_best_effort_cameras_are_heard(start_node, robot) -> None:
    node = start_node('quick')
    robot.wait_until(lambda: robot.node.count_subscribers('/image'))
    robot.film(reliability=QoSReliabilityPolicy.BEST_EFFORT)
    robot.ask_until(Grounding.STATUS_FOUND)
    node.wait_for_output('subscribed to /image best_effort')


def test_compressed_images_are_understood(start_node, robot) -> None:
    start_node('quick', image_transport='compressed', max_image_age=1.0)
    file = io.BytesIO()
    Picture.new('RGB', (64, 48)).save(file, 'JPEG')
    publisher = robot.node.create_publisher(CompressedImage, 'image/compressed', 1)
    message = CompressedImage(format='jpeg', data=array('B', file.getvalue()))

    def publish(**changes: object) -> None:
        for name, value in changes.items():
            setattr(message, name, value)
        publisher.publish(message)

    robot.wait_until(publisher.get_subscription_count)
    robot.wait_until(lambda: publish() or robot.ask().grounding.status == Grounding.STATUS_FOUND)
    publish(format='h264')
    refusal = robot.ask_until(Grounding.STATUS_STALE_IMAGE).grounding
    assert 'H.264 is not read' in refusal.status_message


def with_cv_bridge(folder: Path, source: str) -> dict[str, str]:
    """Return an environment with a ``cv_bridge`` of our own."""
    (folder / 'cv_bridge.py').write_text(source, encoding='utf-8')
    paths = [str(folder), os.environ.get('PYTHONPATH', '')]
    return {'PYTHONPATH': os.pathsep.join(filter(None, paths))}


def test_images_are_converted_by_what_is_installed(start_node, robot, tmp_path: Path) -> None:
    stand_in = (ROOT / 'test' / 'ros' / 'conversions' / 'cv_bridge_stand_in.py').read_text(
        encoding='utf-8'
    )
    environment = with_cv_bridge(tmp_path, stand_in)
    node = start_node('quick', environment=environment, image_conversion='cv_bridge')
    node.wait_for_output('images are converted by cv_bridge: rgb8, ')
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    assert robot.ask(image=grey_image()).grounding.status == Grounding.STATUS_FOUND
    told = 'cv_bridge: rgb8, '
    robot.wait_until(lambda: robot.value('camera camera', 'converted by').startswith(told))


def test_what_is_to_convert_images_has_to_be_there(start_node, robot, tmp_path: Path) -> None:
    environment = with_cv_bridge(tmp_path, 'raise ImportError("numpy")')
    node = start_node('quick', environment=environment, image_conversion='cv_bridge')
    node.wait_for_output('configuring failed: image_conversion is cv_bridge, which cannot be used')
    answer = robot.ask_until(Grounding.STATUS_MODEL_ERROR).grounding
    assert 'auto and own do without' in answer.status_message


def test_a_bad_parameter_ends_the_node_with_2_and_the_reason(start_process) -> None:
    node = start_process(
        '-m', 'kosmos_ros.nodes.grounding_node', '--ros-args', '-p', 'image_transport:=theora'
    )
    node.wait_for_output('image_transport must be one of raw, compressed, got')
    assert node.wait() == 2
    assert 'Traceback' not in node.output


@pytest.mark.skipif(
    not (ROOT / 'kosmos_ros' / 'models' / 'tabletop' / 'model.safetensors').is_file(),
    reason='this checkout has no embedded model',
)
def test_the_embedded_model_answers(start_process, robot) -> None:
    start_process('-m', 'kosmos_ros.nodes.grounding_node')
    robot.film()
    response = robot.wait_until(
        lambda: response if (response := robot.ask(query='')).success else robot.spin(0.2),
        timeout=240.0,
    )
    answer = response.grounding
    assert (answer.task, answer.model) == (Grounding.TASK_DESCRIBE, 'tabletop')
    assert answer.text.startswith('An image of')
    assert answer.header.stamp in robot.stamps
    robot.wait_until(lambda: robot.status('model').level == DiagnosticStatus.OK)
    told = {one.key: one.value for one in robot.status('model').values}
    assert 'thread' in told['precision']
    robot.wait_until(
        lambda: any(
            one.key == 'megabytes' and float(one.value) > 0
            for one in robot.status('encoded images').values
        )
    )
