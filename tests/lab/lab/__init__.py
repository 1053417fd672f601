"""An AWS control plane on one endpoint: moto's objects with AWS's states, rules and times."""

import os

# moto reads these when it is imported.
# It would make every call one account's.
os.environ.pop("MOTO_ACCOUNT_ID", None)
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
