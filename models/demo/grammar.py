"""Read the corpus files and expand their question patterns.

A pattern is text with `{a|b|}` groups, which may nest, and `<name>` macros from macros.txt.
`sample` draws one expansion, `count` says how many there are.
"""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from pirate import pirate
from rewordings import reword

CORPUS = Path(__file__).parent / "corpus"
INTENT_FILES = ["start", "models", "api", "fleet", "chat", "out-of-scope", "more", "wordings-a", "wordings-b", "wordings-c", "wordings-d", "wordings-e"]


@dataclass
class Intent:
    id: str
    answers: dict[str, str] = field(default_factory=dict)  # style -> answer; the base style is "plain"
    patterns: list = field(default_factory=list)  # parsed patterns
    weights: list[float] = field(default_factory=list)
    follow: dict[str, str] = field(default_factory=dict)  # follow-up kind -> intent id


@dataclass
class FollowUp:
    kind: str
    target: str | None  # None: the turn before decides
    questions: list[str]


def parse(text: str, macros: dict[str, str]):
    """Pattern -> tree: a sequence (list) of strings and choices (tuples of sequences)."""
    text = re.sub(r"<(\w+)>", lambda m: "{" + macros[m[1]] + "}", text)
    position = 0

    def sequence(closing: str):
        nonlocal position
        parts, start = [], position
        while position < len(text) and text[position] not in closing:
            if text[position] == "{":
                parts.append(text[start:position])
                position += 1
                options = [sequence("|}")]
                while text[position] == "|":
                    position += 1
                    options.append(sequence("|}"))
                position += 1
                parts.append(tuple(options))
                start = position
            else:
                position += 1
        parts.append(text[start:position])
        return [part for part in parts if part != ""]

    return sequence("")


def sample(tree, rng: random.Random) -> str:
    return "".join(part if isinstance(part, str) else sample(rng.choice(part), rng) for part in tree)


def count(tree) -> int:
    total = 1
    for part in tree:
        if isinstance(part, tuple):
            total *= sum(count(option) for option in part)
    return total


def expand(tree) -> list[str]:
    """Every expansion. Only for patterns whose `count` is bearable."""
    texts = [""]
    for part in tree:
        tails = [part] if isinstance(part, str) else [text for option in part for text in expand(option)]
        texts = [text + tail for text in texts for tail in tails]
    return texts


def tidy(text: str) -> str:
    return re.sub(r" +([,.?])", r"\1", re.sub(r"\s+", " ", text)).strip()


def load_macros() -> dict[str, str]:
    macros = {}
    for line in (CORPUS / "macros.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, options = line.split(":", 1)
            macros[name] = "|".join(option.strip() for option in options.split("|"))
    return macros


def add(intent: Intent, pattern: str, macros: dict[str, str], share: float = 1.0):
    """A pattern is drawn the more often the more it can say, within bounds: short ones are how people type."""
    tree = parse(pattern, macros)
    intent.patterns.append(tree)
    intent.weights.append(share * min(max(count(tree), 16), 200) ** 0.5)


def load_intents() -> dict[str, Intent]:
    macros, intents = load_macros(), {}
    for name in INTENT_FILES:
        for line in (CORPUS / f"{name}.txt").read_text().splitlines():
            mark, _, rest = line.partition(" ")
            match mark:
                case "":
                    continue
                case "#":
                    intent = intents.setdefault(rest, Intent(rest))
                case "=":
                    intent.answers["plain"] = rest
                    intent.answers["pirate"] = pirate(rest, rest)
                case "~":
                    intent.answers["terse"] = rest
                case "es":
                    intent.answers["spanish"] = rest
                case "-":
                    add(intent, rest, macros)
                    for other in reword(rest):
                        add(intent, other, macros, 1 / len(reword(rest)))
                case ">":
                    kind, target = rest.split(" = ")
                    intent.follow[kind] = target
                case _:
                    raise ValueError(f"{name}.txt: a line begins with '{mark}'")
    for intent in intents.values():
        missing = {"plain", "terse", "spanish"} - intent.answers.keys()
        if missing:
            raise ValueError(f"{intent.id} has no answer in {missing}")
        if "`" in intent.answers["plain"]:  # asked again for the command, it says it again
            intent.follow.setdefault("cmd", intent.id)
            intent.follow.setdefault("how", intent.id)
        intent.follow["again"] = intent.id
    for intent in intents.values():
        for target in intent.follow.values():
            if target not in intents:
                raise ValueError(f"{intent.id} leads to '{target}', which does not exist")
    return intents


def load_follow_ups() -> list[FollowUp]:
    follow_ups = []
    for line in (CORPUS / "follow-ups.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        head, questions = line.split(":", 1)
        kind, _, target = head.partition(" -> ")
        follow_ups.append(FollowUp(kind, target or None, [q.strip() for q in questions.split(" | ")]))
    return follow_ups


if __name__ == "__main__":
    intents = load_intents()
    print(f"{len(intents)} intents, {sum(len(i.patterns) for i in intents.values())} patterns, "
          f"{sum(count(p) for i in intents.values() for p in i.patterns):,} wordings")
