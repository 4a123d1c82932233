"""The command group, and the way from an error to an exit code."""

from __future__ import annotations

import click

from compose2ecs import __version__

_COMMANDS = {
    "convert": "compose2ecs.cli.convert",
    "config": "compose2ecs.cli.config",
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are run: `--help` stays as fast as click."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(_COMMANDS[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in _COMMANDS:
            import difflib

            guess = difflib.get_close_matches(name, _COMMANDS, 1, 0.6)
            ctx.fail(
                f"No such command {name!r}." + (f" Did you mean {guess[0]!r}?" if guess else "")
            )
        return super().resolve_command(ctx, args)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="compose2ecs")
def main() -> None:
    """Docker Compose in, Amazon ECS out."""
