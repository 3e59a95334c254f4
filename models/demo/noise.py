"""How people really type: politeness, casing, missing marks, slips of the finger."""

import random

BEFORE = ["please ", "hi, ", "hello, ", "hey, ", "hey arriero, ", "could you tell me ", "can you tell me ", "quick question: ",
          "i was wondering, ", "sorry, ", "excuse me, ", "so ", "ok, ", "and ", "i'd like to know ", "tell me, ", "one question: ",
          "please tell me ", "good morning, ", "um, ", "also, ", "well, ", "do you know ", "just wondering, ", "now, ", "but ",
          "dear arriero, ", "next: ", "i am curious: ", "help, "]
AFTER = [" please", ", please", " thanks", ", thanks", " with arriero", " in arriero", " here", " exactly", " then", " quickly",
         " for me", " now", " again", " in short", " thank you", " actually", " briefly", " right now", " by the way", " mate",
         " if i may ask", " today", ", if possible"]
CONTEXT = ["we are a small team", "i have a laptop", "i am new to this", "this is my first day", "i run a small company", "i just installed it",
           "i come from another tool", "my colleague asked me", "i looked everywhere", "we have ten servers", "i use linux", "i am no expert",
           "i am a student", "i work at a bank", "we are evaluating arriero", "it is running now", "i am stuck", "we have a deadline", "i use a mac",
           "the docs are long", "i could not find it", "my setup works", "i read the page", "i have tried a lot", "we want to get started",
           "our lab has many users", "i prefer simple things", "there is one thing i don't get", "all is well so far", "i am curious"]
DROPPABLE = {"a", "an", "the", "to", "of", "it", "is", "do", "i", "my", "me", "in", "on", "for", "does", "can"}


def decorate(question: str, rng: random.Random) -> str:
    if rng.random() < 0.2:
        question = rng.choice(BEFORE) + question
    if rng.random() < 0.1:
        question = rng.choice(CONTEXT) + rng.choice([", ", ". ", " and ", ", so ", "; "]) + question
    if rng.random() < 0.15:
        question = question.rstrip("?") + rng.choice(AFTER)
    if rng.random() < 0.12:
        words = [word for word in question.split() if word not in DROPPABLE or rng.random() < 0.5]
        question = " ".join(words) or question
    if rng.random() < 0.12:
        question = slip(question, rng)
    if rng.random() < 0.15:
        question = blurred(question, rng)
    return cased(question, rng)


def blurred(question: str, rng: random.Random) -> str:
    """One word lost, or in its place one that the model may never have met: the others have to do."""
    words = question.split()
    if len(words) < 5:
        return question
    at = rng.randrange(len(words))
    letters = list("aeiounrtslcdmpg")
    words[at : at + 1] = [] if rng.random() < 0.4 else ["".join(rng.choices(letters, k=rng.randint(3, 9)))]
    return " ".join(words)


def slip(text: str, rng: random.Random) -> str:
    """One or two typing errors inside words."""
    letters = list(text)
    for _ in range(rng.choice([1, 1, 2])):
        places = [i for i in range(1, len(letters) - 1) if letters[i - 1].isalpha() and letters[i].isalpha() and letters[i + 1].isalpha()]
        if not places:
            break
        i = rng.choice(places)
        match rng.randrange(4):
            case 0:
                letters[i], letters[i + 1] = letters[i + 1], letters[i]
            case 1:
                del letters[i]
            case 2:
                letters.insert(i, letters[i])
            case 3:
                letters[i] = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


def cased(text: str, rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.55:
        text = text[:1].upper() + text[1:]
        text = text.replace("arriero", "Arriero") if rng.random() < 0.7 else text
    elif draw < 0.58:
        text = text.upper()
    if rng.random() < 0.35:
        for plain, proper in PROPER.items():
            text = text.replace(plain, proper)
    if text[-1:].isalnum():
        text += rng.choice(["", "", "?", "?", "?", ".", " ?", "??", "!", "!"]) if rng.random() < 0.9 else ""
    return text


PROPER = {"aws": "AWS", "gcp": "GCP", "azure": "Azure", "kubernetes": "Kubernetes", "hugging face": "Hugging Face", "openai": "OpenAI",
          "api": "API", "gpu": "GPU", "json": "JSON", "ollama": "Ollama", "python": "Python", "lora": "LoRA", " i ": " I ",
          "france": "France", "google": "Google", "docker": "Docker", "llama": "Llama", "http": "HTTP", "ttft": "TTFT", "cli": "CLI"}
