"""Drives Anthropic's own client against the server named on the command line; prints what it saw as one JSON object."""

import json
import sys

import anthropic

client = anthropic.Anthropic(base_url=sys.argv[1], api_key="none", max_retries=0)
prompt = {"model": "arriero-demo", "system": "Be brief.", "messages": [{"role": "user", "content": "What is Arriero?"}]}
# Newer clients have no argument for it; the wire has.
ask = {**prompt, "max_tokens": 80, "extra_body": {"temperature": 0}}
tool = {
    "name": "load",
    "description": "Loads a caravan",
    "input_schema": {"type": "object", "properties": {"animal": {"enum": ["llama", "alpaca"]}}, "required": ["animal"]},
}


def refusal(call):
    try:
        call()
    except anthropic.APIStatusError as error:
        return [type(error).__name__, error.body["error"]["type"]]
    return None


whole = client.messages.create(**ask)
with client.messages.stream(**ask) as stream:
    streamed = "".join(stream.text_stream)
    final = stream.get_final_message()
called = client.messages.create(**ask, tools=[tool], tool_choice={"type": "tool", "name": "load"})
print(
    json.dumps(
        {
            "version": anthropic.__version__,
            "whole": whole.content[0].text,
            "stop": whole.stop_reason,
            "streamed": streamed,
            "outputs": [final.usage.output_tokens, whole.usage.output_tokens],
            "counted": client.messages.count_tokens(**prompt).input_tokens,
            "inputs": whole.usage.input_tokens + (whole.usage.cache_read_input_tokens or 0),
            "call": [called.stop_reason, called.content[-1].name, called.content[-1].input],
            "unknown": refusal(lambda: client.messages.create(**{**ask, "model": "nobody"})),
            "wrong": refusal(lambda: client.messages.create(**{**ask, "extra_body": {"temperature": 9}})),
        }
    )
)
