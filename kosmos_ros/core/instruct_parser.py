# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Which objects an instruction names, in which roles, and how they are told apart.

    parse_instruction('put the red mug left of the blue box into the bowl')

gives the TARGET 'the red mug left of the blue box', the REFERENCE 'the blue box' inside it and
the DESTINATION 'the bowl'.

This is a small grammar of English instructions rather than a language model, because

- a robot has to hear that the screwdriver it shall fetch is *not* there: a model that ties words
  to what it sees cannot name that, and models of this size were not trained on instructions;
- libraries for parsing English bring no model that installs offline, or guess how prepositions
  attach, which in an instruction follows from the verb: 'put the mug on the plate' has a
  destination, 'pick up the mug on the plate' has none;
- object phrases in instructions are delimited by words of closed classes, which can be listed.

What the grammar cannot know is decided the usual way: 'put A on B' places A, unless a clearer
destination follows ('put A on B into C'); a relation belongs to the nearest object before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
import re

from kosmos_ros.core.instruct_chunks import Item, read_names, read_steps, Step
from kosmos_ros.core.instruct_exclusions import Excluded
from kosmos_ros.core.instruct_grammar import (
    ADJECTIVES,
    EVERYTHING,
    EXCLUDING,
    FIXED_PAIRS,
    INDEFINITE_WORDS,
    Link,
    POSSESSIVES,
    SCENERY,
)
from kosmos_ros.core.instruct_nouns import Noun
from kosmos_ros.core.instruct_verbs import Frame, NO_VERB
from kosmos_ros.core.quantities import (
    digits_as_words,
    means_several,
    Number,
    number_of,
    Order,
    order_in,
    ORDINALS,
)
from kosmos_ros.core.types import Role
from kosmos_ros.core.word_forms import is_plural, plural, singular

_ONES = ('one', 'ones')
_AFTER_NOUN = frozenset(('of', 'with', 'that', 'which', "that's"))
_ARTICLES = ('the', 'a', 'an')
_OPENS_CLAUSE = ('where', 'that', 'which', 'who', 'whose', 'when', 'as', 'than')
_CLAUSE_OF_NAME = re.compile(r"(?<=\w) (?:that|which)(?:'s| is| are)\b.*", re.IGNORECASE)
_COLOR = re.compile(r'\b(?:(?:the |in )?colou?r(?:ed)?)\b', re.IGNORECASE)

_CLAUSE = frozenset(('whose', 'as', 'where', 'if', 'provided', 'because'))
"""Words of names behind which it is not clear of what something is denied."""

_ANY_THING = ('anything', 'something', 'nothing', 'whatever')
_NON = re.compile(
    rf'\b(?:non[- ]|not-|un-|non(?=(?:{"|".join(ADJECTIVES)})\b))(\w+)\s+', re.IGNORECASE
)
_JOINED = re.compile(r'\s*(?:,|/|&|\b(?:and|or|nor)\b)[\s,]*', re.IGNORECASE)
_OUTSIDE = ' \t\n,.;:!?&|+/[](){}"`\'\u201c\u201d-\u2013\u2014\uff1b\uff0c\u3001\u3002\uff01\uff1f'
"""What is no part of a name at its end."""

_GLUED = re.compile(r'(?<!\S)[<>/\\#@$%*^~=]+\Z')
"""Signs before a word that are part of it, as in '</s>', which is a name like any other."""

_ARTICLE = re.compile(r'^(?:the|an?|any|all|every|each|both|my|your|of)\s+', re.IGNORECASE)


@dataclass(frozen=True)
class Relation:
    """What singles an object out: the words of the preposition and its objects, if any."""

    words: str
    references: tuple[ObjectPhrase, ...] = ()


@dataclass(frozen=True)
class ObjectPhrase:
    """
    An object that a query names at ``text[start:end]``.

    ``head`` names it without, ``asked`` with its relations, both with single spaces and neutral
    determiners; in plural where all of its kind have to be seen to know which are meant.
    ``several``: more than one is meant; ``definite``: exactly one or those are. ``excluded`` are
    things of its kind that are not meant, in several forms each; ``number`` says how many,
    ``order`` which of them in a row. ``unclear``: it is also said what it is not, in words that
    are not understood.
    """

    start: int
    end: int
    role: Role
    head: str
    asked: str
    relations: tuple[Relation, ...] = ()
    several: bool = False
    definite: bool = True
    excluded: tuple[ObjectPhrase, ...] = ()
    number: Number | None = None
    order: Order | None = None
    unclear: bool = False

    @property
    def references(self) -> tuple[ObjectPhrase, ...]:
        """The objects that its relations name."""
        return tuple(one for relation in self.relations for one in relation.references)

    @property
    def is_counted(self) -> bool:
        """Tell whether it takes more than the model's answer to know which are meant."""
        counted = self.excluded or self.number or self.order
        return bool(counted) or any(one.is_counted for one in self.references)

    def everything(self) -> Iterator[ObjectPhrase]:
        """Yield itself, then all that its relations name, however deep."""
        yield self
        for reference in self.references:
            yield from reference.everything()

    def expressions(self) -> Iterator[str]:
        """Yield all that the model is to be asked for, some of it twice."""
        for one in self.everything():
            yield from (one.head, one.asked)
            for excluded in one.excluded:
                yield from excluded.expressions()


@dataclass(frozen=True)
class Name:
    """
    A thing that a query for things names at ``text[start:end]``.

    ``phrase`` is what is understood of it, None where it is to be left to the model as it is;
    ``excludes``: something is taken away from it.
    """

    start: int
    end: int
    phrase: ObjectPhrase | None = None
    excludes: bool = False


@dataclass(frozen=True)
class Names:
    """Things that a query names; ``forbidden``: it also says what is not wanted, of nothing."""

    names: tuple[Name, ...]
    forbidden: bool = False


def parse_instruction(text: str) -> tuple[ObjectPhrase, ...]:
    """
    Return the objects that an instruction names, in the order of the text.

    Those that only single out another one are among that one's ``references`` and in the result
    as well. What is named twice in the same role is there once.
    """
    known = _Antecedent(text)
    steps = read_steps(text)
    found: list[ObjectPhrase] = []
    for place, step in enumerate(steps):
        phrases = list(_phrases(text, step, known, is_last=place == len(steps) - 1))
        found += [] if step.forbidden else phrases
    unique: dict[tuple[str, Role], ObjectPhrase] = {}
    for phrase in sorted(found, key=lambda one: (one.start, -one.end)):
        unique.setdefault((phrase.asked.casefold(), phrase.role), phrase)
    return tuple(unique.values())


def forbids_only(text: str) -> bool:
    """Tell whether an instruction that names no object says what is not to be done."""
    return any(
        step.forbidden or any(item.link in EXCLUDING for item in step.items)
        for step in read_steps(text)
    )


def parse_names(text: str, start: int = 0, end: int | None = None) -> Names:
    """Return the things that a query for things names in ``text[start:end]``, in their order."""
    end = len(text) if end is None else end
    known = _Antecedent(text)
    names: list[Name] = []
    forbidden = False
    for step in read_names(text, start, end):
        if step.forbidden:
            forbidden = True
            continue
        for group, behind in _spread(list(_named(step.items, end))):
            name = _name(text, group, behind, known)
            is_pronoun = not any(item.nouns or item.link for item in group)
            if name is None:
                forbidden = True
                if names and group[0].nouns:  # 'a mug, anything but the red one'
                    names[-1] = replace(names[-1], phrase=None, excludes=True)
            elif not (names and is_pronoun):  # 'the mugs, all of them'
                names.append(name)
    return Names(tuple(names), forbidden)


class _Antecedent:
    """What 'one' stands for: the noun that was named last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.noun = ''

    def name(self, noun: Noun) -> str:
        """Return a noun's name, with what 'one' stands for, and remember it."""
        words = ' '.join(self._text[noun.name : noun.end].split()).split()
        if words[-1].lower() in _ONES:
            if self.noun:
                is_many = words[-1].lower() == 'ones'
                words[-1] = plural(self.noun) if is_many else singular(self.noun)
        else:
            self.noun = words[_noun_place(words)].lower()
        return ' '.join(words)


@dataclass
class _Node:
    """A noun phrase while its relations are being collected."""

    noun: Noun
    relations: list[tuple[Item, list[_Node]]] = field(default_factory=list)
    excluded: list[Item] = field(default_factory=list)
    rank: str = ''
    end: int = 0

    def last(self) -> _Node:
        """Return the noun phrase that a relation behind this one belongs to."""
        named = [nodes for _, nodes in self.relations if nodes]
        return named[-1][-1].last() if named else self


@dataclass
class _Segment:
    """What one conjunct of a step names: objects, destinations, and other things."""

    objects: list[_Node] = field(default_factory=list)
    destinations: list[_Node] = field(default_factory=list)
    others: list[_Node] = field(default_factory=list)
    loose: list[_Node] = field(default_factory=list)
    has_object: bool = False
    has_destination: bool = False


_Group = tuple[list[Item], int]


def _named(items: Sequence[Item], end: int) -> Iterator[_Group]:
    """Yield the items of each thing, and where the thing or what joins it to the next ends."""
    group: list[Item] = []
    for item in items:
        begins = item.link is None and (item.conjunct or _begins_anew(group, item))
        if begins and group:
            yield group, item.joined_at if item.conjunct else item.start
            group = []
        group.append(item)
    if group:
        yield group, end


def _begins_anew(group: Sequence[Item], item: Item) -> bool:
    """Tell whether nothing but an article separates two things: 'the mug the bowl'."""
    pair = (*group[-1:], item)
    nouns = [one.nouns[0] for one in pair if one.link is None and one.nouns]
    articles = all(noun.determiner in _ARTICLES for noun in nouns)
    return len(nouns) == 2 and articles and nouns[0].words[-1] not in _OPENS_CLAUSE


def _spread(groups: list[_Group]) -> list[_Group]:
    """Let 'mugs and bowls that are not red' hold for the mugs as well."""
    for (before, _), (after, _) in zip(groups[-2::-1], groups[:0:-1], strict=False):
        nouns = [one.nouns[0] for one in (before[0], after[0]) if one.nouns]
        if len(before) == 1 and len(nouns) == 2 and all(map(_is_many, nouns)):
            end = before[0].end
            before += [item._replace(end=end) for item in after if _is_said_of_both(item)]
    return groups


def _is_said_of_both(item: Item) -> bool:
    return item.exclusion is not None and all(part.name is None for part in item.exclusion.parts)


def _name(text: str, items: Sequence[Item], behind: int, known: _Antecedent) -> Name | None:
    """Return the thing that items name, None if they only say what it is not."""
    first = items[0]
    if first.link in EXCLUDING:
        return None
    segment = _read(items, NO_VERB)
    excludes = any(item.link in EXCLUDING for item in items)
    is_place = first.link in (Link.SURFACE, Link.NEIGHBOUR)
    start = _start(text, first.nouns[0]) if first.nouns and not is_place else first.start
    glued = _GLUED.search(text, 0, start)
    start = glued.start() if glued else start
    end = start + len(_trimmed(text[start:behind]))
    others = segment.destinations or segment.others or segment.loose
    if len(segment.objects) != 1 or others or not segment.has_object:
        for node in segment.objects:
            known.name(node.noun)
        return Name(start, max(start, end), excludes=excludes)
    phrase = _phrase(text, segment.objects[0], Role.TARGET, known)
    covers = phrase.end >= len(text[:behind].rstrip(_OUTSIDE))
    if _excludes_all(phrase):
        return None
    is_clear = covers and not any(one.unclear for one in phrase.everything())
    return Name(start, max(end, phrase.end), phrase if is_clear else None, excludes)


def _trimmed(text: str) -> str:
    """Take off the end of a text what is no part of a name; a bracket that it opens is."""
    trimmed = text.rstrip(_OUTSIDE)
    closing = {'(': ')', '[': ']'}.get(trimmed[trimmed.rfind('(') :][:1], '')
    is_open = closing and closing not in trimmed[trimmed.rfind('(') :]
    return (
        text[: len(trimmed) + 1]
        if is_open and text[len(trimmed) :].startswith(closing)
        else trimmed
    )


def _start(text: str, noun: Noun) -> int:
    """Return where a noun phrase begins; 'both' before one thing belongs to two."""
    words = [*noun.determiner.split(), '', '']
    is_either = words[0] == 'either' and words[1] in _ARTICLES
    if is_either or (words[0] == 'both' and not is_plural(noun.words[_noun_place(noun.words)])):
        after = text.lower().find(words[0], noun.start) + len(words[0])
        return after + len(text[after:]) - len(text[after:].lstrip())
    return noun.start


def _phrases(
    text: str, step: Step, known: _Antecedent, is_last: bool = True
) -> Iterator[ObjectPhrase]:
    """Name the roles of a step's objects."""
    groups = _spread([(items, 0) for items in _conjuncts(step.items)])
    segments = [_read(items, step.frame) for items, _ in groups]
    for previous, segment in zip([None, *segments], segments, strict=False):
        if previous is None:
            _promote(segment)
        elif previous.destinations and not segment.has_destination:
            # 'put it between ...', 'put it on the plate and the tray'
            segment.destinations, segment.objects = segment.objects, []
            segment.has_destination = True
        segment.others += segment.loose
    is_tool = step.frame.is_tool and not is_last
    for segment in segments:
        for role, nodes in (
            (Role.REFERENCE if is_tool else Role.TARGET, segment.objects),
            (Role.DESTINATION, segment.destinations),
            (Role.REFERENCE, segment.others),
        ):
            for node in nodes:
                phrase = _phrase(text, node, role, known)
                if not _excludes_all(phrase):
                    yield from phrase.everything()
                elif segment is not segments[0]:  # 'a mug, anything but the red one'
                    yield replace(phrase, unclear=True)


def _excludes_all(phrase: ObjectPhrase) -> bool:
    """Tell whether a phrase only says what is not meant: 'anything but the mug'."""
    return bool(phrase.excluded) and phrase.head.split()[-1].casefold() in _ANY_THING


def _conjuncts(items: Sequence[Item]) -> Iterator[list[Item]]:
    current: list[Item] = []
    for item in items:
        if item.conjunct and current:
            yield current
            current = []
        current.append(item)
    if current:
        yield current


def _read(items: Sequence[Item], frame: Frame) -> _Segment:
    """Tell arguments of the verb from relations of its objects."""
    segment = _Segment()
    goal = _destination(items, frame)
    gives = frame.gives and len(items) > 1 and bool(items[0].nouns) and items[1].link is None
    before: _Node | None = None
    for place, item in enumerate(items):
        nodes = [_Node(noun) for noun in item.nouns]
        if item.link is None:
            receives = gives and place == 0 and bool(items[1].nouns)
            (segment.destinations if receives else segment.objects).extend(nodes)
            segment.has_object |= not item.person
        elif item.link in EXCLUDING or item.link is Link.RANK:
            told = before or next(iter(segment.objects[::-1]), None)
            if told is not None:
                _tell(told, item)
            continue
        elif place == goal:
            segment.has_destination = True
            segment.destinations += nodes
        elif item.link in (Link.SOURCE, Link.TOOL) and frame is not NO_VERB:
            segment.others += nodes
        elif before is not None:
            before.last().relations.append((item, nodes))
            continue
        else:
            segment.loose += nodes
        before = nodes[-1] if nodes else None
    return segment


def _tell(node: _Node, item: Item) -> None:
    """Add to a noun phrase from where it is counted, or what it is not."""
    if item.link is Link.RANK:
        node.rank = item.words
        node.end = item.end
        return
    last = node.last()
    # Nobody tells 'the mug on the table that is not red' by tables.
    (node if last.noun.words[-1] in SCENERY else last).excluded.append(item)


def _promote(segment: _Segment) -> None:
    """Let a verb without an object act on what its preposition names: 'look at the mug'."""
    if segment.has_object:
        return
    for nodes in (segment.loose, segment.destinations, segment.others):
        if nodes:
            segment.objects = list(nodes)
            nodes.clear()
            return


def _destination(items: Sequence[Item], frame: Frame) -> int | None:
    """
    Return which item tells where things go.

    The clearest preposition wins: 'into', then 'to the left', then 'on', then 'behind', then
    another place without a name. Of several the last one, but the first of those like 'behind',
    since the others single out what it is put behind.
    """
    ranked = [
        (_rank(item, place), place)
        for place, item in enumerate(items)
        if item.link in frame.destinations
    ]
    return max(ranked)[1] if ranked else None


def _rank(item: Item, place: int) -> tuple[int, int]:
    if not (item.nouns or item.person):
        return (3 if item.link is Link.BESIDE_GOAL else 0), place
    if item.link is Link.GOAL:
        return (4 if item.nouns else 5), place
    return (2, place) if item.link in (Link.SURFACE, Link.AIM) else (1, -place)


def _phrase(text: str, node: _Node, role: Role, known: _Antecedent) -> ObjectPhrase:
    noun, start = node.noun, _start(text, node.noun)
    determiner = noun.determiner if start == noun.start else noun.determiner.partition(' ')[2]
    name, negated = _without_non(known.name(noun))
    words = name.lower().split()
    number = number_of(determiner, words[_noun_place(words)])
    count = number.count if number else 0
    _rank_by_place(node, count > 1 or (words[0] in ORDINALS and determiner != 'a'))
    order, name = order_in(name, node.rank, count)
    name = name or 'objects'
    if len(words) > 2 and words[0] in ('other', 'remaining', 'next') and order is None:
        others = number_of(f'the {digits_as_words(words[1])}', words[-1])
        number, name = (others, f'{words[0]} {" ".join(words[2:])}') if others else (number, name)
    parts = [part for item in node.excluded if item.exclusion for part in item.exclusion.parts]
    several = _is_many(noun) or (order is not None and order.count > 1)
    all_of_them = order is not None or bool(parts or negated) or number is not None
    head = _head(name, determiner, all_of_them)
    excluded = _excluded(text, name, parts, negated)
    asked, end = head, max([noun.end, node.end, *(item.end for item in node.excluded)])
    relations = []
    for item, nodes in node.relations:
        references = tuple(_phrase(text, one, Role.REFERENCE, known) for one in nodes)
        relations.append(Relation(item.words, references))
        named = ' and '.join(one.asked for one in references)
        asked = f'{asked} {item.words} {named}'.rstrip()
        end = max([end, item.end, *(one.end for one in references)])
    return ObjectPhrase(
        start,
        end,
        role,
        head,
        asked,
        tuple(relations),
        several=several and not (order is not None and order.count == 1),
        definite=not INDEFINITE_WORDS.intersection(determiner.split()),
        excluded=excluded,
        number=None if order else number,
        order=order,
        unclear=any(not (item.exclusion and item.exclusion.parts) for item in node.excluded)
        or bool(node.excluded and not _CLAUSE.isdisjoint(words)),
    )


def _rank_by_place(node: _Node, is_counted: bool) -> None:
    """Count 'the second mug on the left' from there."""
    for item, nodes in node.relations:
        if is_counted and not nodes and item.link is Link.NEIGHBOUR and not node.rank:
            node.rank, node.end = item.words, max(node.end, item.end)
            node.relations.remove((item, nodes))
            return


def _head(name: str, determiner: str, all_of_them: bool) -> str:
    """Return the words for the model, whose it is left out: that cannot be seen."""
    if all_of_them and not EVERYTHING.issuperset(name.lower().split()):
        words = ['the'] if determiner else []
        name = _in_form(name, is_many=True)
    else:
        words = ['the' if word in POSSESSIVES else word for word in determiner.split()]
    return ' '.join([*words, name])


def _excluded(
    text: str, name: str, parts: Sequence[Excluded], negated: Sequence[str]
) -> tuple[ObjectPhrase, ...]:
    """Put together what is not meant, in singular and in plural."""
    texts = [f'{word} {_noun_of(name)}' for word in negated]
    ends = [''] * len(texts)
    for part in parts:
        # 'the blue cup, not the red one': the red cup
        own = _ARTICLE.sub('', _cut(text, part.name)) if part.name else name
        if part.before:
            own = _noun_of(name)
        lacked = f'with {_cut(text, part.part)}' if part.part else ''
        for before in _apart(_cut(text, part.before)):
            texts.append(f'{before} {own}'.strip())
            ends.append(f'{_cut(text, part.behind)} {lacked}'.strip())
    expressions = dict.fromkeys(
        f'the {_in_form(own, is_many)} {end}'.rstrip()
        for own, end in zip(texts, ends, strict=True)
        for is_many in (False, True)
    )
    return tuple(_parsed(expression) for expression in expressions)


def _apart(adjectives: str) -> list[str]:
    """Return 'red and blue' as 'red' and 'blue': what is either is excluded."""
    told = ' '.join(_COLOR.sub('', adjectives).split())
    return [told] if told.lower() in FIXED_PAIRS else _JOINED.split(told)


def _parsed(expression: str) -> ObjectPhrase:
    """Return what an expression for one kind of thing means, as it is where that is unclear."""
    whole = ObjectPhrase(0, len(expression), Role.NONE, expression, expression, several=True)
    names = parse_names(expression).names
    phrase = names[0].phrase if len(names) == 1 else None
    return whole if phrase is None or phrase.is_counted else phrase


def _cut(text: str, span: tuple[int, int] | None) -> str:
    return ' '.join(text[slice(*span)].split()) if span else ''


def _without_non(name: str) -> tuple[str, list[str]]:
    """Take 'non-red' off a name; return what is left and the adjectives."""
    return _NON.sub('', name), [match.group(1) for match in _NON.finditer(name)]


def _in_form(name: str, is_many: bool) -> str:
    """Put a name into singular or plural by its noun, the first of 'cups of tea'."""
    words = name.split()
    place = _noun_place(words)
    words[place] = (plural if is_many else singular)(words[place].lower())
    return ' '.join(words)


def _noun_place(words: Sequence[str]) -> int:
    """Return which word of a name is its noun: the last one before 'of' and the like."""
    lower = [word.lower() for word in words]
    ends = [place for place, word in enumerate(lower) if word.split()[0] in _AFTER_NOUN and place]
    return (ends[0] if ends else len(words)) - 1


def _noun_of(name: str) -> str:
    """Return a name without its adjectives, before it and behind."""
    words = _CLAUSE_OF_NAME.sub('', name).split()
    return ' '.join(words[_noun_place(words) :])


def _is_many(noun: Noun) -> bool:
    return means_several(noun.determiner) or is_plural(noun.words[_noun_place(noun.words)])
