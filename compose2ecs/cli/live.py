"""Progress as a table that changes where it stands, for terminals. The only module that knows rich,
and imported only when there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table as Grid
from rich.text import Text

from compose2ecs.apply.run import DONE, FAILED, Event
from compose2ecs.apply.wait import State
from compose2ecs.cli.deploying import FAILS, Progress, health_text, short
from compose2ecs.plan.model import TAG, Change, Plan
from compose2ecs.plan.show import title

if TYPE_CHECKING:
    from compose2ecs.app.up import Health

_OTHER_LINES = 6  # of a screen, for the heading and what scrolls by above the table
_COLUMNS = ("service", "revision", "tasks", "targets", "")
_OPEN, _GOOD, _BAD = "", "green", "red"


class _Row:
    """What is known of one service."""

    def __init__(self) -> None:
        self.revision = ""
        self.tasks = ""
        self.targets: dict[str, str] = {}
        self.text = ""
        self.style = _OPEN


class Table(Progress):
    """One line a service, and above it, line by line, what else happens.

    The table is drawn by rich on `console`, standard error unless another is given, several times a
    second by a thread of its own.
    """

    def __init__(
        self, plan: Plan, *, no_color: bool = False, console: Console | None = None
    ) -> None:
        super().__init__(quiet=False)
        # rich itself looks at NO_COLOR
        self.console = console or Console(stderr=True, no_color=no_color or None)
        self._rows: dict[str, _Row] = {}
        self._spinner = Spinner("dots")
        self._ended = False
        for change in plan.changes:
            if change.kind == "services" and change.action != TAG:
                self._rows[change.name] = _Row()
        self._live = Live(
            console=self.console,
            get_renderable=self._drawn,
            refresh_per_second=8,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Table:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the whole table as it is at the end."""
        self._ended = True
        self._live.vertical_overflow = "visible"
        self._live.stop()

    def event(self, event: Event) -> None:
        if event.call is None or event.call.operation != "wait-gone" or event.kind == FAILED:
            super().event(event)
            return
        for name in event.call.body["services"]:  # one call waits for several
            row = self._rows.setdefault(name, _Row())
            row.text, row.style = ("gone", _GOOD) if event.kind == DONE else ("stopping", _OPEN)

    def step(self, change: Change, text: str) -> None:
        row = self._rows.get(change.name) if change.kind == "services" else None
        if row is None:
            self._print(f"{title(change)}: {text}", _BAD if text == FAILS else "")
            return
        row.text = text
        if text == FAILS:
            row.style = _BAD

    def revision(self, name: str, old: str | None, new: str) -> None:
        self._registered.add(name)
        row = self._rows.setdefault(name, _Row())
        row.revision = f"{short(old)} → {short(new).rpartition(':')[2]}" if old else short(new)
        row.text = "registered"

    def state(self, name: str, state: State) -> None:
        row = self._rows.setdefault(name, _Row())
        row.tasks = f"{state.running}/{state.desired}"
        row.revision = row.revision or short(str(state.service.get("taskDefinition", "")))
        row.style = _GOOD if state.stable else _BAD if state.failed else _OPEN
        row.text = "stable" if state.stable else state.reason
        if state.failed:
            row.text = f"failed: {state.reason}"

    def health(self, name: str, group: str, health: Health) -> None:
        row = self._rows.setdefault(name, _Row())
        row.targets[group] = health_text(health)

    def say(self, text: str) -> None:
        self._print(text)

    def _print(self, text: str, style: str = "") -> None:
        # what AWS says may have brackets that are no markup
        self.console.print(Text(text, style=style))
        self._live.refresh()

    def _drawn(self) -> RenderableType:
        rows = list(self._rows.items())
        room = max(self.console.height - _OTHER_LINES, 1)
        hidden = 0
        if not self._ended and len(rows) > room:
            rows.sort(key=lambda item: item[1].style == _GOOD)
            hidden = len(rows) - room
            rows = rows[:room]
        grid = Grid(*_COLUMNS, box=None, padding=(0, 2, 0, 0), header_style="bold")
        for name, row in rows:
            targets = "; ".join(row.targets.values())
            cells = (name, row.revision, row.tasks, targets)
            grid.add_row(*(Text(cell) for cell in cells), Text(row.text, style=row.style))
        drawn: list[RenderableType] = [grid] if rows else []
        if hidden:
            drawn.append(Text(f"and {hidden} more", style="dim"))
        if not self._ended:
            drawn.append(self._spinner)
        return Group(*drawn)
