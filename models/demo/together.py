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


def average(modules: list[nn.Module]):
    """Give all processes the mean of their weights."""
    if not dist.is_initialized():
        return
    weights = [weight.data for module in modules for weight in module.parameters()]
    flat = torch.cat([weight.flatten() for weight in weights])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for weight, mean in zip(weights, flat.split([w.numel() for w in weights]), strict=True):
        weight.copy_(mean.view_as(weight))
