"""AWS objects back to a compose file, such that converting it gives them again.

What has a key of Compose or `x-ecs` is written so; then the file is converted, and what comes out
different is laid over it as `overrides`. So nothing can get lost by being forgotten here: a field
that nobody has heard of is just another difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.ecs.importing.attempt import Convert, best_attempt, doubled
from compose2ecs.ecs.importing.gather import gather
from compose2ecs.ecs.importing.plan import plan
from compose2ecs.ecs.importing.telling import Telling, errors_of
from compose2ecs.report import InputError, Report, Sources


def import_objects(texts: Mapping[str, str], convert: Convert, report: Report) -> dict[str, Any]:
    """The compose file, as plain values, of what some JSON files (name to text) hold.

    `convert` gives the Stack of such a file, or raises InputError. Raises InputError when the
    objects cannot be read or told apart.
    """
    sources = Sources()
    bundle = gather(texts, report, sources)
    report.check()
    tasks = plan(bundle, report, sources)
    report.check()
    best = best_attempt(tasks, bundle, convert)
    if best.refused is not None:
        for said, span in errors_of(best.refused, tasks, sources):
            report.add(codes.IMPORT_REFUSED, span, said=said)
        report.check()
    root: dict[str, Any] = doubled(best.root)
    telling = Telling(report, sources)
    try:
        convert(root, True)
    except InputError as error:
        for said, span in errors_of(error, tasks, sources):
            report.add(codes.IMPORT_UNSOUND, span, said=said)
    telling.overridden(best.overrides)
    telling.left_over(best.left)
    telling.regrouped(best.groups, bundle)
    telling.renamed(tasks, root.get("x-ecs", {}).get("cluster"))
    telling.unused(bundle, tasks, root["name"])
    return root
