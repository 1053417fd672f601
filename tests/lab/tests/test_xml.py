"""The lab's XML is xmltodict's."""

from __future__ import annotations

import pytest
import xmltodict

from lab import xml


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    "content",
    [
        {"b": "text"},
        {"b": None},
        {"b": ""},
        {"b": {}},
        {"b": []},
        {"b": ["1", {"c": "2"}, None, ""]},
        {"b": [{"c": ["1", "2"]}, {"c": []}]},
        {"b": "a < b & \"c\" > 'd'"},
        {"b": True, "c": False, "d": 7, "e": 1.5},
        {"@xmlns": "http://a/?b&c", "b": {"@xsi:type": "T", "c": "1"}},
        {"@xmlns": {"": "http://a", "xsi": "http://b"}, "b": "1"},
        {"@a": None, "#text": "t & t"},
        {"b": {"@a": "1", "#text": "t"}},
        {"b": {"@a": "1"}},
        "text",
        None,
        "",
    ],
)
def test_it_writes_what_xmltodict_writes(content, full, short):
    options = {"full_document": full, "short_empty_elements": short}
    assert xml.unparse({"a": content}, **options) == xmltodict.unparse({"a": content}, **options)
