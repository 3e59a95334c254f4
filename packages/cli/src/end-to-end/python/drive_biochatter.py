"""BioChatter's conversations against the server named on the command line; prints what it saw as one JSON object.

BioChatter imports its client from the package `xinference`, which brings a whole inference server with it. The package
`xinference-client` is that client alone, the same source; it stands in under the other's name.
"""

import json
import sys
import types
import warnings

warnings.simplefilter("ignore")

import xinference_client  # noqa: E402

sys.modules["xinference"] = types.ModuleType("xinference")
sys.modules["xinference.client"] = types.ModuleType("xinference.client")
sys.modules["xinference.client"].Client = xinference_client.RESTfulClient

from biochatter.llm_connect import GptConversation, OllamaConversation, XinferenceConversation  # noqa: E402

url = sys.argv[1]
system = "Be brief."
question = "What is Arriero?"


def two_turns(conversation):
    conversation.append_system_message(system)
    first, usage, _ = conversation.query(question)
    second, _, _ = conversation.query("How do I add a model?")
    return {"first": first, "usage": usage, "second": second}


gpt = GptConversation(model_name="arriero-demo", prompts={}, base_url=f"{url}/v1")
accepted = gpt.set_api_key("none")
print(
    json.dumps(
        {
            "xinference": two_turns(XinferenceConversation(base_url=url, prompts={}, model_name="auto")),
            "named": two_turns(XinferenceConversation(base_url=url, prompts={}, model_name="arriero-demo")),
            "ollama": two_turns(OllamaConversation(base_url=url, prompts={}, model_name="arriero-demo")),
            "gpt": {"accepted": accepted, **two_turns(gpt)},
        }
    )
)
