# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Bytes of our own on the wire of a service, as somebody sends them who writes no ROS.

ROS serializes requests itself, and so sends sound ones only. Here a client is discovered as usual,
and packets are sent in its name: DDSI-RTPS 2.3, sections 9.4 (messages) and 9.6 (ports).
"""

from __future__ import annotations

import itertools
import socket
import struct
from typing import Any

from rclpy.node import Node

_VENDOR = b'RTPS\x02\x03\x01\x0f'
_DATA, _LITTLE_ENDIAN_WITH_PAYLOAD = 0x15, 0x05
_TO_ALL_READERS = bytes(4)
_FIRST_PORT, _PORTS_OF_A_DOMAIN, _UNICAST, _PARTICIPANTS = 7400, 250, 11, 8


class RawClient:
    """
    A client whose requests are any bytes; it hears no responses.

    :param node: has the client on the network.
    :param kind: type of the service, such as ``Ground``.
    :param service: its full name; of an action ``NAME/_action/send_goal``.
    """

    def __init__(self, node: Node, domain: int, kind: type[Any], service: str) -> None:
        self._node = node
        self._topic = f'rq{service}Request'
        self._before = self._gids()
        self.client = node.create_client(kind, service)
        self._numbers = itertools.count(1)
        first = _FIRST_PORT + _PORTS_OF_A_DOMAIN * domain + _UNICAST
        self._ports = range(first, first + 2 * _PARTICIPANTS, 2)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def is_ready(self) -> bool:
        """Tell whether client and service know each other."""
        return self.client.service_is_ready() and len(self._gids() - self._before) == 1

    def send(self, request: bytes) -> None:
        """Send a request of at most 60 kB, as ``rclpy.serialization`` makes them or not."""
        (gid,) = self._gids() - self._before
        body = (
            struct.pack('<HH4s4siI', 0, 16, _TO_ALL_READERS, gid[12:16], 0, next(self._numbers))
            + request
            + bytes(-len(request) % 4)
        )
        submessage = struct.pack('<BBH', _DATA, _LITTLE_ENDIAN_WITH_PAYLOAD, len(body)) + body
        for port in self._ports:
            self._socket.sendto(_VENDOR + gid[:12] + submessage, ('127.0.0.1', port))

    def close(self) -> None:
        """Leave the network."""
        self._socket.close()
        self._node.destroy_client(self.client)

    def _gids(self) -> set[bytes]:
        known = self._node.get_publishers_info_by_topic(self._topic, no_mangle=True)
        return {bytes(one.endpoint_gid) for one in known}
