# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Write the parameters' pages from their declarations: ``python -m scripts.publish_parameters``.

That is ``docs/parameters.md`` and ``config/grounding.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field, fields
import json
from pathlib import Path
from textwrap import wrap
from typing import Any

from kosmos_ros.parameters.camera_settings import CameraParameters
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.parameters.spec import ANY, AT_START, UNCONFIGURED

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path('docs', 'parameters.md')
CONFIG = Path('config', 'grounding.yaml')

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

Both are written by `scripts/publish_parameters.py` from the declarations in
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


_CONFIG_HEAD = """# Every parameter of the grounding node with its default.
#
# Copy this file, change what you need (whatever you leave out keeps its default), and give it to
#   ros2 launch kosmos_ros grounding.launch.py params_file:=/path/to/yours.yaml
# Arguments of the launch file win over this file. Most parameters can be set while the node runs:
#   ros2 param set /kosmos/grounding min_score 0.3
# In brackets are the values that there are, and "unconfigured" or "at start" where a parameter can
# be set then only: deactivate and clean the node up first, or start it anew.
#
# Written by scripts/publish_parameters.py from the declarations in kosmos_ros/parameters.

/**:
  ros__parameters:
"""
_SECTIONS = {
    'model': 'Model',
    'cameras': 'Images',
    'queue_size': 'Requests',
    'existence_threshold': 'Answers',
    'standing_enabled': 'Standing query',
}
"""By the name of their first parameter."""
_CAMERA_SECTION = 'Of each camera: one set for every name in cameras'
_INDENT, _COMMENT, _WIDTH = '    ', '    # ', 99


def page() -> str:
    """Return the page."""
    node, camera = _rows(fields(NodeSettings)), _rows(fields(CameraParameters), '<name>.')
    return '\n'.join([_HEAD, *_TABLE, *node, '', _CAMERAS, *_TABLE, *camera, ''])


def config() -> str:
    """Return the parameter file, with those of a camera as comments: its name is the user's."""
    lines = []
    for spec in fields(NodeSettings):
        if title := _SECTIONS.get(spec.name):
            lines += _heading(title)
        lines += [*_explained(spec), f'{_INDENT}{spec.name}: {_default(spec)}']
    lines += _heading(_CAMERA_SECTION)
    for spec in fields(CameraParameters):
        lines += [*_explained(spec), f'{_COMMENT}camera.{spec.name}: {_default(spec)}']
    return _CONFIG_HEAD + '\n'.join(lines) + '\n'


def publish(root: Path = ROOT) -> None:
    """Write the page and the file."""
    (root / PAGE).write_text(page(), encoding='utf-8')
    (root / CONFIG).write_text(config(), encoding='utf-8')


def _rows(specs: Iterable[Field[Any]], prefix: str = '') -> list[str]:
    return [_row(spec, prefix) for spec in specs]


def _row(spec: Field[Any], prefix: str) -> str:
    cells = [
        f'`{prefix}{spec.name}`',
        f'`{_default(spec)}`',
        _range(spec) or ', '.join(f'`{choice}`' for choice in _choices(spec)),
        _WHEN[spec.metadata['when']],
        spec.metadata['description'].replace('|', r'\|'),
    ]
    return '| ' + ' | '.join(cells) + ' |'


def _explained(spec: Field[Any]) -> list[str]:
    when = '' if spec.metadata['when'] == ANY else _WHEN[spec.metadata['when']]
    values = _range(spec) or ', '.join(map(str, _choices(spec)))
    notes = '; '.join(filter(None, (values, when)))
    lines = wrap(spec.metadata['description'], _WIDTH - len(_COMMENT), break_on_hyphens=False)
    return [_COMMENT + line for line in (*lines, *([f'[{notes}]'] if notes else []))]


def _heading(title: str) -> list[str]:
    return ['', f'{_COMMENT}-- {title} '.ljust(_WIDTH, '-')]


def _default(spec: Field[Any]) -> str:
    return json.dumps(list(spec.default) if isinstance(spec.default, tuple) else spec.default)


def _range(spec: Field[Any]) -> str:
    if not spec.metadata['within']:
        return ''
    low, high = spec.metadata['within']
    return f'{low:g} to {high:g}'


def _choices(spec: Field[Any]) -> list[str | int]:
    return [choice for choice in spec.metadata['choices'] if choice != '']


if __name__ == '__main__':
    publish()
