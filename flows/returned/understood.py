"""How much of the disclosure documents was understood: counted per document, what was not is listed."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from expectations.messages import place
from expectations.saying import Messages

say = Messages(__file__)

LISTED = 20
SHOWN = 60


def documents_read(sentences: pd.DataFrame) -> list[dict[str, Any]]:
    """Per document (file) the number of sentences that state a figure, how many were understood, and the others."""
    found = []
    for file, said in sentences.groupby("file", sort=True):
        unread = said[~said["understood"]]
        found.append(
            {
                "file": str(file),
                "sentences": len(said),
                "understood": int(said["understood"].sum()),
                "unread": unread[["sheet", "cell", "text"]].to_dict("records"),
            }
        )
    return found


def understood_lines(documents: list[dict[str, Any]]) -> Iterator[str]:
    """What was understood, for people: a line a document, then the sentences that were not."""
    for document in documents:
        share = 100 * document["understood"] / document["sentences"]
        yield say(
            "document",
            file=document["file"],
            sentences=document["sentences"],
            understood=document["understood"],
            share=share,
        )
        for sentence in document["unread"][:LISTED]:
            text = sentence["text"] if len(sentence["text"]) <= SHOWN else sentence["text"][:SHOWN] + "……"
            yield "  " + say("not_understood", where=place(sentence["sheet"], sentence["cell"]), text=text)
        if len(document["unread"]) > LISTED:
            yield "  " + say("more", count=len(document["unread"]) - LISTED)
