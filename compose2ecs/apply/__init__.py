"""A plan is carried out, and what came of it is waited for."""
