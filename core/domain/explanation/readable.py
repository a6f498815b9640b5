"""How hard a text is to read: a school grade for English, the longest sentence for Chinese.

The grade is that of Kincaid, Fishburne, Rogers and Chissom, *Derivation of new readability
formulas for Navy enlisted personnel*, Naval Technical Training Command, 1975. Syllables are counted
as groups of vowels, a silent *e* at the end left out. Chinese has no measure that everybody agrees
on: the length of its longest sentence stands in, and its limit is ours.
"""

import re
from collections.abc import Iterable

HARDEST_GRADE = 12.0
"""The last year of secondary school."""
LONGEST_SENTENCE = 80
"""Characters of a Chinese sentence."""
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*")
_VOWELS = re.compile(r"[aeiouy]+")
_ENGLISH_END = re.compile(r"[.!?](?=\s|$)")
_CHINESE_END = re.compile(r"[。！？]|[.!?](?=\s|$)")


def grade_of(texts: Iterable[str]) -> float:
    """Return the Flesch-Kincaid grade of English texts; each is at least a sentence of its own.

    Numbers are no words. Without a word the grade is 0.

    Parameters
    ----------
    texts : iterable of str
        Paragraphs and lines.
    """
    sentences = [
        found
        for text in texts
        for each in _ENGLISH_END.split(text)
        if (found := _WORD.findall(each))
    ]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return 0.0
    syllables = sum(syllables_of(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def syllables_of(word: str) -> int:
    """Return how many syllables an English word has, at least one.

    Examples
    --------
    >>> [syllables_of(word) for word in ("loan", "decision", "made", "table")]
    [1, 3, 1, 2]
    """
    letters = word.lower()
    silent = letters.endswith("e") and not letters.endswith(("le", "ee"))
    return max(1, len(_VOWELS.findall(letters)) - silent)


def longest_sentence(texts: Iterable[str]) -> int:
    """Return the number of characters of the longest Chinese sentence, blanks left out."""
    sentences = (each for text in texts for each in _CHINESE_END.split(text))
    return max((len("".join(each.split())) for each in sentences), default=0)
