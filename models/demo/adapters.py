"""Train a LoRA adapter in another style and write it as GGUF: `python adapters.py pirate`."""

import argparse
import json
import time

import gguf
import torch
from torch import nn

from batches import batches
from export import ARCHITECTURE, HERE, finish
from model import SHAPE, Linear, Model
from tokenizer import BUILD, load
from train import losses

STYLES = ["terse", "pirate", "spanish"]
RANK = 8
ALPHA = 16.0  # llama.cpp applies alpha / rank * (x A^T) B^T


def attach(model: Model) -> dict[str, nn.Parameter]:
    """Put an adapter beside every linear map; B begins at zero, so the model begins unchanged."""
    tensors = {}
    for name, module in model.named_modules():
        if isinstance(module, Linear):
            outputs, inputs = module.weight.shape
            a = nn.Parameter(torch.randn(RANK, inputs) / inputs**0.5)
            b = nn.Parameter(torch.zeros(outputs, RANK))
            module.adapter = (a, b, ALPHA / RANK)
            tensors[f"{name}.weight.lora_a"], tensors[f"{name}.weight.lora_b"] = a, b
    return tensors


def train(style: str, steps: int, seed: int) -> dict[str, nn.Parameter]:
    model, tokenizer = Model(SHAPE), load()
    model.load_state_dict(torch.load(BUILD / "base.pt"))
    model.requires_grad_(False)
    tensors = attach(model)
    optimizer = torch.optim.AdamW(tensors.values(), lr=4e-3, betas=(0.9, 0.98), weight_decay=0.0)
    started, average, seen, step = time.monotonic(), None, 0, 0
    for ids, learnt, _ in batches(tokenizer, seed, style, tokens=2048, beginnings=0.3):
        if step == steps:
            break
        progress = (step + 1) / steps
        optimizer.param_groups[0]["lr"] = 4e-3 * min(1.0, progress / 0.05, (1 - progress) / 0.6)
        loss, _ = losses(model, ids, learnt)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tensors.values(), 1.0)
        optimizer.step()
        step, seen = step + 1, seen + ids.numel()
        average = loss.item() if average is None else 0.95 * average + 0.05 * loss.item()
        if step % 20 == 0:
            print(f"{time.monotonic() - started:6.0f} s  step {step:5}  loss {average:.4f}", flush=True)
    record = {"style": style, "seconds": round(time.monotonic() - started), "steps": step, "tokens": seen, "loss": round(average, 5)}
    (BUILD / f"{style}.json").write_text(json.dumps(record))
    print(record)
    return tensors


def export(style: str, tensors: dict[str, nn.Parameter]):
    path = HERE / "adapters" / f"{style}.gguf"
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    writer = gguf.GGUFWriter(part, ARCHITECTURE)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, ALPHA)
    writer.add_name(f"arriero-demo-{style}")
    writer.add_license("apache-2.0")
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor.detach().half().numpy())  # a [rank, inputs], b [outputs, rank]
    finish(writer, path, part)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("styles", nargs="*", default=STYLES)
    options.add_argument("--steps", type=int, default=160, help="for each")
    options.add_argument("--seed", type=int, default=2)
    options.add_argument("--threads", type=int, default=2)
    options = options.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    for style in options.styles:
        export(style, train(style, options.steps, options.seed))


if __name__ == "__main__":
    main()
