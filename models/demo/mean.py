"""Weighted mean of several trainings, each begun from an earlier one: `python mean.py a.pt=0.2 b.pt=0.3 c.pt=0.5`. Writes build/base.pt."""

import sys

import torch

from tokenizer import BUILD


def main():
    parts = [argument.rsplit("=", 1) for argument in sys.argv[1:]]
    weights = [(torch.load(path), float(share)) for path, share in parts]
    if not weights or abs(sum(share for _, share in weights) - 1) > 1e-6:
        sys.exit("name files with shares that add up to 1, such as a.pt=0.4 b.pt=0.6")
    names = weights[0][0].keys()
    torch.save({name: sum(share * tensors[name] for tensors, share in weights) for name in names}, BUILD / "base.pt")


if __name__ == "__main__":
    main()
