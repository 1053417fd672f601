"""Random lives of stacks: configurations that nobody thought of, one after the other on one stack."""
