"""The command group, and the way from an error to an exit code."""

from __future__ import annotations

import click

from compose2ecs import __version__

# What `--help` lists: a module is only imported when its command is run.
COMMANDS = {
    "convert": ("convert", "Print the ECS and load balancer JSON of a compose project."),
    "config": ("config", "Print the project as Compose reads it."),
    "check": ("check", "Say everything there is to say of a project, and write nothing."),
    "import": ("import_", "Print a compose file of ECS task definitions in JSON."),
    "plan": ("plan", "Show what `up` would change."),
    "up": ("up", "Put the project on its cluster, and change only what changed."),
    "down": ("down", "Remove exactly what this stack owns."),
    "ps": ("ps", "Show what the services are doing, and where they are reached."),
    "logs": ("logs", "Show what containers write, in one order of time."),
    "exec": ("exec", "Run a command in a container that runs."),
    "run": ("run", "Run a task of a service once, and exit as its container does."),
    "scale": ("scale", "Set how many tasks services have, until the next `up`."),
    "restart": ("restart", "Replace the tasks of services."),
    "rollback": ("rollback", "Put services back to the revision that ran before."),
    "doctor": ("doctor", "Look for what keeps the project from running, and tell the fix."),
    "iam": ("iam", "Print the IAM policy for whoever deploys this project."),
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are run: `--help` stays as fast as click."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"{__package__}.{COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            import difflib

            guess = difflib.get_close_matches(name, COMMANDS, 1, 0.6)
            ctx.fail(
                f"No such command {name!r}." + (f" Did you mean {guess[0]!r}?" if guess else "")
            )
        return super().resolve_command(ctx, args)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="compose2ecs")
def main() -> None:
    """Docker Compose in, Amazon ECS out."""
