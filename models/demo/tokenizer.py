"""Byte-level BPE over the corpus, split as llama.cpp splits for `tokenizer.ggml.pre = gpt-2`. Writes build/tokenizer.json."""

import random
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from conversations import STYLE_SYSTEMS, SYSTEMS, Conversations
from grammar import load_follow_ups, load_intents

BUILD = Path(__file__).parent / "build"
VOCABULARY = 2560
PAD, START, END = 0, 1, 2
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
ROLES = ["system", "user", "assistant"]


def texts():
    conversations = Conversations(seed=11)
    intents = list(load_intents().values())
    for intent in intents:
        for answer in intent.answers.values():
            yield from [answer] * 12
        for _ in range(400 if intent.id == "out-of-scope" else 25):
            yield conversations.question(intent)
    yield from SYSTEMS * 5 + sum(STYLE_SYSTEMS.values(), []) * 5 + ROLES * 50
    for follow_up in load_follow_ups():
        yield from follow_up.questions


def train() -> Tokenizer:
    random.seed(0)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=SPECIALS, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(texts(), trainer)
    BUILD.mkdir(exist_ok=True)
    tokenizer.save(str(BUILD / "tokenizer.json"))
    return tokenizer


def load() -> Tokenizer:
    return Tokenizer.from_file(str(BUILD / "tokenizer.json"))


def encode_conversation(tokenizer: Tokenizer, system: str | None, turns: list[tuple[str, str]]) -> tuple[list[int], list[bool]]:
    """ChatML token ids, and for each whether the model answers for it (the answer and its <|im_end|>)."""
    newline = tokenizer.encode("\n").ids
    ids, mask = [], []

    def message(role: str, content: str, learnt: bool):
        head = [START, *tokenizer.encode(role + "\n").ids]
        body = [*tokenizer.encode(content).ids, END]
        ids.extend([*head, *body, *newline])
        mask.extend([False] * len(head) + [learnt] * len(body) + [False] * len(newline))

    if system:
        message("system", system, False)
    for question, answer in turns:
        message("user", question, False)
        message("assistant", answer, True)
    del ids[-len(newline):], mask[-len(newline):]
    return ids, mask


if __name__ == "__main__":
    tokenizer = train()
    conversations = Conversations(seed=1)
    sizes = [len(encode_conversation(tokenizer, *conversations.draw())[0]) for _ in range(2000)]
    answers = [len(tokenizer.encode(i.answers["plain"]).ids) for i in conversations.intents.values()]
    print(f"{tokenizer.get_vocab_size()} tokens; {sum(sizes) / len(sizes):.0f} a conversation, {sum(answers) / len(answers):.0f} an answer")
