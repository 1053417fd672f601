"""The real CLIs against the lab."""
