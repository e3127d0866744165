# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Foreign web sites in the same browser are kept out, and who has no token."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp.test_utils import make_mocked_request
import pytest

from kosmos_ros.watch.origins import Doorkeeper, is_loopback
from kosmos_ros.watch.tokens import Right, Tokens

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
    request = make_mocked_request('GET', '/', headers=headers)
    assert Doorkeeper(listens_on).objection(request)[0] == (200 if welcome else 403)


TOKENS = Tokens('look-' * 5, 'ask-' * 6)


@pytest.mark.parametrize(
    ('given', 'right'),
    [
        (TOKENS.look, Right.LOOK),
        (TOKENS.ask, Right.ASK),
        (TOKENS.ask[:-1], Right.NOTHING),
        ('\u00fc\udc80', Right.NOTHING),
        ('', Right.NOTHING),
    ],
)
def test_a_token_says_what_who_has_it_may_do(given: str, right: Right) -> None:
    doorkeeper = Doorkeeper(EVERYWHERE, TOKENS)
    host = {'Host': '192.168.0.7:8765'}
    asking = make_mocked_request('GET', f'/ws?token={quote(given, errors="surrogatepass")}', host)
    assert doorkeeper.right(asking) is right
    assert doorkeeper.objection(asking)[0] == (200 if right else 401)


def test_a_cookie_takes_the_place_of_the_address() -> None:
    doorkeeper = Doorkeeper(EVERYWHERE, TOKENS)
    host = {'Host': '192.168.0.7:8765'}
    response = doorkeeper.admit(make_mocked_request('GET', f'/?token={TOKENS.look}', host))
    assert (response.status, response.headers['Location']) == (303, './')
    ((name, cookie),) = response.cookies.items()
    assert cookie['httponly']
    assert cookie['samesite'] == 'Lax'
    again = make_mocked_request('GET', '/ws', host | {'Cookie': f'{name}={cookie.value}'})
    assert doorkeeper.right(again) is Right.LOOK
    other = Doorkeeper(EVERYWHERE, Tokens('other-' * 4, 'again-' * 4))
    assert other.objection(again)[0] == 401


def test_which_addresses_are_this_machine_only() -> None:
    assert all(is_loopback(host) for host in ('127.0.0.1', '127.1.2.3', '::1', 'localhost'))
    assert not any(is_loopback(host) for host in (EVERYWHERE, '::', '192.168.0.7', 'robot.lan'))
