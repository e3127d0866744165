# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Foreign web sites in the same browser are kept out."""

from __future__ import annotations

import pytest

from kosmos_ros.watch.origins import Doorkeeper, is_loopback

EVERYWHERE = '0.0.0.0'  # noqa: S104  nothing listens here


@pytest.mark.parametrize(
    ('listens_on', 'host', 'origin', 'welcome'),
    [
        ('127.0.0.1', '127.0.0.1:8765', None, True),
        ('127.0.0.1', 'localhost:9000', 'http://localhost:9000', True),  # an SSH tunnel
        ('127.0.0.1', '[::1]:8765', 'http://[::1]:8765', True),
        ('127.0.0.1', 'LocalHost:8765', 'http://localhost:8765', True),
        ('127.0.0.1', 'evil.example:8765', None, False),
        ('127.0.0.1', '192.168.0.7:8765', None, False),
        ('127.0.0.1', '127.0.0.1.evil.example', None, False),
        ('127.0.0.1', '', None, False),
        ('127.0.0.1', '[', None, False),
        ('127.0.0.1', '127.0.0.1:8765', 'http://evil.example', False),
        ('127.0.0.1', '127.0.0.1:8765', 'http://127.0.0.1:1234', False),
        ('127.0.0.1', '127.0.0.1:8765', 'null', False),
        (EVERYWHERE, '192.168.0.7:8765', 'http://192.168.0.7:8765', True),
        (EVERYWHERE, 'evil.example:8765', 'http://evil.example:8765', False),
        ('robot.lan', 'robot.lan:8765', 'http://robot.lan:8765', True),
        ('robot.lan', 'robot.lan.evil.example:8765', None, False),
    ],
)
def test_who_is_let_in(listens_on: str, host: str, origin: str | None, welcome: bool) -> None:
    headers = {'Host': host} | ({} if origin is None else {'Origin': origin})
    assert (Doorkeeper(listens_on).objection(headers) == '') is welcome


def test_which_addresses_are_this_machine_only() -> None:
    assert all(is_loopback(host) for host in ('127.0.0.1', '127.1.2.3', '::1', 'localhost'))
    assert not any(is_loopback(host) for host in (EVERYWHERE, '::', '192.168.0.7', 'robot.lan'))
