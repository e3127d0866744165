# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Write ``docs/parameters.md`` from the declarations: ``python -m scripts.publish_parameters``.

Needs the environment that has ROS: ``scripts/in_env.sh python -m scripts.publish_parameters``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field, fields
import json
from pathlib import Path
from typing import Any

from kosmos_ros.parameters.camera_settings import CameraParameters
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.parameters.spec import ANY, AT_START, UNCONFIGURED

ROOT = Path(__file__).resolve().parents[1]
FILE = Path('docs', 'parameters.md')

_WHEN = {ANY: 'any time', UNCONFIGURED: 'unconfigured', AT_START: 'at start'}
_HEAD = """# Parameters of the grounding node

[All pages](README.md) · [README](../README.md)

```sh
ros2 param set /kosmos/grounding existence_threshold 0.7
ros2 param describe /kosmos/grounding existence_threshold
```

What the model is made of can be set while the node is unconfigured, nearly everything else at any
time. A value that cannot be is refused with the reason, at start too; `5` will do for `5.0`.
`config/grounding.yaml` holds all parameters, ready to be copied and given as `params_file`.

Written by `scripts/publish_parameters.py` from the declarations in
`kosmos_ros/parameters/node_settings.py` and `kosmos_ros/parameters/camera_settings.py`;
`ros2 param describe /kosmos/grounding NAME` tells the same.

"set" says when a parameter can be changed: at any time, while the node is
[unconfigured](lifecycle.md) (`ros2 lifecycle set /kosmos/grounding deactivate`, then `cleanup`),
or at start only, on the command line or in a parameter file. A refused value changes nothing, and
the reason is told.
"""
_CAMERAS = """## Of each camera

One set for every name in `cameras` ([Several cameras](cameras.md)), with the name in front:
`camera.image_topic`, `front.depth_topic`.
"""
_TABLE = ['| parameter | default | values | set | what for |', '|---|---|---|---|---|']


def page() -> str:
    """Return the page."""
    return '\n'.join(
        [
            _HEAD,
            *_TABLE,
            *_rows(fields(NodeSettings)),
            '',
            _CAMERAS,
            *_TABLE,
            *_rows(fields(CameraParameters), '<name>.'),
            '',
        ]
    )


def publish(root: Path = ROOT) -> None:
    """Write the page."""
    (root / FILE).write_text(page(), encoding='utf-8')


def _rows(specs: Iterable[Field[Any]], prefix: str = '') -> list[str]:
    return [_row(spec, prefix) for spec in specs]


def _row(spec: Field[Any], prefix: str) -> str:
    values = ', '.join(f'`{choice}`' for choice in spec.metadata['choices'] if choice != '')
    if spec.metadata['within']:
        values = '{:g} to {:g}'.format(*spec.metadata['within'])
    default = list(spec.default) if isinstance(spec.default, tuple) else spec.default
    cells = [
        f'`{prefix}{spec.name}`',
        f'`{json.dumps(default)}`',
        values,
        _WHEN[spec.metadata['when']],
        spec.metadata['description'].replace('|', r'\|'),
    ]
    return '| ' + ' | '.join(cells) + ' |'


if __name__ == '__main__':
    publish()
