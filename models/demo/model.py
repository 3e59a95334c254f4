"""The llama architecture, small. Rotary pairs are interleaved (0,1), (2,3), ... as llama.cpp expects of `llama`."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    vocabulary: int = 2560
    width: int = 256
    layers: int = 4
    heads: int = 8
    kv_heads: int = 4
    inner: int = 704
    context: int = 2048
    rope_base: float = 10000.0
    epsilon: float = 1e-5

    @property
    def head(self) -> int:
        return self.width // self.heads


SHAPE = Shape()


def rotations(shape: Shape) -> Tensor:
    """[context, head / 2] complex rotations."""
    frequencies = shape.rope_base ** (-torch.arange(0, shape.head, 2) / shape.head)
    angles = torch.outer(torch.arange(shape.context), frequencies)
    return torch.polar(torch.ones_like(angles), angles)


def rotate(x: Tensor, turns: Tensor) -> Tensor:
    """x [batch, time, heads, head], turns [time, head / 2]."""
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * turns[:, None, :]).flatten(-2)


class Linear(nn.Linear):
    """A linear map without bias, with an optional low-rank adapter beside it (see adapters.py)."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, bias=False)
        self.adapter = None  # (a [rank, inputs], b [outputs, rank], scale)

    def forward(self, x: Tensor) -> Tensor:
        y = F.linear(x, self.weight)
        if self.adapter is None:
            return y
        a, b, scale = self.adapter
        return y + scale * F.linear(F.linear(x, a), b)


class Layer(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.attn_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.attn_q = Linear(shape.width, shape.heads * shape.head)
        self.attn_k = Linear(shape.width, shape.kv_heads * shape.head)
        self.attn_v = Linear(shape.width, shape.kv_heads * shape.head)
        self.attn_output = Linear(shape.heads * shape.head, shape.width)
        self.ffn_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.ffn_gate = Linear(shape.width, shape.inner)
        self.ffn_up = Linear(shape.width, shape.inner)
        self.ffn_down = Linear(shape.inner, shape.width)

    def forward(self, x: Tensor, turns: Tensor) -> Tensor:
        batch, time, width = x.shape
        h = self.attn_norm(x)
        q = rotate(self.attn_q(h).view(batch, time, self.shape.heads, -1), turns).transpose(1, 2)
        k = rotate(self.attn_k(h).view(batch, time, self.shape.kv_heads, -1), turns).transpose(1, 2)
        v = self.attn_v(h).view(batch, time, self.shape.kv_heads, -1).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self.attn_output(mixed.transpose(1, 2).reshape(batch, time, width))
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Model(nn.Module):
    def __init__(self, shape: Shape = SHAPE):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.register_buffer("turns", rotations(shape), persistent=False)
        nn.init.normal_(self.token_embd.weight, std=0.02)
        for name, weight in self.named_parameters():
            if weight.ndim == 2 and "token_embd" not in name:
                nn.init.normal_(weight, std=0.5 / weight.shape[1] ** 0.5)
                if "attn_output" in name or "ffn_down" in name:
                    nn.init.zeros_(weight)

    def hidden(self, ids: Tensor) -> Tensor:
        """ids [batch, time] -> what the output head reads, [batch, time, width]."""
        x = self.token_embd(ids)
        turns = self.turns[: ids.shape[1]]
        for layer in self.blk:
            x = layer(x, turns)
        return self.output_norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """[..., width] -> [..., vocabulary]."""
        return F.linear(hidden, self.token_embd.weight)

    def forward(self, ids: Tensor) -> Tensor:
        return self.logits(self.hidden(ids))
