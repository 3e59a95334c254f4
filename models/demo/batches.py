"""Endless batches of conversations of like length, so that little is padding."""

import random

import torch
from torch import Tensor

from conversations import Conversations
from tokenizer import PAD, encode_conversation

BEGINNING = 5  # tokens


def batches(tokenizer, seed: int, style: str = "plain", style_share: float = 0.0, tokens: int = 3072, beginnings: float = 0.0, pool: int = 1024):
    """Yield (ids [batch, time], learnt [batch, time], asked [answers]), about `tokens` ids each.

    `asked` numbers the intent of every answer, row by row.

    Which answer to give is decided in its first tokens, the rest is recital: the share `beginnings` of the conversations
    stops after BEGINNING tokens of its last answer, which lets the same work see more questions.
    """
    conversations, rng = Conversations(seed, style, style_share), random.Random(seed + 1)
    number = {answer: n for n, intent in enumerate(conversations.intents.values()) for answer in intent.answers.values()}
    while True:
        drawn = []
        for _ in range(pool):
            system, turns = conversations.draw()
            ids, learnt = encode_conversation(tokenizer, system, turns)
            if rng.random() < beginnings:
                end = last_start(learnt) + BEGINNING
                ids, learnt = ids[:end], learnt[:end]
            drawn.append((ids, learnt, [number[answer] for _, answer in turns]))
        drawn.sort(key=lambda row: len(row[0]))
        groups, group = [], []
        for row in drawn:
            if group and len(row[0]) * (len(group) + 1) > tokens:
                groups.append(group)
                group = []
            group.append(row)
        groups.append(group)
        rng.shuffle(groups)
        for group in groups:
            yield *pad(group), torch.tensor([n for *_, asked in group for n in asked])


def last_start(learnt: list[bool]) -> int:
    """Place of the last answer's first token."""
    return max(i for i in range(1, len(learnt)) if learnt[i] and not learnt[i - 1])


def pad(group: list[tuple[list[int], list[bool], list[int]]]) -> tuple[Tensor, Tensor]:
    time = max(len(ids) for ids, _, _ in group)
    ids = torch.full((len(group), time), PAD)
    learnt = torch.zeros(len(group), time, dtype=torch.bool)
    for row, (row_ids, row_learnt, _) in enumerate(group):
        ids[row, : len(row_ids)] = torch.tensor(row_ids)
        learnt[row, : len(row_ids)] = torch.tensor(row_learnt)
    return ids, learnt
