"""The floor: what converting would cost if there were nothing to convert.

    python -m benchmarks.floor FILE

The product's own loader, its places included, then `json.dump`, under a click command. What
`convert` costs above it is the price of reading, checking, translating and telling.
"""

from __future__ import annotations

import gc
import sys

import click


@click.command("floor")
@click.argument("file")
def main(file: str) -> None:
    """Load FILE and print it as JSON."""
    import json

    from compose2ecs.compose.located import Problem, read_documents
    from compose2ecs.report import Sources

    gc.disable()  # as the product does while it loads
    with open(file, encoding="utf-8") as source:
        text = source.read()
    problems: list[Problem] = []
    documents = read_documents(text, Sources().add(file, text), problems)
    if problems:
        raise click.ClickException(problems[0].kind)
    for document in documents:
        json.dump(document.root, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
