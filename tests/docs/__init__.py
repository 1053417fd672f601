"""`make docs`: the registry's pages from the provider's schema, the modules' tables from their variables."""
