"""Write the trained weights as GGUF: matrices in F16, norms in F32. `python export.py` gives arriero-demo.gguf."""

import argparse
import json
import os
from pathlib import Path

import gguf
import torch

from model import SHAPE
from tokenizer import BUILD, END, PAD, SPECIALS, load

HERE = Path(__file__).parent
ARCHITECTURE = "llama"
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def add_description(writer: gguf.GGUFWriter):
    shape = SHAPE
    writer.add_name("arriero-demo")
    writer.add_description("Small demo model of Arriero. It answers questions about Arriero and nothing else.")
    writer.add_license("apache-2.0")
    writer.add_size_label("3.6M")
    writer.add_languages(["en"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)


def add_tokenizer(writer: gguf.GGUFWriter):
    tokenizer = load()
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([token for token, _ in vocabulary])
    writer.add_token_types([gguf.TokenType.CONTROL if token in SPECIALS else gguf.TokenType.NORMAL for token, _ in vocabulary])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_eos_token_id(END)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def finish(writer: gguf.GGUFWriter, path: Path, part: Path):
    """The file appears under its name only when it is whole."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(part, path)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--weights", type=Path, default=BUILD / "base.pt")
    options.add_argument("--out", type=Path, default=HERE / "arriero-demo.gguf")
    options = options.parse_args()
    part = options.out.with_suffix(".part")
    writer = gguf.GGUFWriter(part, ARCHITECTURE)
    add_description(writer)
    add_tokenizer(writer)
    for name, weight in torch.load(options.weights).items():
        data = weight.half() if weight.ndim == 2 else weight.float()
        writer.add_tensor(name, data.numpy())  # [outputs, inputs]
    finish(writer, options.out, part)


if __name__ == "__main__":
    main()
