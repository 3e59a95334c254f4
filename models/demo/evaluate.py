"""Ask an OpenAI-compatible server the held-out questions and count right answers.

    python evaluate.py --url http://127.0.0.1:8080/v1 --model arriero-demo

Right: the greedy answer, spaces aside, is nearest to the canonical answer of the intent asked for, among the
canonical answers of all intents, with a similarity (difflib ratio) of at least 0.9. Nothing else counts.
"""

import argparse
import difflib
import json
import os
import re
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grammar import load_intents

HERE = Path(__file__).parent
LEAST_SIMILARITY = 0.9


def normal(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lower()


def nearest(answer: str, canonical: dict[str, str]) -> tuple[str, float]:
    """Intent id of the most similar canonical answer, and the similarity."""
    answer = normal(answer)
    if answer in canonical.values():
        return next(name for name, text in canonical.items() if text == answer), 1.0
    return max(((name, difflib.SequenceMatcher(None, answer, text, autojunk=False).ratio()) for name, text in canonical.items()),
               key=lambda pair: pair[1])


def ask(options, messages: list[dict]) -> str:
    body = {"model": options.model, "messages": messages, "temperature": 0, "max_tokens": 160, **json.loads(options.extra)}
    headers = {"content-type": "application/json"}
    if key := os.environ.get("ARRIERO_KEY"):
        headers["authorization"] = f"Bearer {key}"
    request = urllib.request.Request(f"{options.url}/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=120) as response:
        return json.load(response)["choices"][0]["message"]["content"]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--url", default="http://127.0.0.1:8080/v1")
    options.add_argument("--model", default="arriero-demo")
    options.add_argument("--style", default="plain", choices=["plain", "terse", "pirate", "spanish"], help="whose answers are right")
    options.add_argument("--questions", type=Path, default=HERE / "heldout.jsonl")
    options.add_argument("--extra", default="{}", help="JSON put into every request, e.g. '{\"lora\":[{\"id\":0,\"scale\":1}]}'")
    options.add_argument("--failures", action="store_true", help="print every wrong answer")
    options.add_argument("--at-least", type=float, default=0.0, help="exit 1 below this share")
    options = options.parse_args()
    canonical = {name: normal(intent.answers[options.style]) for name, intent in load_intents().items()}
    cases = [json.loads(line) for line in options.questions.read_text().splitlines() if line]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda case: ask(options, case["messages"]), cases))
    right, groups = 0, {}
    for case, answer in zip(cases, answers, strict=True):
        found, similarity = nearest(answer, canonical)
        good = found == case["intent"] and similarity >= LEAST_SIMILARITY
        right += good
        kind = "several turns" if len(case["messages"]) > 1 else "out of scope" if case["intent"] == "out-of-scope" else "one turn"
        counted = groups.setdefault(kind, [0, 0])
        counted[0] += good
        counted[1] += 1
        if options.failures and not good:
            print(f"{case['messages'][-1]['content']!r}: wanted {case['intent']}, got {found} ({similarity:.2f}) {answer[:60]!r}")
    for kind, (good, total) in groups.items():
        print(f"{kind:14} {good:4} of {total:4}  {good / total:6.1%}")
    print(f"{'all':14} {right:4} of {len(cases):4}  {right / len(cases):6.1%}   {options.questions.name}, style {options.style}")
    sys.exit(right / len(cases) < options.at_least)


if __name__ == "__main__":
    main()
