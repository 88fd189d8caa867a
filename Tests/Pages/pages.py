#!/usr/bin/env python3
"""`make pages`: every page and mail of ours in a real browser, judged by axe (WCAG 2.2 AA) and by rules of our own.

    pages.py [--only CASE,...] [--binary PATH]      cases: preview, save, keys, sandbox, mails

Each view is opened at 320, 768 and 1280 px, light and dark. A violation of axe's rules for WCAG 2.0, 2.1 and 2.2, A and AA, is a finding; so is a page that
scrolls sideways, one that loads anything from elsewhere, and an element that shows no focus. Best practices of axe are listed and count nothing.
Screenshots are left in .build/pages/. The exit code is 1 when there is a finding.
"""
import argparse
import html.parser
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / ".build/pages"
AXE = Path(importlib.util.find_spec("axe_playwright_python").origin).parent / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (320, 768, 1280)
LOCALES = "zh-Hans zh-Hant en ja ko ar es pt-BR fr de id vi th".split()
KINDS = sorted(path.name for path in (ROOT / "templates").iterdir() if path.is_dir() and not path.name.startswith("_"))

#: Cards that lie on one another.
OVERLAP = """() => {
  const cards = [...document.querySelectorAll('article, .languages > li')].map(card => [card.id, card.getBoundingClientRect()]);
  return cards.flatMap(([a, p], n) => cards.slice(n + 1).filter(([b, q]) =>
    p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1).map(([b]) => a + ' and ' + b));
}"""
#: Outlines, borders and shadows of what has the focus: nothing of them is no visible focus.
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const name = element.tagName + (element.id ? '#' + element.id : '') + ' ' + (element.textContent || '').trim().slice(0, 20);
  return [name, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2];
}"""


class Program:
    """A `clarion` that serves; ended by its own pid."""

    def __init__(self, binary, arguments, line, environment=None, errors=False):
        stream = {"stderr" if errors else "stdout": subprocess.PIPE, "stdout" if errors else "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(
            [binary, *arguments], cwd=ROOT, text=True, env={**os.environ, **(environment or {})}, start_new_session=True, **stream)
        self.said, self.found = [], None
        pipe = self.process.stderr if errors else self.process.stdout
        for text in pipe:
            self.said.append(text)
            if re.search(line, text):
                self.found = re.search(line, text)
                return
        raise SystemExit(f"{' '.join(arguments)} ended: {''.join(self.said)}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)


class Judge:
    """Opens views and keeps what is wrong with them."""

    def __init__(self, browser):
        self.browser, self.findings, self.advice, self.views = browser, [], {}, 0
        self.axe = AXE.read_text()

    def finding(self, view, words):
        self.findings.append(f"{view}: {words}")
        print(f"✗ {view}: {words}", flush=True)

    def page(self, width, scheme, **more):
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=False, **more)
        page = context.new_page()
        self.elsewhere = []

        def gate(route):
            if re.match(r"(http://127\.0\.0\.1:|data:|about:)", route.request.url):
                return route.continue_()
            self.elsewhere.append(route.request.url)
            route.abort()

        context.route("**/*", gate)
        page.on("console", lambda message: message.type == "error" and "404" not in message.text and self.elsewhere.append(message.text))
        page.on("pageerror", lambda error: self.elsewhere.append(str(error)))
        return page

    def look(self, page, view, shot=True):
        """Judges what `page` shows now."""
        self.views += 1
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            self.finding(view, f"scrolls sideways by {over} px")
        if page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length"):
            self.finding(view, "moves although less motion is wished for")
        for pair in page.evaluate(OVERLAP):
            self.finding(view, f"{pair} lie on one another")
        page.evaluate(self.axe)
        result = page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS + ["best-practice"])
        for violation in result["violations"]:
            for node in violation["nodes"]:
                words = f"{violation['id']}: {' '.join(str(part) for part in node['target'])}: {node['failureSummary'].splitlines()[-1].strip()}"
                if set(violation["tags"]) & set(TAGS):
                    self.finding(view, words)
                else:
                    self.advice.setdefault(violation["id"], words)
        for url in self.elsewhere:
            self.finding(view, f"asked for what is not its own: {url}")
        self.elsewhere.clear()
        if shot:
            OUT.mkdir(parents=True, exist_ok=True)
            # A frame that is not in sight is not painted.
            page.set_viewport_size({"width": page.viewport_size["width"], "height": page.evaluate("document.documentElement.scrollHeight")})
            page.screenshot(path=OUT / (re.sub(r"[^\w.-]+", "-", view) + ".png"))

    def everywhere(self, address, name, shot=True):
        """One address at every width, light and dark."""
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                page = self.page(width, scheme)
                page.goto(address, wait_until="load")
                self.look(page, f"{name}-{scheme}-{width}", shot)
                page.context.close()


def preview(judge, binary, work):
    """Every switch of the live page; every kind and language once."""
    with Program(binary, ["preview", "--serve", "--port", "0"], r"(http://[\d.:]+/)") as program:
        base = program.found[1]
        for name, path in {
            "en": "?kind=risk_hold&variant=materials&locale=en",
            "en-dark-mail": "?kind=risk_hold&locale=en&dark=on&narrow=on",
            "en-text-part": "?kind=bank_delay&locale=en&mail=text&dark=on",
            "zh-Hans-long": "?kind=bank_delay&locale=zh-Hans&size=long",
            "ar": "?kind=bank_delay&locale=ar",
            "wording": "?kind=bank_delay&locale=ar&wording=plain&mail=text",
            "de-extreme": "?kind=limit_exceeded&locale=de&size=extreme",
            "th-stage": "?kind=not_arrived&stage=progress&locale=th&zone=Asia%2FBangkok",
            "all": "all?kind=bank_delay&locale=en",
            "all-extreme": "all?kind=risk_hold&size=extreme",
            "unknown": "?kind=bank_dela",
        }.items():
            judge.everywhere(base + path, f"preview-{name}")
        page = judge.page(320, "light")
        for number, kind in enumerate(KINDS):
            for path in (f"all?kind={kind}", f"?kind={kind}&locale={LOCALES[number % len(LOCALES)]}"):
                page.goto(base + path, wait_until="load")
                judge.look(page, f"preview-{path}", shot=False)
        page.context.close()
        without = judge.page(768, "light", java_script_enabled=False)
        without.goto(base + "?kind=bank_delay&locale=en")
        without.select_option("#locale", "de")
        without.click("#show")
        if "locale=de" not in without.url or not without.locator("#sms .bubble[lang=de]").count():
            judge.finding("preview without script", f"the button shows nothing new: {without.url}")
        without.context.close()


def keys(judge, binary, work):
    """The switches by keyboard: each shows its focus, keeps it over a change, and puts the view into the address."""
    with Program(binary, ["preview", "bank_delay", "--serve", "--port", "0", "--locale", "en"], r"(http://\S+)") as program:
        page = judge.page(1280, "light")
        page.goto(program.found[1])
        page.wait_for_selector("#state[data-is=live]")
        seen = []
        for _ in range(40):
            page.keyboard.press("Tab")
            focus = page.evaluate(FOCUS)
            if focus is None:
                break
            seen.append(focus[0])
            # A frame shows its focus inside itself.
            if not focus[1] and not focus[0].startswith("IFRAME"):
                judge.finding("keys", f"{focus[0]} shows no focus")
        for id in ("kind", "stage", "locale", "zone", "size", "mail-html", "dark-on", "narrow-on"):
            if not any(f"#{id}" in name for name in seen):
                judge.finding("keys", f"#{id} is not reached: {seen}")
        page.focus("#locale")
        page.select_option("#locale", "ar")
        page.wait_for_selector("#sms .bubble[lang=ar][dir=rtl]")
        if "locale=ar" not in page.url or page.evaluate("document.activeElement.id") != "locale":
            judge.finding("keys", f"a choice moves the focus, or is not in the address: {page.url}")
        if "العربية" not in page.text_content("#news"):
            judge.finding("keys", "a choice is not told to those who listen")
        page.focus("#dark-on")
        page.keyboard.press("Space")
        page.wait_for_selector("iframe[src*='dark=on']")
        if page.evaluate("document.activeElement.id") != "dark-on":
            judge.finding("keys", "the mail's switch loses the focus")
        page.go_back()
        page.wait_for_selector("iframe:not([src*='dark=on'])")
        judge.look(page, "keys-ar")
        page.context.close()


def save(judge, binary, work):
    """A save is shown by itself; a mistake with its place, over the texts of before."""
    files = work / "templates"
    shutil.copytree(ROOT / "templates", files)
    text = files / "bank_delay/en.yaml"
    good = text.read_text()
    with Program(binary, ["preview", "--serve", "--port", "0"], r"(http://[\d.:]+/)", {"CLARION_TEMPLATES_DIRECTORY": str(files)}) as program:
        pages = [judge.page(width, scheme) for width in WIDTHS for scheme in ("light", "dark")]
        for page in pages:
            page.goto(program.found[1] + "?kind=bank_delay&locale=en")
            page.wait_for_selector("#state[data-is=live]")
        text.write_text(good.replace("is slow today", "is very slow today"))
        for page in pages:
            page.wait_for_selector("text=is very slow today")
        text.write_text(good.replace("{bank} is slow today", "{bnak} is <b>slow</b> today"))
        for number, page in enumerate(pages):
            page.wait_for_selector("#problems .place")
            if not page.locator("text=is very slow today").count():
                judge.finding("save", "the last good text is gone")
            judge.look(page, f"save-broken-{('light', 'dark')[number % 2]}-{WIDTHS[number // 2]}")
        text.write_text(good)
        for page in pages:
            page.wait_for_selector("#problems", state="hidden")
            page.context.close()


def sandbox(judge, binary, work):
    """The page of phones and mailboxes: empty, and full of the demo's messages."""
    with Program(binary, ["sandbox"], r"Page\s+(http://[\d.:]+)", {
        "CLARION_SANDBOX_DIRECTORY": str(work / "sandbox"), "CLARION_SANDBOX_PAGE_PORT": "0", "CLARION_SANDBOX_HTTPS_PORT": "0",
        "CLARION_SANDBOX_SMTP_PORT": "0"}, errors=True) as program:
        judge.everywhere(program.found[1] + "/", "sandbox-empty")
    with Program(binary, ["demo", "--rate", "20", "--directory", str(work / "demo")], r"Ctrl-C ends the demo", errors=True) as program:
        base = re.search(r"mailboxes, inboxes\s+(http://[\d.:]+)", "".join(program.said))[1]
        judge.everywhere(base + "/", "sandbox-demo")
        page = judge.page(320, "light")
        page.goto(base + "/")
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        judge.look(page, "sandbox-demo-opened-320")
        page.context.close()


class MailReader(html.parser.HTMLParser):
    """What a mail loads, and what it says of itself."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.root, self.hidden, self.preheader, self.isHidden = [], {}, False, "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "html":
            self.root = attributes
        if tag == "link" or {"src", "srcset", "background", "poster", "data"} & set(attributes):
            self.loads.append(tag)
        if tag == "div" and "display:none" in attributes.get("style", ""):
            self.isHidden = True

    def handle_endtag(self, tag):
        if tag == "div":
            self.isHidden = False

    def handle_data(self, data):
        if self.isHidden:
            self.preheader += data


def mails(judge, binary, work):
    """The HTML of every mail by rules, and one mail of each language in the browser."""
    said = subprocess.run(
        [binary, "preview", "--all", "--all-locales", "--channel", "mail", "--json"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts = json.loads(said.stdout)["texts"]
    for text in texts:
        view = f"mail {text['kind']} {text['stage']} {text['variant'] or ''} {text['locale']}"
        page = text["html"]
        mail = MailReader(page)
        if len(page.encode()) >= 60_000:
            judge.finding(view, f"{len(page.encode())} bytes")
        if mail.loads or re.search(r"url\(|@import", page):
            judge.finding(view, f"loads something: {mail.loads}")
        if "@media (prefers-color-scheme: dark)" not in page:
            judge.finding(view, "has no rule for dark")
        if mail.root.get("lang") != text["locale"] or mail.root.get("dir") != ("rtl" if text["locale"] == "ar" else "ltr"):
            judge.finding(view, f"says {mail.root}")
        if not mail.preheader.strip():
            judge.finding(view, "has no preheader")
    print(f"  {len(texts)} mails read", flush=True)
    for number, locale in enumerate(LOCALES):
        mine = [text for text in texts if text["locale"] == locale and text["stage"] == "opened"]
        text = mine[number % len(mine)]
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                page = judge.page(width, scheme)
                page.set_content(text["html"])
                judge.look(page, f"mail-{locale}-{scheme}-{width}")
                page.context.close()


CASES = {"preview": preview, "save": save, "keys": keys, "sandbox": sandbox, "mails": mails}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(CASES))
    parser.add_argument("--binary", default=str(ROOT / ".build/debug/clarion"))
    arguments = parser.parse_args()
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        sys.exit("Chromium is needed: apt-get install chromium, or CHROMIUM=/path/to/it")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="clarion-pages-") as work:
        judge = Judge(playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"]))
        for name in arguments.only.split(","):
            print(f"{name}: {CASES[name].__doc__}", flush=True)
            CASES[name](judge, str(Path(arguments.binary).resolve()), Path(work))
    for name, words in sorted(judge.advice.items()):
        print(f"  best practice {words}")
    print(f"{'✗' if judge.findings else '✓'} {judge.views} views, {len(judge.findings)} findings; screenshots in {OUT.relative_to(ROOT)}")
    sys.exit(bool(judge.findings))


if __name__ == "__main__":
    main()
