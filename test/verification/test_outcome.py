# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What follows from a verification."""

from __future__ import annotations

import pytest

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.verification.outcome import explanation, ModelKind, verdict

from .conftest import one_word_else, PublishedBackend, Verify


def test_all_as_published(verify_model: Verify, snow: RgbImage) -> None:
    result = verify_model(PublishedBackend(snow))
    assert verdict(result) == 'as published: all 11 answers, token by token'
    assert 'what the authors published' in explanation(result)


@pytest.mark.parametrize(
    ('kind', 'quantization', 'precision', 'told'),
    [
        (ModelKind.EMBEDDED, 'none', 'float32', 'That is no fault: the embedded model is another'),
        (ModelKind.OTHER, 'none', 'float32', 'If it is a copy of them: the files may be damaged'),
        (ModelKind.OTHER, 'none', 'float32', 'only the published weights answer as published'),
        (ModelKind.PUBLISHED, 'int8', 'float32', 'with --quantization int8 weights are rounded'),
        (ModelKind.PUBLISHED, 'none', 'bfloat16', '--dtype float32 leaves that out'),
        (ModelKind.PUBLISHED, 'none', 'float32', 'download MODEL --check'),
    ],
)
def test_why_answers_differ(
    verify_model: Verify,
    snow: RgbImage,
    kind: ModelKind,
    quantization: str,
    precision: str,
    told: str,
) -> None:
    backend = PublishedBackend(snow, written=one_word_else)
    result = verify_model(backend, kind, quantization, precision)
    assert verdict(result) == '1 of 11 answers differ from the published ones'
    assert told in explanation(result)
