"""Draw the sample again: python sample.py, beside sample.json and frame.jsonl; prints the keys."""

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

about = json.loads(Path("sample.json").read_text("utf-8"))
n, seed, method = int(about["drawn"]), about["seed"], about["method"]
frame = [json.loads(line) for line in Path("frame.jsonl").read_text("utf-8").splitlines()]
total, sizes = len(frame), Counter(stratum for _, _, stratum in frame)


def rank(key: str) -> str:
    """Return SHA-256 of the seed, a line feed and the key."""
    return hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest()


if method == "systematic":
    start = int(rank("start"), 16) % total
    drawn = [frame[(start + place * total // n) % total][0] for place in range(n)]
elif method == "random":
    drawn = sorted((key for key, _, _ in frame), key=rank)[:n]
else:
    if method == "all_then_random":
        take = {"all": sizes["all"], "rest": n - sizes["all"]}
    elif method == "proportional":
        take = {name: n * size // total for name, size in sizes.items()}
        order = sorted(sizes, key=lambda name: (-(n * sizes[name] % total), name))
        for name in order[: n - sum(take.values())]:
            take[name] += 1
    else:
        take = dict.fromkeys(sizes, 0)
        while sum(take.values()) < n:
            for name in sorted(sizes):
                take[name] += take[name] < sizes[name] and sum(take.values()) < n
    parts = {name: [key for key, _, part in frame if part == name] for name in take}
    drawn = [key for name in sorted(take) for key in sorted(parts[name], key=rank)[: take[name]]]
sys.stdout.write("\n".join([*drawn, ""]))
