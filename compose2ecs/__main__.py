"""`python -m compose2ecs`."""

from compose2ecs.cli.main import main

main(prog_name="compose2ecs")
