# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A free ROS domain is one whose discovery ports nobody holds."""

from __future__ import annotations

from random import Random
import socket

import pytest

from kosmos_ros.demo import domain
from kosmos_ros.demo.domain import free_domain_id


def test_a_domain_is_within_the_safe_range() -> None:
    assert 1 <= free_domain_id() <= 101


@pytest.mark.parametrize('participant', [0, 3])
def test_a_domain_in_use_is_passed_over(participant: int) -> None:
    first = free_domain_id(Random(1))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(('', 7400 + 250 * first + 10 + 2 * participant))
        assert free_domain_id(Random(1)) != first


def test_no_free_domain_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, '_DOMAINS', range(5, 6))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(('', 7400 + 250 * 5 + 10))
        with pytest.raises(OSError, match='every ROS domain id from 5 to 5 is in use'):
            free_domain_id()
