"""Which rights the commands need, and which the roles of the tasks: policies, made without AWS."""
