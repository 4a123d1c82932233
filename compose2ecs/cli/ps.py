"""`compose2ecs ps`."""

from __future__ import annotations

from typing import Any

import click

from compose2ecs.cli.day_two import Standing, stack_options


@click.command("ps")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="The form of the output.",
)
@click.option(
    "--addresses",
    is_flag=True,
    help="Show ip:port of published ports where there is a load balancer, too.",
)
@stack_options
def command(services: tuple[str, ...], form: str, addresses: bool, **values: Any) -> None:
    """Show what the stack's services are doing, and where they are reached.

    The URLs, or without a load balancer ip:port of each published port. Of a service that is not
    steady, what ECS reported last, and how its tasks ended.
    """
    from compose2ecs.app.ps import ps
    from compose2ecs.app.rows import as_data, table
    from compose2ecs.app.running import nothing

    flags = Standing(values)
    with flags.ending():
        running = flags.running()
        listed = ps(running, services, addresses=addresses)
        if form == "json":
            from compose2ecs.writers.ecs_json import to_json

            click.echo(to_json(as_data(listed)))
        else:
            for line in table(listed, running.wall()):
                click.echo(line)
        said = [*listed.notes, *(() if listed.rows else (str(nothing(running.place)),))]
        for text in () if values["quiet"] else said:
            click.echo(text, err=True)
