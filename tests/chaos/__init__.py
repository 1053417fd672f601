"""`make chaos`: the minimum platform, interrupted at every call that changes something; the same command again ends well."""
