"""Damage to sound inputs, the same for the same dice; what a fuzzer without coverage does."""

import random

_BITES = (
    *(b"", b"\0", b"\xff", b"\n", b"\r\n", b",", b"\t", b'"', b"'", b"{", b"}", b"[[["),
    *(b"&a *a", b": ", b"|", b"---", b"%YAML 9", b"<<: "),
    *(
        b"%2e%2e/",
        b"%00",
        b"../",
        b"?",
        b"#",
        b";",
        b"$TOKEN",
        b"&to=",
        b"&from=",
        b"=1+1",
        b"PAR1",
    ),
    *(b"NaN", b"-Infinity", b"1e999", b"9" * 40, b"0001-01-01", b"9999-12-31", b"null", b"!!"),
    *(b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9\x9b\xb6"),
)


def mutated(seeds: tuple[bytes, ...], dice: random.Random) -> bytes:
    """Return one of the seeds with one to eight faults, or two of them crossed."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 8)):
        place = dice.randint(0, len(data))
        end = min(len(data), place + dice.randint(0, 24))
        kind = dice.randrange(6)
        if kind == 0 and place < len(data):
            data[place] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del data[place:end]
        elif kind == 2:
            data[place:place] = data[place:end] * dice.choice((1, 2, 40))
        elif kind == 3:
            data[place:end] = dice.choice(_BITES)
        elif kind == 4:
            other = dice.choice(seeds)
            data[place:] = other[dice.randint(0, len(other)) :]
        else:
            data[place:end] = dice.randbytes(end - place)
    return bytes(data)
