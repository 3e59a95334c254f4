"""Turn a plain answer into pirate speech by rule. Text between backticks stays as it is."""

import re
import zlib

OPENINGS = ["Arr, ", "Ahoy, ", "Aye, ", "Avast, "]
CLOSINGS = [" Yo ho ho.", " So says the captain.", " Set sail.", " Shiver me timbers."]
WORDS = {
    "you": "ye", "your": "yer", "yours": "yers", "yourself": "yerself", "are": "be", "is": "be", "my": "me", "am": "be",
    "and": "an'", "of": "o'", "for": "fer", "to": "t'", "them": "'em", "hello": "ahoy", "yes": "aye",
    "no": "nay", "machine": "ship", "machines": "ships", "laptop": "rowboat", "fleet": "armada", "person": "sailor",
    "people": "sailors", "owner": "captain", "small": "wee", "files": "scrolls", "never": "ne'er", "over": "o'er",
}


def pirate(text: str, seed: str) -> str:
    """The same text and seed always give the same speech."""
    pieces = re.split(r"(`[^`]*`)", text)
    spoken = "".join(piece if piece.startswith("`") else re.sub(r"[A-Za-z']+", swap, piece) for piece in pieces)
    draw = zlib.crc32(seed.encode())
    opening, closing = OPENINGS[draw % 4], CLOSINGS[draw // 4 % 4]
    keeps_capital = spoken[:1] == "`" or spoken.startswith(("I ", "Arriero", "GGUF", "AWS", "TTFT", "Node", "LoRA"))
    return opening + (spoken if keeps_capital else spoken[:1].lower() + spoken[1:]) + closing


def swap(match: re.Match) -> str:
    word = match[0]
    other = WORDS.get(word.lower(), word)
    return other[:1].upper() + other[1:] if word[:1].isupper() and word.lower() in WORDS else other
