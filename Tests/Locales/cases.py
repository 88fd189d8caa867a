#!/usr/bin/env python3
"""What ICU writes for random amounts, moments, zones, spans of time, lists and counts, so that the tests can compare it with what a customer would read.

    cases.py [--cases N] [--seed S]      to stdout: LOCALE, form, input and ICU's answer, with tabs between

Needs PyICU (Debian: python3-icu). Tests/Fixtures/icu.tsv holds 600 cases a language; `CLARION_ICU_CASES=FILE` has the suite `LocaleTests` read another file.
Where Clarion means to differ (docs/templates.md, "Dates, money, counts"), ICU is told to differ as well, here and nowhere else.
"""
import argparse
import random
import re

import icu

LOCALES = "zh-Hans zh-Hant en ja ko ar es pt-BR fr de id vi th".split()
DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3, "TND": 3}
CURRENCIES = "CNY HKD TWD USD EUR GBP INR JPY KRW SGD AUD CAD NZD BRL MXN PHP VND KWD BHD TND CHF THB IDR AED SAR PLN".split()
#: Signs that can be mistaken nowhere, or not by readers of one language; the code stands for the rest.
SIGNS = dict(HKD="HK$", TWD="NT$", USD="US$", EUR="€", GBP="£", INR="₹", KRW="₩", SGD="S$", AUD="A$", CAD="C$", NZD="NZ$", BRL="R$", MXN="MX$", PHP="₱", VND="₫")
HOME = {("zh-Hans", "CNY"): "¥", ("ja", "JPY"): "¥"}
#: No space before the time, since each character of an SMS counts; the day in front.
PATTERNS = {"zh-Hans": "M月d日HH:mm", "zh-Hant": "M月d日HH:mm", "en": "d MMM HH:mm"}
#: Direction marks, which may not stand in any message.
MARKS = re.compile("[\u200e\u200f\u061c]")


def locale(tag):
    return icu.Locale.forLanguageTag("ar-u-nu-latn" if tag == "ar" else tag)


def money(tag, minor, currency):
    style = icu.NumberFormat.createCurrencyInstance(locale(tag))
    style.setCurrency(currency)
    digits = DIGITS.get(currency, 2)
    style.setMinimumFractionDigits(digits)
    style.setMaximumFractionDigits(digits)
    symbols = style.getDecimalFormatSymbols()
    sign = HOME.get((tag, currency)) or SIGNS.get(currency) or currency
    symbols.setSymbol(icu.DecimalFormatSymbols.kCurrencySymbol, sign)
    style.setDecimalFormatSymbols(symbols)
    return MARKS.sub("", style.format(minor / 10 ** digits))


def moment(tag, seconds, zone):
    place = locale(tag)
    pattern = PATTERNS.get(tag) or icu.DateTimePatternGenerator.createInstance(place).getBestPattern("MMMdHm")
    style = icu.SimpleDateFormat(pattern, place)
    style.setTimeZone(icu.TimeZone.createTimeZone(f"GMT{'+' if zone >= 0 else '-'}{abs(zone) // 60:02d}:{abs(zone) % 60:02d}"))
    return MARKS.sub("", style.format(float(seconds)))


def zoned(tag, seconds, zone):
    """The moment with its zone in the short localized GMT form behind the minutes; CLDR's own place for it differs in Chinese and Vietnamese."""
    name = icu.SimpleDateFormat("O", locale(tag))
    name.setTimeZone(icu.SimpleTimeZone(zone * 60_000, "zone"))
    name = MARKS.sub("", name.format(float(seconds)))
    name = f"({name})" if tag.startswith("zh") else f" {name}"
    plain = moment(tag, seconds, zone)
    # Minutes are the last digits, but in Vietnamese, where the day follows.
    return re.sub(r"^(\d+:\d\d)", lambda time: time[1] + name, plain) if tag == "vi" else plain + name


UNITS = dict(day=86_400, hour=3600, minute=60)


def rounded(seconds, up):
    """Days and hours from a day on, hours and minutes below; what is past is rounded down, what may be counted on up."""
    minutes = -(-seconds // 60) if up else seconds // 60
    names = ("day", "hour") if minutes >= 1440 else ("hour", "minute")
    small = -(-seconds // UNITS[names[1]]) if up else seconds // UNITS[names[1]]
    count = divmod(small, UNITS[names[0]] // UNITS[names[1]])
    return names, count


def span(tag, seconds, up):
    names, count = rounded(seconds, up)
    wide = icu.NumberFormatter.withLocale(locale(tag)).unitWidth(icu.UNumberUnitWidth.FULL_NAME).precision(icu.Precision.integer())
    if all(count):
        size = UNITS[names[0]] // UNITS[names[1]]
        return MARKS.sub("", wide.unit(icu.MeasureUnit.forIdentifier("-and-".join(names))).formatDouble(count[0] + count[1] / size))
    index = 0 if count[0] else 1
    return MARKS.sub("", wide.unit(icu.MeasureUnit.forIdentifier(names[index])).formatInt(count[index]))


#: Members of lists; one letter of them decides the Spanish "and".
WORDS = ["photo", "id", "Informe", "hilo", "hielo", "hiato", "proof", "contrato", "资料", "証明書", "مستند", "เอกสาร"]


def joined(tag, words):
    # English as in Britain: no comma before "and".
    return icu.ListFormatter.createInstance(locale("en-GB" if tag == "en" else tag)).format(words)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=600, help="of each language")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    for tag in LOCALES:
        rules = icu.PluralRules.forLocale(locale(tag))
        for n in range(options.cases):
            form = ("money", "instant", "zoned", "span", "list", "plural")[n % 6]
            if form == "money":
                currency = chance.choice(CURRENCIES)
                # Up to 12 digits, all lengths alike: a float holds each of them exactly enough.
                minor = chance.randrange(0, 10 ** chance.randrange(1, 13)) * chance.choice((1, 1, 1, -1))
                print(tag, form, f"{minor} {currency}", money(tag, minor, currency), sep="\t")
            elif form == "instant":
                seconds, zone = chance.randrange(1_700_000_000, 2_000_000_000), 15 * chance.randrange(-48, 57)
                print(tag, form, f"{seconds} {zone}", moment(tag, seconds, zone), sep="\t")
            elif form == "zoned":
                seconds, zone = chance.randrange(1_700_000_000, 2_000_000_000), chance.choice((15, 60, 60)) * chance.randrange(-12, 15)
                print(tag, form, f"{seconds} {zone}", zoned(tag, seconds, zone), sep="\t")
            elif form == "span":
                seconds, up = chance.randrange(0, chance.choice((3600, 86_400, 90_000, 40 * 86_400))), chance.choice((True, False))
                print(tag, form, f"{seconds} {'up' if up else 'down'}", span(tag, seconds, up), sep="\t")
            elif form == "list":
                words = chance.choices(WORDS, k=chance.randrange(1, 6))
                print(tag, form, " ".join(words), joined(tag, words), sep="\t")
            else:
                count = chance.choice((chance.randrange(0, 13), chance.randrange(0, 1000), 1_000_000 * chance.randrange(0, 9)))
                print(tag, form, count, rules.select(count), sep="\t")


main()
