"""What AWS refuses, or takes and does not mean: one table, asked before anything is sent."""
