"""The JSON Schemas that ship with compose2ecs."""
