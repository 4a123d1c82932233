"""What a script of five lines does: PyYAML's fastest loader, then `json.dump`.

python -m benchmarks.plain FILE
"""

from __future__ import annotations

import json
import sys

import yaml


def main() -> None:
    """Load the file and print it as JSON."""
    with open(sys.argv[1], encoding="utf-8") as source:
        document = yaml.load(source, Loader=yaml.CSafeLoader)
    json.dump(document, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
