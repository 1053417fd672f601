"""An AWS control plane on one endpoint: moto's objects, AWS's states, rules and times."""
