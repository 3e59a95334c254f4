"""Other ways to put a pattern that begins with a macro.

`<how> add a model` is also asked as "add a model, how?" or "i was told to add a model". The intents name what is asked
for; this file knows how people ask. It applies to every intent alike.
"""

HOW = [
    "{what do i have to do|what would i do|what do we do|what does it take|what's needed|what is needed|what's required|what's the trick} "
    "{to|in order to|if i want to|if we want to|when i want to|when i have to} @",
    "{i'd like to|i want to|we want to|we have to|i must|i have to|i need to|we need to|my boss wants me to|i was told to|i am trying to|"
    "i'm trying to|my plan is to|someone asked me to|we would like to|i would love to} @{|, how|, how does that work|, what do i do|, what now|"
    ", which command is that|, how do i go on|, what do i type|, please explain|, how would that go|, any hints|, is that possible}",
    "{@, how|@, how does it work|@, is that possible|to @, what do i type|@, what is the command|@: how|@, please|trying to @|@ step by step|"
    "the command to @|the way to @|instructions to @|command to @|guide to @|@}",
    "{which|what} {command|option|step|setting|button|call|action|procedure} {is there to|lets me|would|helps me|do i use to|allows me to|is used to|is needed to|"
    "is meant to|do we need to|will} @",
    "{is there|do you have|does arriero have|do we have} {a command|something|anything|a way|a button|some way|an option|a trick|a simple way} {to|that lets me|with which i can|that helps to} @",
    "{how might i|how could i|how could we|how can we|how should we|how will i|how am i supposed to|how does somebody|in what way can i|in which way do i|"
    "could you tell me how to|would you explain how to|teach me how to|i don't know how to|i forgot how to|no idea how to|can anyone|are we able to|am i able to|may i|would i be able to} @",
]
WHAT = [
    "{@, what is that|@, what's that|@, what is it|@ explained|@, please explain|@: what is it|@, what does it mean|what @ is|@ in simple words|@ for beginners|"
    "@, what does that do|@, meaning|@, never heard of it}",
    "{i read|i heard|people talk|everyone talks|you talk|the docs talk|i keep hearing|i saw something|somebody spoke|there was a line|the guide speaks} about @"
    "{, what is that|, what's that|, what does it mean|, what is it|, please explain|, can you explain|, what is meant|}",
    "{what do you mean by|what do you mean with|what do people mean by|what do you call|what would you say is|could you explain|would you explain|please explain|"
    "can you tell me about|can you describe|say something about|what's the idea behind|what's the point of|what is the purpose of|what's the purpose of|what is the use of|"
    "what's the meaning of|what is the meaning of|i have a question about|a word about|more about|some words on|the basics of|an introduction to|why do you have|"
    "can you tell me what is|do you know what is|i wonder what is|what might be|in simple words, what is|teach me about|i'd like to understand|i want to understand} @",
    "{what is|what's|what are} @ {good for|for|used for|about|exactly|in arriero|all about|in simple words|in one sentence|and why does it matter|here|then|in this context}",
    "what {does|do} @ {mean|do|refer to|stand for|bring|offer}",
]
DOES = [
    "{is it able to|is arriero able to|are you able to|could it|could arriero|would it|would arriero|will arriero|might it|shall it|is it possible to|is it able, by chance, to|"
    "would it be possible to|is there a way to make it|i wonder if it can|i wonder whether arriero can|tell me if it can|do you know if it can|i need it to|we need it to|"
    "it should|it must|is it true that it can|i hope it can|am i right that it can|in arriero, can i|with arriero, can we|can we|can one|may i let it|"
    "do your servers|does your server|does the server|does the engine|does the gateway|can the server|can the gateway|is the server able to} @",
    "{@, can it|@, can it do that|@, is that possible|@, does that work|@, is that supported|can it @ too|can it also @|does it also @|does it @ at all|does it already @|does it @ by itself|"
    "does it really @|does it @ out of the box}",
]
REWORDINGS = {"<how> ": HOW, "<what> ": WHAT, "<does> ": DOES}


def reword(pattern: str) -> list[str]:
    """Further patterns, none for a pattern that begins otherwise."""
    for macro, forms in REWORDINGS.items():
        if pattern.startswith(macro):
            return [form.replace("@", pattern.removeprefix(macro)) for form in forms]
    return []
