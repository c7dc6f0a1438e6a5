# What other people's parsers make of the feeds and the calendar: python3 read_feeds.py URL; JSON.
import json
import sys
import urllib.request

import feedparser
import icalendar


def fetch(path):
    with urllib.request.urlopen(sys.argv[1] + path, timeout=10) as response:
        return response.read(), dict(response.headers)


def feed(path):
    body, headers = fetch(path)
    parsed = feedparser.parse(body, response_headers={"content-type": headers["Content-Type"]})
    return {
        "bozo": bool(parsed.bozo),
        "why": str(parsed.get("bozo_exception", "")),
        "version": parsed.version,
        "id": parsed.feed.get("id", ""),
        "entries": [
            {
                "id": entry.id,
                "title": entry.title,
                "link": entry.link,
                "has_time": bool(entry.get("updated_parsed") or entry.get("published_parsed")),
                "text": (entry.get("content") or [{"value": entry.get("summary", "")}])[0]["value"],
            }
            for entry in parsed.entries
        ],
    }


def calendar(path):
    body, _ = fetch(path)
    parsed = icalendar.Calendar.from_ical(body)
    return {
        "version": str(parsed["VERSION"]),
        "events": [
            {
                "uid": str(event["UID"]),
                "summary": str(event["SUMMARY"]),
                "status": str(event["STATUS"]),
                "begin_s": event["DTSTART"].dt.timestamp(),
                "end_s": event["DTEND"].dt.timestamp(),
            }
            for event in parsed.walk("VEVENT")
        ],
    }


json.dump(
    {
        "atom": feed("/history.atom"),
        "rss": feed("/history.rss"),
        "calendar": calendar("/maintenance.ics"),
    },
    sys.stdout,
)
