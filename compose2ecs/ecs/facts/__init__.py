"""Readers of `x-ecs` keys that few projects use: each is imported when one of its keys is met."""
