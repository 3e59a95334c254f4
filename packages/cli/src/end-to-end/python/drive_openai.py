"""Drives OpenAI's own client against the server named on the command line; prints what it saw as one JSON object."""

import json
import sys

import openai

client = openai.OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="none", max_retries=0)
ask = {"model": "arriero-demo", "temperature": 0, "messages": [{"role": "user", "content": "What is Arriero?"}]}
schema = {
    "type": "object",
    "properties": {"animal": {"enum": ["llama", "alpaca"]}},
    "required": ["animal"],
    "additionalProperties": False,
}
tool = {"type": "function", "function": {"name": "load", "parameters": schema, "strict": True}}


def refusal(call):
    try:
        call()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.code]
    return None


whole = client.chat.completions.create(**ask)
chunks = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
held = client.chat.completions.create(
    **ask, response_format={"type": "json_schema", "json_schema": {"name": "herd", "schema": schema, "strict": True}}
)
called = client.chat.completions.create(**ask, tools=[tool], tool_choice="required").choices[0]
drawn = {"model": "arriero-demo", "prompt": "A caravan", "temperature": 0.8, "seed": 7, "max_tokens": 12}
response = client.responses.create(model="arriero-demo", input="What is Arriero?", temperature=0)
print(
    json.dumps(
        {
            "version": openai.__version__,
            "models": [model.id for model in client.models.list()],
            "whole": whole.choices[0].message.content,
            "streamed": "".join(c.choices[0].delta.content or "" for c in chunks if c.choices),
            "usages": [chunks[-1].usage.total_tokens, whole.usage.total_tokens],
            "held": json.loads(held.choices[0].message.content),
            "call": [called.finish_reason, json.loads(called.message.tool_calls[0].function.arguments)],
            "drawn": [client.completions.create(**drawn).choices[0].text for _ in range(2)],
            "response": response.output_text,
            "dimensions": [
                len(entry.embedding) for entry in client.embeddings.create(model="arriero-demo", input=["a", "b"]).data
            ],
            "unknown": refusal(lambda: client.chat.completions.create(**{**ask, "model": "nobody"})),
            "wrong": refusal(lambda: client.chat.completions.create(**{**ask, "temperature": 9})),
        }
    )
)
