"""What is there, what shall be there, and what to do about it: pure, but for the reads it is given."""
