# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The files of config/ against what they configure.

Spans ``config``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

CONFIG = Path(__file__).resolve().parents[2] / 'config'


def test_fastdds_xml_offers_shared_memory_beside_udp() -> None:
    root = ElementTree.parse(CONFIG / 'fastdds.xml').getroot()  # noqa: S314 (our own)
    names = {'dds': 'http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles'}

    def text(path: str) -> list[str | None]:
        return [found.text for found in root.findall(path, names)]

    transports = text('.//dds:transport_descriptor/dds:transport_id')
    assert text('.//dds:transport_descriptor/dds:type') == ['SHM', 'UDPv4']
    assert text('.//dds:userTransports/dds:transport_id') == transports
    assert text('.//dds:useBuiltinTransports') == ['false']
    # A 4K colour image, which has 24.9 MB, goes in pieces; one of 1920x1080 has to fit whole.
    (largest,) = text('.//dds:maxMessageSize')
    assert int(largest or 0) > 1920 * 1080 * 3
    assert root.find('.//dds:participant[@is_default_profile="true"]', names) is not None


def test_grounding_rviz_shows_images_markers_frames_and_depth() -> None:
    config = yaml.safe_load((CONFIG / 'grounding.rviz').read_text())
    displays = {
        display['Class'].rpartition('/')[2]: display
        for display in config['Visualization Manager']['Displays']
    }
    topics = {name: one['Topic']['Value'] for name, one in displays.items() if 'Topic' in one}
    assert topics == {
        'Image': '/kosmos/grounding/debug_image',
        'Camera': '/camera/image_raw',
        'MarkerArray': '/kosmos/grounding/markers',
    }
    cloud = displays['DepthCloud']
    assert cloud['Depth Map Topic'] == '/camera/depth/image_raw'
    assert cloud['Color Image Topic'] == topics['Camera']
    # Where RViz has no such setting it looks for it there, too.
    assert cloud['CameraInfo Topic'] == '/camera/depth/camera_info'
    assert {'Grid', 'TF'} <= set(displays)
    assert all(one['Enabled'] for one in displays.values())
    assert config['Visualization Manager']['Global Options']['Fixed Frame'] == 'world'
    # What the camera view leaves out is named as the displays are.
    names = {one['Name'] for one in displays.values()}
    assert set(displays['Camera']['Visibility']) - {'Value'} == names - {'Camera'}


def test_the_foxglove_layout_places_every_panel_once() -> None:
    layout = _layout()
    placed = _panels(layout['layout'])
    assert sorted(placed) == sorted(layout['configById'])
    assert {name.partition('!')[0] for name in placed} == {
        'Image',
        '3D',
        'RawMessages',
        'CallService',
        'DiagnosticSummary',
    }


def test_the_foxglove_layout_looks_at_topics_that_there_are() -> None:
    panels = _layout()['configById']
    image = panels['Image!camera']['imageMode']
    named = {
        image['imageTopic'],
        image['calibrationTopic'],
        *image['annotations'],
        panels['Image!answer']['imageMode']['imageTopic'],
        panels['RawMessages!groundings']['topicPath'],
        panels['DiagnosticSummary!diagnostics']['topicToRender'],
        *panels['3D!space']['topics'],
    }
    assert named == {
        *(f'/camera/{name}' for name in ('image_raw', 'camera_info', 'depth/image_raw')),
        *(
            f'/kosmos/grounding/{name}'
            for name in ('annotations', 'debug_image', 'groundings', 'markers')
        ),
        '/diagnostics',
    }
    cloud = panels['3D!space']['topics']['/camera/depth/image_raw']
    assert cloud['cameraInfoTopic'] == '/camera/depth/camera_info'
    assert panels['3D!space']['followTf'] == 'world'


@pytest.mark.parametrize(
    ('panel', 'service', 'kind'),
    [
        ('CallService!ground', '/kosmos/grounding/ground', 'Ground'),
        ('CallService!standing', '/kosmos/grounding/set_standing_query', 'SetStandingQuery'),
    ],
)
def test_the_foxglove_layout_calls_services_with_fields_that_they_have(
    panel: str, service: str, kind: str
) -> None:
    services = pytest.importorskip('kosmos_ros_msgs.srv')
    config = _layout()['configById'][panel]
    assert config['serviceName'] == service
    payload = json.loads(config['requestPayload'])
    getattr(services, kind).Request(**payload)  # raises for a field or a type that is not there
    assert payload['query']


def _layout() -> Any:
    return json.loads((CONFIG / 'foxglove_layout.json').read_text())


def _panels(part: Any) -> list[str]:
    """List the panels below a part of a layout."""
    if isinstance(part, str):
        return [part]
    assert part['direction'] in ('row', 'column')
    return [*_panels(part['first']), *_panels(part['second'])]
