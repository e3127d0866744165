# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Draw the folders of the package from its imports: ``python -m scripts.publish_architecture``.

Writes the text between ``<!-- imports of ... -->`` and ``<!-- end -->`` in
``docs/architecture.md``, and the table of folders in ``CONTRIBUTING.md``, made of the first
sentences of the folders' ``__init__.py``. Needs nothing but Python.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
import re

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = 'kosmos_ros'
PAGES = ('docs/architecture.md', 'CONTRIBUTING.md')

_BLOCK = re.compile(r'(<!-- (imports|folders) of (\S+) -->\n).*?(<!-- end -->)', re.DOTALL)
_WITHOUT_CODE = {
    'models/': 'Checkpoints that come with the package.',
    'models/tabletop/': 'The embedded checkpoint and its card.',
    'models/tabletop/measured/': 'The figures of the card.',
    'watch/page/': 'The web page: HTML, CSS and JavaScript, written by hand.',
}

Graph = Mapping[str, set[str]]
"""Who imports whom."""


def modules(root: Path = ROOT) -> Graph:
    """Return the package's modules, dotted without its name, and what each imports from it."""
    package = root / PACKAGE
    paths = sorted(package.rglob('*.py'))
    names = {_module_name(path.relative_to(package)): path for path in paths}
    # The package itself re-exports names of its modules, and is above them all.
    names.pop('')
    return {name: {*_imported(path, name, names)} - {name} for name, path in sorted(names.items())}


def rooms_of(folder: str, graph: Graph) -> Graph:
    """
    Return the folders and modules right below a folder, and which of them import which.

    :param folder: dotted, without the package's name; empty for the package.
    """
    rooms: dict[str, set[str]] = {}
    for module, imported in graph.items():
        if (room := _room(folder, module)) is None:
            continue
        others = {_room(folder, one) for one in imported} - {room, None}
        rooms.setdefault(room, set()).update(str(one) for one in others)
    return rooms


def reduced(graph: Graph) -> Graph:
    """Return a graph without the arrows that follow from others; arrows in circles all stay."""
    kept = {name: set(others) for name, others in graph.items()}
    for name in sorted(kept):
        for other in sorted(kept[name]):
            if name in _reached(graph, other):
                continue
            kept[name].discard(other)
            if other not in _reached(kept, name):
                kept[name].add(other)
    return kept


def picture(folder: str, graph: Graph) -> str:
    """Return the picture of a folder as Mermaid's text: an arrow says that one imports another."""
    rooms = rooms_of(folder, graph)
    lines = [f'    {_id(name)}["{name}"]' for name in sorted(rooms)]
    lines += [
        f'    {_id(name)} --> {_id(other)}'
        for name, others in sorted(reduced(rooms).items())
        for other in sorted(others)
    ]
    return '\n'.join(['```mermaid', 'flowchart TD', *lines, '```', ''])


def folders(root: Path = ROOT) -> dict[str, str]:
    """Return the folders of the package, each with its first sentence."""
    package = root / PACKAGE
    found = {}
    for path in sorted(one for one in package.rglob('*') if one.is_dir()):
        name = f'{path.relative_to(package).as_posix()}/'
        init = path / '__init__.py'
        if init.exists():
            text = ast.get_docstring(ast.parse(init.read_text(encoding='utf-8'))) or ''
            first = re.split(r'(?<=\.)\s', ' '.join(text.split()), maxsplit=1)[0]
            found[name] = first.replace('``', '`')
        elif name in _WITHOUT_CODE:
            found[name] = _WITHOUT_CODE[name]
        elif any(path.glob('*.py')):
            raise ValueError(f'{path} needs an __init__.py that says what the folder is for')
    return found


def page(text: str, root: Path = ROOT) -> str:
    """Return a page with its blocks rewritten."""
    graph = modules(root)

    def block(match: re.Match[str]) -> str:
        head, kind, name, end = match.groups()
        if kind == 'folders':
            return f'{head}{_table(folders(root))}{end}'
        return head + picture(name.removeprefix(PACKAGE).strip('/').replace('/', '.'), graph) + end

    return _BLOCK.sub(block, text)


def publish(root: Path = ROOT) -> None:
    """Write the pages."""
    for name in PAGES:
        path = root / name
        path.write_text(page(path.read_text(encoding='utf-8'), root), encoding='utf-8')


def _table(said: Mapping[str, str]) -> str:
    rows = [f'| `{PACKAGE}/{name}` | {words} |' for name, words in said.items()]
    return '\n'.join(['| folder | what is in it |', '|---|---|', *rows, ''])


def _module_name(path: Path) -> str:
    parts = path.with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def _imported(path: Path, name: str, known: Iterable[str]) -> Iterator[str]:
    """List what a module imports from the package, at any depth."""
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            # An import from a folder is either a module in it or defined in its __init__.
            targets = [
                one if _inside(one) in known else str(node.module)
                for one in (f'{node.module}.{alias.name}' for alias in node.names)
            ]
        elif isinstance(node, ast.ImportFrom):
            raise ValueError(f'{path}, line {node.lineno}: import {name} by its full name')
        else:
            continue
        yield from (_inside(one) for one in targets if _inside(one) in known)


def _inside(name: str) -> str:
    return name.removeprefix(f'{PACKAGE}.') if name.startswith(f'{PACKAGE}.') else ''


def _room(folder: str, module: str) -> str | None:
    """Return the name right below a folder that a module belongs to; None if it is elsewhere."""
    prefix = f'{folder}.' if folder else ''
    if not module.startswith(prefix):
        return None
    return module.removeprefix(prefix).partition('.')[0]


def _reached(graph: Graph, start: str) -> set[str]:
    """Return what is reachable along the arrows."""
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        new = graph[ahead.pop()] - reached
        reached |= new
        ahead += new
    return reached


def _id(name: str) -> str:
    """Return a name that is no keyword of Mermaid, such as 'end'."""
    return f'{name}_'


if __name__ == '__main__':
    publish()
