"""The demo: the minimum platform applied, changed and destroyed by the real CLI on a simulated AWS."""
