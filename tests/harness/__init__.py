"""What the demo and the acceptance tests share: the lab as a process, the CLIs, working directories."""
