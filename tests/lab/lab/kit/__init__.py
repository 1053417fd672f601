"""Tools that several simulated services share; none of them knows a service."""
