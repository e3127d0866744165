# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A ROS domain that nobody on this machine uses, so that a demo and a robot never meet."""

from __future__ import annotations

import random
import socket

_DOMAINS = range(1, 102)
"""Their ports lie below the ephemeral ones of Linux."""

_PORT_BASE, _PORTS_PER_DOMAIN = 7400, 250
_PARTICIPANTS = 8


def free_domain_id(rng: random.Random | None = None) -> int:
    """
    Return a domain id in which the first ports of all participants are free.

    Ports as in section 9.6.1 of the DDSI-RTPS specification: a participant listens for discovery
    on 7410 + 250 * domain + 2 * participant.

    :param rng: draws the order in which domains are tried.
    :raises OSError: if every domain is in use.
    """
    for domain in (rng or random.SystemRandom()).sample(_DOMAINS, len(_DOMAINS)):
        first = _PORT_BASE + _PORTS_PER_DOMAIN * domain + 10
        if all(_can_bind(first + 2 * participant) for participant in range(_PARTICIPANTS)):
            return domain
    raise OSError(f'every ROS domain id from {_DOMAINS.start} to {_DOMAINS.stop - 1} is in use')


def _can_bind(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(('', port))
        except OSError:
            return False
    return True
