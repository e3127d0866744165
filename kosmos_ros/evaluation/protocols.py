# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Protocols for asking a model the questions of a data set.

``OwnProtocol`` asks through the public ``Grounder``, as the node and the command line do: phrases
are refused below the threshold of existence, and the corners of boxes lie between the cells.

``PaperProtocol`` does what the authors of KOSMOS-2 did for their tables of phrase grounding and
referring expressions (Peng et al. 2023, arXiv 2306.14824, sections 4.1.1 and 4.1.2; their scripts
``kosmos-2/evaluation/flickr_entities`` and ``kosmos-2/evaluation/refcoco`` in microsoft/unilm):

- The prompt is ``<grounding><phrase> the expression</phrase>``. A phrase of a Flickr30k caption
  has the caption's words before it in front of its tag, so that it is clear which man is meant.
- The model writes on greedily, without repeating three tokens, at most 500 of them.
- Boxes are those that it wrote behind the phrase asked for, in its order, read from their cells.
- The first one counts for an expression, and for R@1 of a phrase; R@5 and R@10 take as many boxes
  as there are, up to 5 and 10. A hit overlaps a true box with an IoU of 0.5 or more; for a phrase
  that means several objects, any of them ("any box" of MDETR). No box is a miss.

A box that the model repeats is read once here, and takes two of the 5 or 10 places there.
"""

from __future__ import annotations

import time
from typing import Protocol

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.grounder import Grounder, ignore, never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.views import FrameKey
from kosmos_ros.core.model.backend import Backend, EncodedFrame, Generation
from kosmos_ros.core.model.grammar import Prompt, Tag
from kosmos_ros.core.model.streaming import parse
from kosmos_ros.core.types import Grounding, Phrase, ScoredBox, Status, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.studies.corners import without_corners

PAPER_KINDS = frozenset((Kind.EXPRESSION, Kind.PHRASE))
"""What the authors measured and can be asked for here."""

MAX_NEW_TOKENS = 500
"""``--max-len-b`` of the authors' scripts."""


class Asker(Protocol):
    """Asks a model questions."""

    def look(self, image: RgbImage) -> None:
        """Take the image, (H, W, 3) uint8 RGB, that the next questions are about."""
        ...

    def ask(self, case: Case) -> Grounding:
        """
        Answer a question about it.

        :raises InvalidRequestError: if it cannot be asked.
        :raises ModelError: if the model fails.
        """
        ...


class OwnProtocol:
    """Asks through the public ``Grounder``."""

    def __init__(self, grounder: Grounder) -> None:
        self._grounder = grounder
        self._image: RgbImage | None = None
        self._number = 0

    def look(self, image: RgbImage) -> None:
        """Take the next image."""
        self._image = image
        self._number += 1

    def ask(self, case: Case) -> Grounding:
        """Answer a question about it; it is encoded once."""
        source = FrameKey('evaluation', 0, self._number)
        return self._grounder.ground(_shown(self._image), case.request, source=source)


class PaperProtocol:
    """Asks as the authors of KOSMOS-2 did."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._image: RgbImage | None = None
        self._frame: EncodedFrame | None = None

    def look(self, image: RgbImage) -> None:
        """Take the next image."""
        self._image, self._frame = image, None

    def ask(self, case: Case) -> Grounding:
        """
        Have the model continue the authors' prompt.

        :raises InvalidRequestError: if the authors asked nothing of this kind.
        """
        if case.kind not in PAPER_KINDS:
            raise InvalidRequestError(
                f'the protocol of the paper has no questions of the kind {case.kind.value!r}'
            )
        started = time.monotonic()
        image = _shown(self._image)
        if self._frame is None:
            (self._frame,) = self._backend.encode([image])
        prompt = paper_prompt(case)
        written = self._backend.generate(self._frame, prompt, MAX_NEW_TOKENS, never, ignore)
        height, width = image.shape[:2]
        text = case.request.query
        boxes, existence = self._boxes(prompt, written, text)
        phrase = Phrase(
            text, 0, len(text), existence=existence, detections=tuple(range(len(boxes)))
        )
        return Grounding(
            task=Task.LOCATE,
            status=Status.FOUND if boxes else Status.NOT_FOUND,
            image_width=width,
            image_height=height,
            query=text,
            prompt=str(prompt),
            text=text,
            phrases=(phrase,),
            detections=boxes,
            model=self._backend.model_name,
            inference_time=time.monotonic() - started,
        )

    def _boxes(
        self, prompt: Prompt, written: Generation, text: str
    ) -> tuple[tuple[ScoredBox, ...], float]:
        """Return the boxes behind every mention of the phrase, and its existence."""
        parsed = parse(prompt, without_corners(written), self._backend.vocabulary)
        meant = [phrase for phrase in parsed.phrases if phrase.text.split() == text.split()]
        boxes = tuple(
            ScoredBox(box.box, min(1.0, box.score), text, f'0-{rank}')
            for rank, box in enumerate(box for phrase in meant for box in phrase.boxes)
        )
        return boxes, min(1.0, meant[0].existence) if meant else 0.0


def paper_prompt(case: Case) -> Prompt:
    """Return the authors' prompt for an expression or a phrase of a caption."""
    before = (f' {case.before}',) if case.before else ()
    return Prompt((Tag.GROUNDING, *before, Tag.PHRASE, f' {case.request.query}', Tag.PHRASE_END))


def _shown(image: RgbImage | None) -> RgbImage:
    if image is None:
        raise RuntimeError('look at an image before asking about it')
    return image
