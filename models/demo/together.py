"""Several training processes as one: each trains alone and their weights are averaged every few steps (local SGD).

Start with `torchrun --nproc-per-node 2 train.py ...`. One process alone works the same, with nothing to average.
"""

import os

import torch
import torch.distributed as dist
from torch import nn

EVERY = 6  # steps


def join() -> int:
    """The number of this process."""
    if "RANK" not in os.environ:
        return 0
    dist.init_process_group("gloo")
    return dist.get_rank()


def agree(elapsed: float, modules: list[nn.Module]) -> float:
    """Average the weights; all processes go on with the first one's clock."""
    if not dist.is_initialized():
        return elapsed
    weights = [weight.data for module in modules for weight in module.parameters()]
    flat = torch.cat([weight.flatten() for weight in weights] + [torch.tensor([elapsed if dist.get_rank() == 0 else 0.0])])
    dist.all_reduce(flat)
    elapsed = flat[-1].item()
    flat /= dist.get_world_size()
    for weight, mean in zip(weights, flat[:-1].split([w.numel() for w in weights]), strict=True):
        weight.copy_(mean.view_as(weight))
    return elapsed
