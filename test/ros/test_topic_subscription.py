# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A subscription that comes and goes."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from std_msgs.msg import String

from kosmos_ros.ros.topic_subscription import choose_reliability, TopicSubscription

RELIABLE = QoSReliabilityPolicy.RELIABLE
BEST_EFFORT = QoSReliabilityPolicy.BEST_EFFORT


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
