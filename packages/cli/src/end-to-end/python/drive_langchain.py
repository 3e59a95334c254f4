"""Drives langchain-community's Ollama classes against the server named on the command line; prints one JSON object."""

import json
import sys
import warnings

warnings.simplefilter("ignore")

from langchain_community.chat_models import ChatOllama  # noqa: E402
from langchain_community.embeddings import OllamaEmbeddings  # noqa: E402
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage  # noqa: E402

here = {"base_url": sys.argv[1], "model": "arriero-demo"}
chat = ChatOllama(**here, temperature=0)
turns = [SystemMessage("Be brief."), HumanMessage("Hello"), AIMessage("Hello!"), HumanMessage("What is Arriero?")]
answer = chat.invoke(turns)
vectors = OllamaEmbeddings(**here)
many = vectors.embed_documents(["a llama", "an alpaca"])


def refusal(call):
    try:
        call()
    except Exception as error:  # each of its classes throws its own
        return str(error)
    return None


print(
    json.dumps(
        {
            "whole": answer.content,
            "tokens": answer.response_metadata["eval_count"],
            "streamed": "".join(chunk.content for chunk in chat.stream(turns)),
            "json": ChatOllama(**here, temperature=0, format="json", num_predict=60).invoke("A llama as JSON").content,
            "dimensions": [len(vector) for vector in [*many, vectors.embed_query("a llama")]],
            "unknown": refusal(lambda: ChatOllama(base_url=sys.argv[1], model="nobody").invoke("x")),
        }
    )
)
