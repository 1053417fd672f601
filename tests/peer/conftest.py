"""The report ends with what was skipped and why."""

from __future__ import annotations

from acceptance.conftest import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]
