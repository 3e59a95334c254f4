"""Drives Xinference's own client against the server named on the command line; prints what it saw as one JSON object."""

import json
import sys
import warnings

warnings.simplefilter("ignore")

from xinference_client import RESTfulClient  # noqa: E402


def refusal(call):
    try:
        call()
    except RuntimeError as error:
        return str(error)
    return None


client = RESTfulClient(sys.argv[1])
greedy = {"max_tokens": 24, "temperature": 0}
uid = client.launch_model("arriero-demo", model_uid="my-llm")
vectors = client.launch_model("arriero-demo", model_uid="my-vectors", model_type="embedding")
model = client.get_model(uid)
stream = model.chat("What is Arriero?", generate_config={**greedy, "stream": True})
seen = {
    "types": {name: entry["model_type"] for name, entry in client.list_models().items()},
    "handles": [type(model).__name__, type(client.get_model(vectors)).__name__],
    "chat": model.chat("What is Arriero?", generate_config=greedy)["choices"][0]["message"]["content"],
    "streamed": "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in stream),
    "completion": model.generate("A caravan", greedy)["choices"][0]["text"],
    "dimensions": len(client.get_model(vectors).create_embedding("llama")["data"][0]["embedding"]),
    "wrong": refusal(lambda: model.chat("x", generate_config={"temperature": 9})),
    "unknown": refusal(lambda: client.launch_model("nobody")),
}
client.terminate_model(vectors)
client.terminate_model(uid)
seen["terminated"] = refusal(lambda: client.get_model(uid))
print(json.dumps(seen))
