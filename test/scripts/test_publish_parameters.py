# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The page of parameters says what the declarations say."""

from __future__ import annotations

from scripts.publish_parameters import FILE, page, publish, ROOT


def test_the_page_in_the_repository_is_the_newest() -> None:
    assert (ROOT / FILE).read_text() == page(), (
        'run scripts/in_env.sh python -m scripts.publish_parameters'
    )


def test_the_page_is_written_where_the_readme_links_to(tmp_path) -> None:
    (tmp_path / FILE.parent).mkdir()
    publish(tmp_path)
    assert (tmp_path / FILE).read_text() == page()
    assert f']({FILE})' in (ROOT / 'README.md').read_text()


def test_a_row_tells_default_values_and_when() -> None:
    rows = page().splitlines()
    (threads,) = [row for row in rows if row.startswith('| `threads`')]
    assert threads.startswith('| `threads` | `0` | 0 to 1024 | unconfigured | Threads that')
    (transport,) = [row for row in rows if row.startswith('| `<name>.transport`')]
    assert '| `""` | `raw`, `compressed` | unconfigured |' in transport
