# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
INSTRUCT: every object of an instruction, found together.

The model is asked for each object by its name alone ('the red mug'), with what singles it out
('the red mug left of the blue box'), and for the reference ('the blue box'), all in one call. A
relation that boxes decide is judged by the boxes of the names, any other by the model's answer to
the whole expression. Where the reference is missing, the object is too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.language.instructions import forbids_only, parse_instruction
from kosmos_ros.core.language.object_phrases import ObjectPhrase
from kosmos_ros.core.language.superlatives import by_order, has_superlative
from kosmos_ros.core.language.words.lexicon import SCENERY
from kosmos_ros.core.looks.trail import Sought
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.model.prompts import locate_prompt
from kosmos_ros.core.tasks.answer import distinct_boxes, Findings, FoundPhrase, select_boxes
from kosmos_ros.core.tasks.ask_model import look_for, seen_in_parts, Sightings
from kosmos_ros.core.tasks.closer_look import with_closer_look
from kosmos_ros.core.tasks.plan import Outcome, TaskContext
from kosmos_ros.core.tasks.relations import (
    decided_by_boxes,
    in_relation,
    is_among,
    narrowed_by_boxes,
)
from kosmos_ros.core.tasks.selection import count_note, counted, in_order, order_note, without
from kosmos_ros.core.types import GroundingRequest, Phrase, Role, ScoredBox, Status


@dataclass(frozen=True)
class Sight:
    """
    What is known of one object: its boxes, best first, and in words why there are none.

    ``by_boxes``: a relation was judged by where boxes are. ``note``: a remark on the boxes, such
    as that fewer were found than asked for.
    """

    existence: float
    boxes: tuple[ScoredBox, ...] = ()
    missing: str = ''
    by_boxes: bool = False
    note: str = ''


@dataclass(frozen=True)
class Instruct:
    """An instruction, and the objects that it names."""

    text: str
    phrases: tuple[ObjectPhrase, ...]

    @classmethod
    def read(cls, query: str, _: GroundingRequest) -> Instruct:
        """Read which objects an instruction names; raises ``InvalidRequestError`` if unclear."""
        phrases = parse_instruction(query)
        if any(phrase.unclear for phrase in phrases):
            raise not_understood(query)
        if phrases:
            return cls(query, phrases)
        if forbids_only(query):
            raise InvalidRequestError(
                f'{query!r} only forbids something, or only names what is not meant; say what is '
                "to be done, and with which object, such as 'put the mug on the plate'"
            )
        raise InvalidRequestError(
            "INSTRUCT needs an instruction that names an object, such as 'put the mug on the "
            f"plate', got {query!r}"
        )

    def run(self, context: TaskContext, cutouts: Sequence[Cutout]) -> tuple[Outcome, ...]:
        """Find the objects in each view, in one call of the backend."""
        phrases = self.phrases
        if seen_in_parts(context, cutouts):
            phrases = tuple(map(by_order, phrases))
        asked = list(dict.fromkeys(one for phrase in phrases for one in phrase.expressions()))
        if len(asked) > context.settings.max_phrases:
            raise InvalidRequestError(
                f'INSTRUCT looks for at most {context.settings.max_phrases} expressions, '
                f'this instruction comes to {len(asked)}'
            )
        prompt = '\n'.join(str(locate_prompt(phrase)) for phrase in asked)
        looks = look_for(context, cutouts, sought(asked, phrases), context.settings.max_boxes)
        closer = [
            with_closer_look(context, cutout, phrases, sightings)
            for cutout, sightings in zip(cutouts, looks, strict=True)
        ]
        return tuple(
            Outcome(prompt, _answer(self.text, phrases, context, one), one.looks) for one in closer
        )


def sought(asked: Sequence[str], phrases: Iterable[ObjectPhrase]) -> tuple[Sought, ...]:
    """Return expressions to look for, with what is known of them from the phrases they are of."""
    everything = [
        one
        for phrase in phrases
        for one in (phrase.everything() if phrase.relations else [phrase])
    ]
    related = {one.asked for one in everything if _depends_on_others(one)}
    several = {
        text
        for one in everything
        if one.several or one.excluded or one.number or one.order
        for text in (one.head, *(text for other in one.excluded for text in other.expressions()))
    }
    return tuple(
        Sought(text, text in related or has_superlative(text), text in several) for text in asked
    )


def _depends_on_others(phrase: ObjectPhrase) -> bool:
    """Tell whether an object is singled out by where it is, other than that of all in view."""
    return any(
        not relation.references or not all(is_scenery(one) for one in relation.references)
        for relation in phrase.relations
    )


def not_understood(query: str) -> InvalidRequestError:
    """Return the error for a query that excludes something in unknown words."""
    return InvalidRequestError(
        f'{query!r} excludes something in words that are not understood; '
        "say it as in 'the plates that are not white' or 'the mugs except the red one'"
    )


def find(phrase: ObjectPhrase, seen: Mapping[str, Located]) -> Sight:
    """Find an object by the model's answer to each of its ``expressions``."""
    excluded = [box for one in phrase.excluded for box in find(one, seen).boxes]
    if not excluded:
        return _chosen(phrase, _related(phrase, seen))
    left = {
        text: replace(seen[text], boxes=without(seen[text].boxes, excluded))
        for text in (phrase.head, phrase.asked)
    }
    if seen[phrase.head].boxes and not left[phrase.head].boxes:
        return Sight(0.0, missing=f'there {_is(phrase)} no {_name(phrase)} but what is excluded')
    return _chosen(phrase, _related(phrase, {**seen, **left}))


def _chosen(phrase: ObjectPhrase, sight: Sight) -> Sight:
    """Choose as many as are meant, or those that the order means."""
    if not sight.boxes:
        return sight
    name = _name(phrase)
    if phrase.order is not None:
        boxes = in_order(phrase.order, sight.boxes)
        if boxes:
            return replace(sight, boxes=boxes, note=order_note(phrase.order, name))
        count = len(sight.boxes)
        are = f'are only {count}' if count > 1 else 'is only one'
        return Sight(0.0, missing=f'there {are} of {name!r}')
    if phrase.number is not None:
        note = count_note(phrase.number, len(sight.boxes), name)
        return replace(sight, boxes=counted(phrase.number, sight.boxes), note=note)
    return sight


def _related(phrase: ObjectPhrase, seen: Mapping[str, Located]) -> Sight:
    """Return the boxes of all objects of a name that are in the phrase's relations."""
    head = seen[phrase.head]
    if not phrase.relations:
        boxes = distinct_boxes(head.boxes) if phrase.is_counted else head.boxes
        return Sight(head.existence, boxes, '' if boxes else _none_there(phrase))
    references = {one: find(one, seen) for one in phrase.references}
    for reference, sight in references.items():
        if not (sight.boxes or is_scenery(reference)):
            existence = min(sight.existence, seen[phrase.asked].existence)
            return Sight(existence, missing=sight.missing)
    if not head.boxes and not seen[phrase.asked].boxes:
        return Sight(head.existence, missing=_none_there(phrase))
    return _singled_out(phrase, seen, references)


def is_scenery(phrase: ObjectPhrase) -> bool:
    """Tell whether it is a surrounding of everything in view, which may lack a box of its own."""
    return phrase.head.casefold().split()[-1] in SCENERY


def _singled_out(
    phrase: ObjectPhrase, seen: Mapping[str, Located], references: Mapping[ObjectPhrase, Sight]
) -> Sight:
    """Choose among the boxes of the name, or else of the whole expression."""
    head, whole = seen[phrase.head], seen[phrase.asked]
    several = phrase.several or phrase.order is not None or phrase.number is not None
    relations = [
        relation
        for relation in phrase.relations
        if not any(is_scenery(one) for one in relation.references)
    ]
    decided = all(decided_by_boxes(relation.words) for relation in relations)
    ways = [(whole.boxes, False)]
    if all(narrowed_by_boxes(relation.words) for relation in relations):
        ways.insert(0 if relations and decided else 1, (head.boxes, True))
    for boxes, by_boxes in ways:
        chosen = distinct_boxes(boxes)
        for relation in relations:
            others = [references[one].boxes[0].box for one in relation.references]
            chosen = in_relation(relation.words, chosen, others, several)
        if chosen:
            existences = [sight.existence for sight in references.values() if sight.boxes]
            existence = min([head.existence, *existences]) if by_boxes else whole.existence
            return Sight(existence, chosen, by_boxes=by_boxes and bool(relations))
    relation_words = phrase.asked[len(phrase.head) :].strip()
    none_so = f'no {_name(phrase)} {_is(phrase)} {relation_words}'
    return Sight(whole.existence, missing=none_so)


def _answer(
    text: str,
    phrases: Sequence[ObjectPhrase],
    context: TaskContext,
    sightings: Sightings,
) -> Findings:
    seen, notes = sightings.answers, sightings.notes
    sights = _distinct(phrases, [_noted(find(one, seen), notes[one.asked]) for one in phrases])
    found = [
        FoundPhrase(text[start:end], start, end, sight.existence, sight.boxes, role=phrase.role)
        for phrase, sight in zip(phrases, sights, strict=True)
        for start, end in [(phrase.start, phrase.end)]
    ]
    kept, detections = select_boxes(found, context.limits)
    answers = list(zip(phrases, sights, kept, strict=True))
    needed = [
        (sight, answer)
        for phrase, sight, answer in answers
        if not answer.detections and not (answer.role is Role.REFERENCE and is_scenery(phrase))
    ]
    status = Status.FOUND
    if needed:
        too_low = all(sight.boxes for sight, _ in needed)
        status = Status.LOW_SCORE if too_low else Status.NOT_FOUND
    least = context.limits.min_score
    parts = [sight.missing or _too_low(answer, sight, least) for sight, answer in needed]
    parts += [note for one in answers for note in _notes(*one)]
    return Findings(text, kept, detections, status, '; '.join(dict.fromkeys(parts)))


def _noted(sight: Sight, unknown: str) -> Sight:
    """Add a note on unknown words."""
    missing = f'{sight.missing} ({unknown})' if unknown and sight.missing else sight.missing
    return replace(sight, missing=missing, note='; '.join(filter(None, (sight.note, unknown))))


def _distinct(phrases: Sequence[ObjectPhrase], sights: Sequence[Sight]) -> list[Sight]:
    """Drop boxes of scenery that are those of objects on it."""
    pairs = list(zip(phrases, sights, strict=True))
    objects = [box.box for phrase, sight in pairs if not is_scenery(phrase) for box in sight.boxes]
    return [
        Sight(
            sight.existence, missing=f'the box of the {_name(phrase)} is that of an object on it'
        )
        if is_scenery(phrase) and any(is_among(box.box, objects) for box in sight.boxes)
        else sight
        for phrase, sight in pairs
    ]


def _notes(phrase: ObjectPhrase, sight: Sight, answer: Phrase) -> Iterator[str]:
    count = len(answer.detections)
    if count > 1 and phrase.definite and not phrase.several:
        yield f'{count} boxes match {answer.text!r}, the first is the likeliest'
    if sight.by_boxes and answer.detections:
        yield f'{answer.text!r} was singled out by where the boxes are'
    if sight.note and answer.detections:
        yield sight.note


def _none_there(phrase: ObjectPhrase) -> str:
    return f'there {_is(phrase)} no {_name(phrase)}'


def _is(phrase: ObjectPhrase) -> str:
    return 'are' if phrase.several or phrase.is_counted else 'is'


def _name(phrase: ObjectPhrase) -> str:
    """Return the name without what its own determiner would repeat."""
    words = phrase.head.split()
    return ' '.join(words[1:] if words[0].casefold() in ('the', 'a', 'an', 'all') else words)


def _too_low(answer: Phrase, sight: Sight, least: float) -> str:
    best = max(box.score for box in sight.boxes)
    return f'{answer.text!r} scores too low (best {best:.2f}, min_score {least:.2f})'
