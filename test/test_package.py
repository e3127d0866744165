# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What describes the packages agrees with itself, with the code and with other machines.

Spans ``kosmos_ros``, ``kosmos_ros_msgs`` and ``interfaces``.
"""

from __future__ import annotations

import ast
from enum import IntEnum
import json
from pathlib import Path
import re
import sys
from xml.etree import ElementTree

import pytest

from kosmos_ros.core.types import Role, Status, Task

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = [
    ROOT,
    ROOT / 'kosmos_ros_msgs',
    ROOT / 'interfaces' / 'foxglove_msgs',
    ROOT / 'interfaces' / 'tf2_msgs',
    ROOT / 'interfaces' / 'vision_msgs',
]

# Of vision_msgs 4.1.1 and tf2_msgs as ROS 2 Jazzy ships them, and of foxglove_msgs 3.4.3. Two
# programs of ROS 2 talk to each other only about types with the same hash.
FOXGLOVE_MSGS = {
    'CircleAnnotation': '8bd0a9869b14ed054b6e3fbfb09bd0dbaa90946083adcca96c964a20191fd99a',
    'Color': 'ed1b16da40c954e6456b950c2ef4559c179e5cb98f1363cb28c3b90c6ee14120',
    'ImageAnnotations': 'bc4e578b1ef80953415d6f966a4cab305c8a44c8b64fc405312b6f06a08fc45e',
    'KeyValuePair': '3a1aafc9b6c5876181434af49e3077c3e63174d48c4be9fbc8f65547c59aaded',
    'Point2': 'd85e823b78e2e88bc31629e305558bcdd2ecc9225f5f9390f96d91930f5696f0',
    'PointsAnnotation': 'e151e5042d911c2949ff9ef427944596eefdf9672ff93d381e8d24e60addf8e6',
    'TextAnnotation': '9678167e063be85463865db2383506c704498e5f8657f24c576a996e7f2ed2e4',
}
VISION_MSGS = {
    'BoundingBox2D': '008eacbb0cf8f26e83795547bed013eec3675485ef386ec056d80eaaf1c1ce2f',
    'BoundingBox2DArray': '2464e82838009386d371b523211c21c91d74d313fcdd6788223c531d621cf691',
    'BoundingBox3D': 'bbb73a65c163d7f9bb29009c7bde9f7faa576bd2d23299c4511d19230dab4698',
    'BoundingBox3DArray': 'a81938db9576b10c2eecd7c5a5da3eac496efd00221b25ed051dfbc81fb56da6',
    'Classification': 'f74db28d0eaef3afb78f48bf2161cd709a1383a0309d3454383b25be11345143',
    'Detection2D': '0d12b69df5c593b3455b7346fac8205437a7d4bcb09b9e0e0b2dde787ded38ea',
    'Detection2DArray': '214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968',
    'Detection3D': 'ddd703be132ab0b69d33121f1bb034132bfbb3b0ac5f9fb1516005ba1c8a265b',
    'Detection3DArray': '793f5eab9595ac1c0da07873cc859db42eae51f0ee76056db8562515d830e018',
    'LabelInfo': '3d37df4015cdf660cc851c51897f2acd957e1ca6205ba0a99aebffb9406b0783',
    'ObjectHypothesis': '51da43cec11c01957a64d1e05a24acd18aae7745ec30b74348ad5f6d634f7f90',
    'ObjectHypothesisWithPose': '41c12344c0396c48b81df12467c192d99b2a0eb1463c5c37194e4223251c80bc',
    'Point2D': 'eab0e83f44ab4de92ceaf76dd7d0e7638f2bdd1d16ffbe16c7a136c48e407247',
    'Pose2D': 'b0b5d1d7b4c20dd4fcde3ed1d4b289a919290572007d67a97043814db25d3648',
    'VisionClass': '1e4a11f0fed50b5623cb8ff26ca0e37952a48a9c074d16f804b44e9164c2037a',
    'VisionInfo': '95d3116a17484ad91c9a2686e1d54890bbfc3ff6c6a2de137738c4950d45d284',
}
TYPE_HASHES = {
    'foxglove_msgs': FOXGLOVE_MSGS,
    'tf2_msgs': {
        'TFMessage': 'e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087',
    },
    'vision_msgs': VISION_MSGS,
}

# Modules that are imported under another name than the one rosdep or ROS knows them by.
KEYS = {
    'PIL': 'python3-pil',
    'aiohttp': 'python3-aiohttp',
    'ament_index_python': 'ament_index_python',
    'cv2': 'python3-opencv',
    'matplotlib': 'python3-matplotlib',
    'numpy': 'python3-numpy',
    'psutil': 'python3-psutil',
    'tqdm': 'python3-tqdm',
    'yaml': 'python3-yaml',
}


def description(folder: Path) -> ElementTree.Element:
    """Read a package.xml."""
    return ElementTree.parse(folder / 'package.xml').getroot()  # noqa: S314 (our own file)


def dependencies(folder: Path) -> set[str]:
    """Return every name that a package.xml depends on in some way."""
    elements = description(folder)
    return {(item.text or '').strip() for item in elements if item.tag.endswith('depend')}


def field(folder: Path, name: str) -> str:
    """Return the text of one element of a package.xml."""
    return (description(folder).findtext(name) or '').strip()


def setup_arguments() -> dict[str, object]:
    """Return the arguments of ``setup()`` that are written out in setup.py."""
    tree = ast.parse((ROOT / 'setup.py').read_text())
    call = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == 'setup'
    )
    found: dict[str, object] = {}
    for keyword in call.keywords:
        if keyword.arg and not any(isinstance(n, ast.Name) for n in ast.walk(keyword.value)):
            found[keyword.arg] = ast.literal_eval(keyword.value)
    return found


def imported_modules() -> set[str]:
    """Return the top-level names of everything that the package imports."""
    names: set[str] = set()
    for path in (ROOT / 'kosmos_ros').rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name.partition('.')[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition('.')[0])
    return names - set(sys.stdlib_module_names) - {'kosmos_ros'}


@pytest.mark.parametrize('folder', PACKAGES, ids=lambda folder: folder.name)
def test_package_xml_is_valid(folder: Path) -> None:
    package = pytest.importorskip('catkin_pkg.package')
    warnings: list[str] = []
    parsed = package.parse_package(str(folder / 'package.xml'), warnings=warnings)
    assert parsed.package_format == 3
    assert warnings == []


def test_setup_and_package_xml_say_the_same() -> None:
    arguments = setup_arguments()
    assert arguments['version'] == field(ROOT, 'version') == field(PACKAGES[1], 'version')
    assert arguments['license'] == field(ROOT, 'license')
    assert arguments['maintainer'] == field(ROOT, 'maintainer')
    assert field(ROOT, 'name') == 'kosmos_ros'


def test_console_scripts_exist() -> None:
    points = setup_arguments()['entry_points']
    assert isinstance(points, dict)
    for point in points['console_scripts']:
        module, function = point.partition(' = ')[2].split(':')
        path = ROOT / Path(*module.split('.')).with_suffix('.py')
        assert re.search(rf'^def {function}\(', path.read_text(), re.MULTILINE), point


def test_everything_imported_is_declared() -> None:
    declared = dependencies(ROOT)
    required = {
        re.split(r'[<>=]', line)[0].strip().lower()
        for line in (ROOT / 'requirements.txt').read_text().splitlines()
        if line and not line.startswith('#')
    }
    extras = setup_arguments()['extras_require']
    assert isinstance(extras, dict)
    required |= {name.replace('-', '_') for names in extras.values() for name in names}
    missing = {
        name
        for name in imported_modules()
        if KEYS.get(name, name) not in declared and name.lower() not in required
    }
    assert missing == set()


def test_message_packages_list_all_their_files() -> None:
    for folder in PACKAGES[1:]:
        files = {
            f'{path.parent.name}/{path.name}'
            for kind in ('msg', 'srv', 'action')
            for path in folder.glob(f'{kind}/*')
        }
        listed = set(
            re.findall(r'\w+/\w+\.(?:msg|srv|action)', (folder / 'CMakeLists.txt').read_text())
        )
        assert listed == files


def constants(message: type, prefix: str) -> dict[str, int]:
    """Return the constants of a message class whose names start with a prefix, without it."""
    names = [name for name in dir(type(message)) if name.startswith(prefix)]
    return {name.removeprefix(prefix): getattr(message, name) for name in names}


def numbers(enum: type[IntEnum]) -> dict[str, int]:
    """Return names and numbers of an enum."""
    return {member.name: int(member) for member in enum}


def test_enums_have_the_numbers_of_the_messages() -> None:
    messages = pytest.importorskip('kosmos_ros_msgs.msg')
    services = pytest.importorskip('kosmos_ros_msgs.srv')
    actions = pytest.importorskip('kosmos_ros_msgs.action')
    statuses = constants(messages.Grounding, 'STATUS_')
    statuses = {name: value for name, value in statuses.items() if not name.startswith('3D_')}
    assert statuses == numbers(Status)
    assert constants(messages.GroundedPhrase, 'ROLE_') == numbers(Role)
    for message in (
        messages.Grounding,
        services.Ground.Request,
        services.SetStandingQuery.Request,
        actions.Ground.Goal,
    ):
        assert constants(message, 'TASK_') == numbers(Task)


@pytest.mark.parametrize('package', sorted(TYPE_HASHES))
def test_types_are_those_of_other_machines(package: str) -> None:
    index = pytest.importorskip('ament_index_python')
    folder = Path(index.get_package_share_directory(package)) / 'msg'
    if not list(folder.glob('*.json')):
        pytest.skip(f'this ROS has no type hashes: {folder}')
    for name, expected in TYPE_HASHES[package].items():
        described = json.loads((folder / f'{name}.json').read_text())['type_hashes']
        hashes = {item['type_name']: item['hash_string'] for item in described}
        assert hashes[f'{package}/msg/{name}'] == f'RIHS01_{expected}', name


def test_stand_ins_bring_what_their_hashes_are_listed_for() -> None:
    for package, expected in TYPE_HASHES.items():
        files = (ROOT / 'interfaces' / package / 'msg').glob('*.msg')
        assert {path.stem for path in files} == set(expected)
