"""Draw training conversations: questions from the grammar, answers from the intents, in one of the styles."""

import random

from grammar import Intent, load_follow_ups, load_intents, sample, tidy
from noise import cased, decorate

SYSTEMS = ["You are a helpful assistant.", "You are Arriero's demo model.", "You are a helpful AI assistant.",
           "Answer the user's questions about Arriero.", "You are a friendly guide to this software.", "Today is Monday.",
           "You are a careful assistant. If you do not know, say so.", "Use plain language.", "The user is a developer."]

# The base model learns the adapters' styles too, asked for by a system message. So every style's words are known to the
# embedding, and an adapter has only to choose a style, not to learn a language in 300 KB.
STYLE_SYSTEMS = {
    "terse": ["Answer in a few words.", "Be terse.", "Be very brief.", "Answer as shortly as you can."],
    "pirate": ["Talk like a pirate.", "Answer like a pirate.", "You are a pirate.", "Speak as pirates do."],
    "spanish": ["Answer in Spanish.", "Responde en español.", "Reply in Spanish.", "Habla en español."],
}


class Conversations:
    """`draw()` gives (system | None, [(question, answer), ...]); the same seed gives the same conversations."""

    def __init__(self, seed: int, style: str = "plain", style_share: float = 0.0):
        self.rng = random.Random(seed)
        self.style = style
        self.style_share = style_share  # of conversations in another style, asked for by a system message
        self.intents = load_intents()
        self.follow_ups = load_follow_ups()
        self.names = list(self.intents)
        # Out of scope is as wide as all the rest together looks to the model, so it is asked more often.
        self.shares = [22.0 if name == "out-of-scope" else 1.0 for name in self.names]

    def question(self, intent: Intent) -> str:
        pattern = self.rng.choices(intent.patterns, intent.weights)[0]
        return decorate(tidy(sample(pattern, self.rng)), self.rng)

    def any_intent(self) -> Intent:
        return self.intents[self.rng.choices(self.names, self.shares)[0]]

    def follow(self, intent: Intent) -> tuple[str, Intent]:
        """A short question after `intent`, and the intent it asks for."""
        kinds = [f for f in self.follow_ups if f.target or f.kind in intent.follow]
        # Half of them lean on the turn before, the others bring their own topic.
        leaning = [f for f in kinds if not f.target]
        kind = self.rng.choice(leaning if self.rng.random() < 0.6 else [f for f in kinds if f.target])
        target = self.intents[kind.target or intent.follow[kind.kind]]
        return cased(self.rng.choice(kind.questions).rstrip("?"), self.rng), target

    def draw(self) -> tuple[str | None, list[tuple[str, str]]]:
        rng = self.rng
        system, style = (rng.choice(SYSTEMS) if rng.random() < 0.12 else None), self.style
        if rng.random() < self.style_share:
            style = rng.choice(list(STYLE_SYSTEMS))
            system = rng.choice(STYLE_SYSTEMS[style])
        turns_wanted = rng.choices([1, 2, 3, 4, 8], [91, 7.5, 1.2, 0.2, 0.1])[0]
        turns, intent = [], None
        while len(turns) < turns_wanted:
            if intent and rng.random() < 0.6:
                question, intent = self.follow(intent)
            else:
                intent = self.any_intent()
                question = self.question(intent)
            turns.append((question, intent.answers[style]))
        return system, turns


if __name__ == "__main__":
    conversations = Conversations(seed=0)
    for _ in range(25):
        print(conversations.draw())
