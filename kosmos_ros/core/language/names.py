# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which objects a query of nothing but names means, and what single phrases mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
import re

from kosmos_ros.core.language.exclusions import Excluded
from kosmos_ros.core.language.items import StepPart
from kosmos_ros.core.language.name_words import (
    apart,
    ARTICLES,
    cut,
    GLUED,
    in_form,
    is_many,
    name_start,
    noun_of,
    noun_place,
    OUTSIDE,
    trimmed,
    without_non,
)
from kosmos_ros.core.language.nouns import Noun, ONES
from kosmos_ros.core.language.object_phrases import Name, Names, ObjectPhrase, Relation
from kosmos_ros.core.language.segments import Node, read_segment
from kosmos_ros.core.language.steps import read_names
from kosmos_ros.core.language.words.lexicon import (
    EVERYTHING,
    EXCLUDING,
    INDEFINITE_WORDS,
    Link,
    POSSESSIVES,
)
from kosmos_ros.core.language.words.quantities import (
    digits_as_words,
    Number,
    number_of,
    order_in,
    ORDINALS,
)
from kosmos_ros.core.language.words.verbs import NO_VERB
from kosmos_ros.core.language.words.word_forms import plural, singular
from kosmos_ros.core.types import Role

_OPENS_CLAUSE = ('where', 'that', 'which', 'who', 'whose', 'when', 'as', 'than')
_CLAUSE = frozenset(('whose', 'as', 'where', 'if', 'provided', 'because'))
"""Words of names behind which it is not clear of what something is denied."""

_ANY_THING = ('anything', 'something', 'nothing', 'whatever')
_ARTICLE = re.compile(r'^(?:the|an?|any|all|every|each|both|my|your|of)\s+', re.IGNORECASE)


def parse_names(text: str, start: int = 0, end: int | None = None) -> Names:
    """Return the objects that ``text[start:end]`` of a query names, in their order."""
    end = len(text) if end is None else end
    known = Antecedent(text)
    names: list[Name] = []
    forbidden = False
    for step in read_names(text, start, end):
        if step.forbidden:
            forbidden = True
            continue
        for group, behind in spread(list(_named(step.items, end))):
            name = _name(text, group, behind, known)
            is_pronoun = not any(item.nouns or item.link for item in group)
            if name is None:
                forbidden = True
                if names and group[0].nouns:  # 'a mug, anything but the red one'
                    names[-1] = replace(names[-1], phrase=None, excludes=True)
            elif not (names and is_pronoun):  # 'the mugs, all of them'
                names.append(name)
    return Names(tuple(names), forbidden)


class Antecedent:
    """What 'one' stands for: the noun that was named last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.noun = ''

    def name(self, noun: Noun) -> str:
        """Return a noun's name, with what 'one' stands for, and remember it."""
        words = ' '.join(self._text[noun.name : noun.end].split()).split()
        if words[-1].lower() in ONES:
            if self.noun:
                form = plural if words[-1].lower() == 'ones' else singular
                words[-1] = form(self.noun)
        else:
            self.noun = words[noun_place(words)].lower()
        return ' '.join(words)


_Group = tuple[list[StepPart], int]


def _named(items: Sequence[StepPart], end: int) -> Iterator[_Group]:
    """Yield the items of each object, and where the object or what joins it to the next ends."""
    group: list[StepPart] = []
    for item in items:
        begins = item.link is None and (item.conjunct or _begins_anew(group, item))
        if begins and group:
            yield group, item.joined_at if item.conjunct else item.start
            group = []
        group.append(item)
    if group:
        yield group, end


def _begins_anew(group: Sequence[StepPart], item: StepPart) -> bool:
    """Tell whether nothing but an article separates two objects: 'the mug the bowl'."""
    pair = (*group[-1:], item)
    nouns = [one.nouns[0] for one in pair if one.link is None and one.nouns]
    articles = all(noun.determiner in ARTICLES for noun in nouns)
    return len(nouns) == 2 and articles and nouns[0].words[-1] not in _OPENS_CLAUSE


def spread(groups: list[_Group]) -> list[_Group]:
    """Let 'mugs and bowls that are not red' hold for the mugs as well."""
    for (before, _), (after, _) in zip(groups[-2::-1], groups[:0:-1], strict=False):
        nouns = [one.nouns[0] for one in (before[0], after[0]) if one.nouns]
        if len(before) == 1 and len(nouns) == 2 and all(map(is_many, nouns)):
            end = before[0].end
            before += [item._replace(end=end) for item in after if _is_said_of_both(item)]
    return groups


def _is_said_of_both(item: StepPart) -> bool:
    return item.exclusion is not None and all(part.name is None for part in item.exclusion.parts)


def _name(text: str, items: Sequence[StepPart], behind: int, known: Antecedent) -> Name | None:
    """Return the object that items name, None if they only say what it is not."""
    first = items[0]
    if first.link in EXCLUDING:
        return None
    segment = read_segment(items, NO_VERB)
    excludes = any(item.link in EXCLUDING for item in items)
    is_place = first.link in (Link.SURFACE, Link.NEIGHBOUR)
    start = name_start(text, first.nouns[0]) if first.nouns and not is_place else first.start
    glued = GLUED.search(text, 0, start)
    start = glued.start() if glued else start
    end = start + len(trimmed(text[start:behind]))
    others = segment.destinations or segment.others or segment.loose
    if len(segment.objects) != 1 or others or not segment.has_object:
        for node in segment.objects:
            known.name(node.noun)
        return Name(start, max(start, end), excludes=excludes)
    phrase = read_phrase(text, segment.objects[0], Role.TARGET, known)
    covers = phrase.end >= len(text[:behind].rstrip(OUTSIDE))
    if excludes_all(phrase):
        return None
    is_clear = covers and not any(one.unclear for one in phrase.everything())
    return Name(start, max(end, phrase.end), phrase if is_clear else None, excludes)


def excludes_all(phrase: ObjectPhrase) -> bool:
    """Tell whether a phrase only says what is not meant: 'anything but the mug'."""
    return bool(phrase.excluded) and phrase.head.split()[-1].casefold() in _ANY_THING


def read_phrase(text: str, node: Node, role: Role, known: Antecedent) -> ObjectPhrase:
    noun, start = node.noun, name_start(text, node.noun)
    determiner = noun.determiner if start == noun.start else noun.determiner.partition(' ')[2]
    name, negated = without_non(known.name(noun))
    words = name.lower().split()
    number = number_of(determiner, words[noun_place(words)])
    count = number.count if number else 0
    _rank_by_place(node, count > 1 or (words[0] in ORDINALS and determiner != 'a'))
    order, name = order_in(name, node.rank, count)
    parts = [part for item in node.excluded if item.exclusion for part in item.exclusion.parts]
    name = (name.removeprefix('other ') if parts else name) or 'objects'
    if order is None and (others := _others(words)):
        number, name = others
    several = is_many(noun) or (order is not None and order.count > 1)
    all_of_them = order is not None or bool(parts or negated) or number is not None
    head = _head(name, determiner, all_of_them)
    excluded = _excluded(text, name, parts, negated)
    asked, end = head, max([noun.end, node.end, *(item.end for item in node.excluded)])
    relations = []
    for item, nodes in node.relations:
        references = tuple(read_phrase(text, one, Role.REFERENCE, known) for one in nodes)
        relations.append(Relation(item.words, references))
        named = ' and '.join(one.asked for one in references)
        asked = f'{asked} {item.words} {named}'.rstrip()
        end = max([end, item.end, *(one.end for one in references)])
    return ObjectPhrase(
        *(start, end, role, head, asked, tuple(relations)),
        several=several and not (order is not None and order.count == 1),
        definite=not INDEFINITE_WORDS.intersection(determiner.split()),
        excluded=excluded,
        number=None if order else number,
        order=order,
        unclear=any(not (item.exclusion and item.exclusion.parts) for item in node.excluded)
        or bool(node.excluded and not _CLAUSE.isdisjoint(words)),
    )


def _others(words: Sequence[str]) -> tuple[Number, str] | None:
    """Read 'other two mugs' as two of the other mugs."""
    if len(words) < 3 or words[0] not in ('other', 'remaining', 'next'):
        return None
    number = number_of(f'the {digits_as_words(words[1])}', words[-1])
    return (number, ' '.join([words[0], *words[2:]])) if number else None


def _rank_by_place(node: Node, is_counted: bool) -> None:
    """Count 'the second mug on the left' from there."""
    for item, nodes in node.relations:
        if is_counted and not nodes and item.link is Link.NEIGHBOUR and not node.rank:
            node.rank, node.end = item.words, max(node.end, item.end)
            node.relations.remove((item, nodes))
            return


def _head(name: str, determiner: str, all_of_them: bool) -> str:
    """Return the words for the model, without the owner, who cannot be seen."""
    if all_of_them and not EVERYTHING.issuperset(name.lower().split()):
        words = ['the'] if determiner else []
        name = in_form(name, is_many=True)
    else:
        words = ['the' if word in POSSESSIVES else word for word in determiner.split()]
    return ' '.join([*words, name])


def _excluded(
    text: str, name: str, parts: Sequence[Excluded], negated: Sequence[str]
) -> tuple[ObjectPhrase, ...]:
    """Compose the names of what is not meant, in singular and plural."""
    texts = [f'{word} {noun_of(name)}' for word in negated]
    ends = [''] * len(texts)
    for part in parts:
        # 'the blue cup, not the red one': the red cup
        own = _ARTICLE.sub('', cut(text, part.name)) if part.name else name
        if part.before:
            own = noun_of(name)
        lacked = f'with {cut(text, part.part)}' if part.part else ''
        for before in apart(cut(text, part.before)):
            texts.append(f'{before} {own}'.strip())
            ends.append(f'{cut(text, part.behind)} {lacked}'.strip())
    expressions = dict.fromkeys(
        f'the {in_form(own, is_many)} {end}'.rstrip()
        for own, end in zip(texts, ends, strict=True)
        for is_many in (False, True)
    )
    return tuple(_parsed(expression) for expression in expressions)


def _parsed(expression: str) -> ObjectPhrase:
    """Return what an expression for one kind of object means, unread where that is unclear."""
    whole = ObjectPhrase(0, len(expression), Role.NONE, expression, expression, several=True)
    names = parse_names(expression).names
    phrase = names[0].phrase if len(names) == 1 else None
    return whole if phrase is None or phrase.is_counted else phrase
