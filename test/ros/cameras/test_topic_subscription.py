# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A subscription that comes and goes."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy, QoSProfile, QoSReliabilityPolicy
from std_msgs.msg import Header, String

from kosmos_ros.ros.cameras.topic_subscription import (
    choose_durability,
    choose_reliability,
    TopicSubscription,
)

RELIABLE = QoSReliabilityPolicy.RELIABLE
BEST_EFFORT = QoSReliabilityPolicy.BEST_EFFORT
LATCHED = QoSDurabilityPolicy.TRANSIENT_LOCAL
VOLATILE = QoSDurabilityPolicy.VOLATILE


@pytest.mark.parametrize(
    ('setting', 'offered', 'chosen'),
    [
        ('auto', [], RELIABLE),
        ('auto', [RELIABLE], RELIABLE),
        ('auto', [RELIABLE, BEST_EFFORT], BEST_EFFORT),
        ('auto', [BEST_EFFORT], BEST_EFFORT),
        ('reliable', [BEST_EFFORT], RELIABLE),
        ('best_effort', [RELIABLE], BEST_EFFORT),
    ],
)
def test_reliability_follows_the_publishers(setting: str, offered: list, chosen: object) -> None:
    publishers = [
        SimpleNamespace(qos_profile=QoSProfile(depth=1, reliability=one)) for one in offered
    ]
    assert choose_reliability(setting, publishers) == chosen


@pytest.mark.parametrize(
    ('offered', 'chosen'),
    [
        ([], VOLATILE),
        ([LATCHED], LATCHED),
        ([LATCHED, LATCHED], LATCHED),
        ([LATCHED, VOLATILE], VOLATILE),
        ([VOLATILE], VOLATILE),
    ],
)
def test_durability_follows_the_publishers(offered: list, chosen: object) -> None:
    publishers = [
        SimpleNamespace(qos_profile=QoSProfile(depth=1, durability=one)) for one in offered
    ]
    assert choose_durability(publishers) == chosen


def test_it_listens_between_start_and_stop(rig) -> None:
    heard = []
    subscription = TopicSubscription(rig.node('listener'), String, 'news', heard.append)
    assert (subscription.topic, subscription.is_open) == ('/news', False)
    assert subscription.hint() == ' (nobody publishes it)'
    publisher = rig.node('speaker').create_publisher(String, 'news', 10)
    rig.spin_until(subscription.publishers)
    assert subscription.hint() == ''
    for _ in range(2):
        subscription.start()
        subscription.start()
        rig.spin_until(lambda: publisher.get_subscription_count() == 1)
        heard.clear()
        publisher.publish(String(data='hello'))
        rig.spin_until(lambda: heard)
        subscription.stop()
        subscription.stop()
        rig.spin_until(lambda: not publisher.get_subscription_count())
    subscription.adapt()
    assert not subscription.is_open


def test_it_adapts_to_a_best_effort_publisher(rig) -> None:
    heard = []
    subscription = TopicSubscription(rig.node('listener'), String, 'news', heard.append)
    subscription.start()
    qos = QoSProfile(depth=10, reliability=BEST_EFFORT)
    publisher = rig.node('speaker').create_publisher(String, 'news', qos)
    rig.spin_until(lambda: subscription.adapt() or publisher.get_subscription_count())
    publisher.publish(String(data='hello'))
    rig.spin_until(lambda: heard)


@pytest.mark.parametrize('reliability', ['auto', 'reliable'])
def test_it_hears_what_was_latched_before_it_came_and_again_when_asked(
    rig, reliability: str
) -> None:
    publisher = rig.node('speaker').create_publisher(
        String, 'news', QoSProfile(depth=1, durability=LATCHED)
    )
    publisher.publish(String(data='old'))
    heard = []
    node = rig.node('listener')
    subscription = TopicSubscription(node, String, 'news', heard.append, reliability)
    subscription.start()
    rig.spin_until(lambda: subscription.adapt() or heard)
    subscription.recall()
    rig.spin_until(lambda: len(heard) == 2)
    # One who comes later and does not latch is heard too, from then on.
    other = rig.node('other').create_publisher(String, 'news', 1)
    rig.spin_until(lambda: subscription.adapt() or other.get_subscription_count())
    other.publish(String(data='new'))
    rig.spin_until(lambda: String(data='new') in heard)


def test_what_is_published_with_another_type_changes_nothing(rig, driver: Node) -> None:
    heard = []
    subscription = TopicSubscription(rig.node('listener'), String, 'news', heard.append)
    subscription.start()
    speaker = rig.node('speaker')
    qos = QoSProfile(depth=1, reliability=BEST_EFFORT, durability=LATCHED)
    driver.create_publisher(Header, 'news', qos)
    publisher = speaker.create_publisher(String, 'news', 1)
    rig.spin_until(lambda: len(speaker.get_publishers_info_by_topic('/news')) == 2)
    rig.spin_until(subscription.publishers)
    subscription.adapt()
    rig.spin_until(lambda: publisher.get_subscription_count() == 1)
    publisher.publish(String(data='hello'))
    rig.spin_until(lambda: heard)
    assert (subscription.publishers(), subscription.hint()) == (1, '')


def test_it_is_destroyed_by_the_thread_of_the_executor_only(
    rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = rig.node('listener')
    destroy, threads = node.destroy_subscription, []
    monkeypatch.setattr(
        node,
        'destroy_subscription',
        lambda one: threads.append(threading.get_ident()) or destroy(one),
    )
    subscription = TopicSubscription(node, String, 'news', lambda _: None)
    subscription.start()
    thread = threading.Thread(target=subscription.stop)
    thread.start()
    thread.join()
    assert (subscription.is_open, threads) == (False, [])
    rig.spin_until(lambda: threads)
    assert threads == [threading.get_ident()]
