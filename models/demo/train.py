"""Train the base model: `python train.py`. Keeps build/base.pt, which is valid at any time."""

import argparse
import json
import os
import time

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batches import batches
from grammar import load_intents
from model import SHAPE, Model
from optimizer import make_optimizers
from together import EVERY, average, join
from tokenizer import BUILD, load


def save(value, path):
    torch.save(value, f"{path}.part")
    os.replace(f"{path}.part", path)


def rate(progress: float) -> float:
    """Warm up for 2 %, hold, then down to zero over the last 45 %."""
    return min(1.0, progress / 0.02, (1.0 - progress) / 0.45)


def losses(model: Model, ids: Tensor, learnt: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy of the answers' tokens, each predicted from the place before it, and [answers, width]:
    the hidden state from which each answer begins."""
    hidden = model.hidden(ids[:, :-1])
    wanted = learnt[:, 1:]
    begins = wanted & ~learnt[:, :-1]
    return F.cross_entropy(model.logits(hidden[wanted]), ids[:, 1:][wanted]), hidden[begins]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--steps", type=int, default=1500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--tokens", type=int, default=3072, help="a batch")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--peak", type=float, default=1.0, help="share of the full learning rates")
    options.add_argument("--begin-with", help="weights to begin with, such as build/base.pt")
    options = options.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    process = join()
    model, tokenizer = Model(SHAPE), load()
    if options.begin_with:
        model.load_state_dict(torch.load(options.begin_with))
    # A classifier of intents beside the model, thrown away afterwards: naming the intent where the answer begins teaches
    # reading the question sooner than the few telling tokens among the many recited ones do.
    naming = nn.Linear(SHAPE.width, len(load_intents()))
    print(f"{sum(w.numel() for w in model.parameters()):,} parameters", flush=True)
    optimizers = [*make_optimizers(model), torch.optim.AdamW(naming.parameters(), lr=3e-3)]
    base_rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
    started, seen, asked_all, mean, accuracy, saved, step = time.monotonic(), 0, 0, None, 0.0, 0.0, 0
    for ids, learnt, asked in batches(tokenizer, options.seed + 100 * process, style_share=0.1, tokens=options.tokens, beginnings=0.92):
        elapsed = time.monotonic() - started
        if step % EVERY == 0 or step == options.steps:
            average([model, naming])
        if step == options.steps:
            break
        for optimizer, rates in zip(optimizers, base_rates, strict=True):
            for group, base in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = base * options.peak * rate((step + 1) / options.steps)
        loss, begins = losses(model, ids, learnt)
        named = naming(begins)
        (loss + F.cross_entropy(named, asked)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        seen, asked_all, step = seen + ids.numel(), asked_all + len(asked), step + 1
        mean = loss.item() if mean is None else 0.95 * mean + 0.05 * loss.item()
        accuracy = 0.95 * accuracy + 0.05 * (named.argmax(-1) == asked).float().mean().item()
        if step % 18 == 0 and process == 0:
            print(f"{elapsed:6.0f} s  step {step:5}  {asked_all:7} questions  {seen / elapsed:6.0f} tokens/s  "
                  f"loss {mean:.4f}  named {accuracy:.1%}", flush=True)
        if elapsed - saved > 60 and process == 0:
            saved = elapsed
            save(model.state_dict(), BUILD / "base.pt")
    if process:
        return
    save(model.state_dict(), BUILD / "base.pt")
    record = {"seconds": round(time.monotonic() - started), "steps": step, "processes": int(os.environ.get("WORLD_SIZE", 1)),
              "tokens_each": seen, "questions_each": asked_all, "loss": round(mean, 5), "named": round(accuracy, 4)}
    (BUILD / "base.json").write_text(json.dumps(record))
    print(record)


if __name__ == "__main__":
    main()
