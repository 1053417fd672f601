"""One module per simulated service; each registers its operations and hooks when imported."""
