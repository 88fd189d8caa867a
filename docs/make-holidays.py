#!/usr/bin/env python3
"""Prints config/holidays.yaml from the package `holidays` (https://github.com/vacanza/holidays, MIT): python3 docs/make-holidays.py 2026 2027"""
import sys
from importlib.metadata import version

import holidays

# Country → the part of it where the banks of bank-baselines.csv are, the package's categories, a remark.
COUNTRIES = {
    "CN": (None, ["public"], "Make-up days are known when the State Council has announced a year; a later year has the days of the law alone"),
    "HK": (None, ["public", "optional"], "General holidays"),
    "DE": ("HE", ["public"], "Hesse"),
    "NL": (None, ["public"], ""),
    "FR": (None, ["public"], ""),
    "ES": (None, ["public"], "National"),
    "GB": ("ENG", ["public"], "England"),
    "US": (None, ["public"], "Federal; banks are open on the Friday before a holiday that falls on a Saturday"),
    "IN": ("MH", ["public"], "Maharashtra; days by the moon are estimated for a later year"),
}

HEADER = """\
# Days on which banks and offices do not follow the week, by ISO 3166 country. Escalations that count working days, hours and bank days use them.
#
#   until    the last day that is known of: later ones count as the weekday they fall on, and `clarion check` says so in time
#   closed   day: its name
#   worked   days that are worked although they fall on a weekend
#
# Which country a bank keeps: countries and banks in rails.yaml. Our own people: defaults.country.
#
# Source: dates from the package holidays {version} (https://github.com/vacanza/holidays, MIT licence), by docs/make-holidays.py {years}.
# They are public holidays, which a single bank may not keep. Check them against your own calendar, and add a year in its time.
countries:"""


def quoted(text):
    return '"' + text.replace('"', "'") + '"' if any(c in text for c in ":#;,'\"") else text


def main():
    years = [int(year) for year in sys.argv[1:]]
    print(HEADER.format(version=version("holidays"), years=" ".join(sys.argv[1:])))
    for code, (part, categories, remark) in COUNTRIES.items():
        language = None if code in ("GB", "US") else "en_US"
        days = holidays.country_holidays(code, subdiv=part, years=years, categories=categories, language=language)
        print(f"  {code}:" + (f"  # {remark}" if remark else ""))
        print(f"    until: {max(years)}-12-31\n    closed:")
        for day, name in sorted(days.items()):
            if day.year in years and not (code == "US" and day.weekday() == 4 and "(observed)" in name):
                print(f"      {day}: {quoted(name)}")
        worked = sorted(day for day in getattr(days, "weekend_workdays", []) if day.year in years)
        if worked:
            print(f"    worked: [{', '.join(map(str, worked))}]")


main()
