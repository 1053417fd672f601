"""The tools that services share, as tables."""

from __future__ import annotations

import pytest

from lab.extend import AwsError
from lab.kit import pages, windows
from lab.kit.records import digest, public, tag_list, tag_map


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("03:00-04:00", (180, 60)),
        ("23:30-00:30", (1410, 60)),
        ("3:00-4:00", None),
        ("24:00-25:00", None),
        ("", None),
    ],
)
def test_a_daily_window_is_a_start_and_a_length(text, window):
    assert windows.daily(text) == window


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("mon:00:00-mon:01:00", (0, 60)),
        ("Sun:23:30-Mon:00:30", (10050, 60)),
        ("day:00:00-day:01:00", None),
        ("sun:04:00", None),
    ],
)
def test_a_weekly_window_is_a_start_and_a_length(text, window):
    assert windows.weekly(text) == window


@pytest.mark.parametrize(
    ("every_day", "once_a_week", "meet"),
    [
        ("03:00-04:00", "sun:04:00-sun:05:00", False),
        ("03:00-04:01", "sun:04:00-sun:05:00", True),
        ("23:30-00:30", "mon:00:00-mon:01:00", True),
        ("23:30-00:30", "sun:23:00-sun:23:30", False),
        ("00:00-01:00", "sun:23:30-mon:00:30", True),
    ],
)
def test_windows_meet_across_midnight_and_week(every_day, once_a_week, meet):
    assert windows.overlap(windows.daily(every_day), windows.weekly(once_a_week)) is meet


@pytest.mark.parametrize(
    ("params", "rows", "token"),
    [
        ({}, [1, 2, 3], None),
        ({"maxResults": 2}, [1, 2], "2"),
        ({"maxResults": 2, "nextToken": "2"}, [3], None),
        ({"maxResults": 3}, [1, 2, 3], None),
    ],
)
def test_pages_follow_each_other(params, rows, token):
    assert pages.page([1, 2, 3], params) == (rows, token)


@pytest.mark.parametrize("token", ["x", "-1", "4"])
def test_a_foreign_page_token_is_refused(token):
    with pytest.raises(AwsError):
        pages.page([1, 2, 3], {"nextToken": token})


def test_notes_of_the_lab_are_not_shown_and_answers_are_copies():
    record = {"a": [1], "_b": 2}
    shown = public(record)
    shown["a"].append(2)
    assert (shown, record) == ({"a": [1, 2]}, {"a": [1], "_b": 2})


def test_tags_go_both_ways():
    assert tag_map(tag_list({"a": "1", "b": ""})) == {"a": "1", "b": ""}
    assert tag_map(None) == {}


def test_a_digest_depends_on_every_part():
    assert len({digest("a", "b"), digest("ab"), digest("b", "a"), digest("a", "b", "")}) == 4
