# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What labels of photographs say about phrases and texts: whether they name a labelled thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from random import Random
import re

from kosmos_ros.core.geometry import box_to_region
from kosmos_ros.core.language.words.word_forms import singular
from kosmos_ros.core.tasks.describe import DETAILS
from kosmos_ros.core.types import GroundingRequest, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.items import OpenedSample, TraitedCase

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_NAME_ENDS = frozenset(
    (
        *('with', 'on', 'in', 'at', 'by', 'near', 'behind', 'under', 'above', 'over', 'beside'),
        *('to', 'from', 'for', 'and', 'that', 'which', 'who', 'is', 'are'),
        *('wearing', 'holding', 'sitting', 'standing', 'lying'),
    )
)
"""Words behind which an expression no more tells what the thing is."""

_ARTICLE = re.compile(r'^(?:an?|the)\s+', re.IGNORECASE)

_TRIES = 4
"""Draws for each phrase wanted; some are of no use."""


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, nouns in the singular."""
    return [singular(word) for word in _WORD.findall(text.lower())]


def is_named(expression: str, category: str) -> bool:
    """Tell whether the name in an expression, 'a red mug' in 'a red mug on a table', ends so."""
    wanted = words_of(category)
    return bool(wanted) and name_words(expression)[-len(wanted) :] == wanted


def name_words(expression: str) -> list[str]:
    """Return the words of the name in an expression, as ``words_of`` does."""
    words = words_of(expression)
    ends = (place for place, word in enumerate(words) if word in _NAME_ENDS and place)
    return words[: next(ends, len(words))]


def label_of(phrase: str, names: Iterable[str]) -> str | None:
    """
    Return which of several names the name in a phrase ends with, the longest.

    :returns: None if it is none of them, or 'of' leaves open what is meant: 'a picture of a dog'.
    """
    if 'of' in name_words(phrase):
        return None
    fitting = (name for name in names if is_named(phrase, name))
    return max(fitting, key=lambda name: len(words_of(name)), default=None)


def label_case(opened: OpenedSample, seed: str) -> TraitedCase | None:
    """
    Ask for the name of one of the labelled things of an image, None if there are none.

    :param seed: chooses the thing, by text.
    """
    things = [thing for one in opened.questions for thing in one.case.things]
    if not things:
        return None
    thing = Random(seed).choice(things)
    height, width = opened.image.shape[:2]
    request = GroundingRequest('', Task.IDENTIFY, box_to_region(thing.box, width, height))
    return TraitedCase(Case(Kind.LABEL, request, (thing,), text=thing.name))


@dataclass(frozen=True)
class Labels:
    """
    What the labels of an image tell about texts.

    ``things`` are all that the image shows of what has one of ``names``; none of a name: it is not
    there. ``phrases`` name one thing each.
    """

    things: tuple[NamedBox, ...] = ()
    names: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


def written_cases(labels: Labels, seed: str) -> list[TraitedCase]:
    """
    Ask for a caption, brief or detailed, and where a thing is; nothing where no name is known.

    :param seed: chooses them, by text.
    """
    if not labels.names:
        return []
    rng = Random(seed)
    requests = [GroundingRequest(rng.choice(DETAILS), Task.DESCRIBE)]
    if labels.phrases:
        phrase = _ARTICLE.sub('', rng.choice(labels.phrases))
        requests.append(GroundingRequest(f'where is the {phrase}?', Task.ASK))
    return [
        TraitedCase(Case(Kind.WRITTEN, request, labels.things, names=labels.names))
        for request in requests
    ]


@dataclass(frozen=True)
class Mention:
    """A phrase of LOCATE, the label of what it names, and the noun that names it."""

    text: str
    label: str
    noun: str


class OtherPhrases:
    """Phrases about other images: what is absent from one by its labels."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self._by_label: dict[str, list[Mention]] = defaultdict(list)
        for mention in mentions:
            self._by_label[mention.label].append(mention)

    def absent(
        self, there: Collection[str], said: Iterable[str], count: int, seed: str
    ) -> list[TraitedCase]:
        """
        Ask for what is not in an image.

        :param there: labels of the image; nothing with one of them is asked for.
        :param said: texts about what is there; nothing is asked for with a noun among their words.
        :param count: how many to ask for, if there are as many.
        :param seed: chooses labels, and a phrase of each, by text.
        """
        rng = Random(seed)
        taken = {word for text in said for word in words_of(text)}
        labels = sorted(self._by_label.keys() - set(there))
        chosen: dict[str, TraitedCase] = {}
        for label in rng.choices(labels, k=_TRIES * count) if labels else ():
            mention = rng.choice(self._by_label[label])
            if len(chosen) < count and not taken & set(words_of(mention.noun)):
                chosen[mention.text] = absent_case(mention.text, label)
        return list(chosen.values())


def absent_case(phrase: str, category: str) -> TraitedCase:
    """Ask for a phrase that names nothing in the image."""
    request = GroundingRequest(phrase, Task.LOCATE, literal=True)
    return TraitedCase(Case(Kind.ABSENT, request), {'category': category})
