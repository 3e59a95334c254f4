"""LoRAX's own client as its README has it, with an adapter that is here; prints what it saw as one JSON object."""

import json
import sys

from lorax import Client

client = Client(sys.argv[1])
prompt = "<|im_start|>user\nWhat is Arriero?<|im_end|>\n<|im_start|>assistant\n"
base = client.generate(prompt, max_new_tokens=64)
pirate = client.generate(prompt, max_new_tokens=64, adapter_id="pirate")
stream = [chunk for chunk in client.generate_stream(prompt, max_new_tokens=64, adapter_id="pirate")]


def refusal(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return None


print(
    json.dumps(
        {
            "base": base.generated_text,
            "tokens": [base.details.generated_tokens, len(base.details.tokens)],
            "pirate": pirate.generated_text,
            "streamed": "".join(chunk.token.text for chunk in stream if not chunk.token.special),
            "last": stream[-1].generated_text,
            "unknown": refusal(lambda: client.generate(prompt, adapter_id="nobody/at-all")),
        }
    )
)
