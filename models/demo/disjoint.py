"""Prove that no held-out wording can be drawn from a training pattern: exit 1 and name those that can.

Both sides are compared in lower case, without marks and without a polite "please".
"""

import json
import re
import sys
from pathlib import Path

from grammar import load_follow_ups, load_intents

HERE = Path(__file__).parent


def pattern_of(tree) -> str:
    """The regular expression that matches every expansion of a pattern, between single spaces."""
    return "".join(spaced(part) if isinstance(part, str) else "(?:" + "|".join(pattern_of(option) for option in part) + ")" for part in tree)


def spaced(text: str) -> str:
    return re.sub(r"(?:\\ )+", " *", re.escape(bare(text)))


def bare(text: str) -> str:
    return re.sub(r"[^\w ]", "", text.lower())


def main():
    patterns = [(intent.id, re.compile(" *" + pattern_of(tree) + " *")) for intent in load_intents().values() for tree in intent.patterns]
    single = [json.loads(line) for line in (HERE / "heldout.jsonl").read_text().splitlines()]
    single = [case for case in single if len(case["messages"]) == 1]
    known = {bare(question) for follow_up in load_follow_ups() for question in follow_up.questions}
    found = 0
    for case in single:
        question = case["messages"][0]["content"]
        text = " ".join(bare(question).replace("please", "").split())
        for name, pattern in patterns:
            if pattern.fullmatch(text) or text in known:
                found += 1
                print(f"{question!r} can be drawn from a pattern of {name}")
                break
    print(f"{found} of {len(single)} held-out questions can be drawn from {len(patterns)} training patterns")
    sys.exit(found > 0)


if __name__ == "__main__":
    main()
