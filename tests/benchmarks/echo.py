"""A child for tests: answers what it was asked, fails at `{"fail": true}`, ends at `{"end": true}`."""

import os
import time
from typing import Any

from benchmarks.children import Answer, serve


def make_answer() -> Answer:
    print("a library that prints")

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        if question.get("fail"):
            raise ValueError("told to")
        if question.get("end"):
            os._exit(7)
        if "burn_seconds" in question:
            end = time.process_time() + question["burn_seconds"]
            while time.process_time() < end:
                pass
        return {"heard": question, "pid": os.getpid()}

    return answer


if __name__ == "__main__":
    serve(make_answer)
