"""Opens a batch's report.html in headless Chromium, through chromedriver (WebDriver, plain HTTP), and tries it out.

    report_page.py report.html SCREENSHOTS

Fails if the console says anything, if sorting or filtering is wrong, or if a text of the report was read as markup:
the page's globals must not have `pwned`, and no element may stand there that the report's own script did not make.
"""

import base64
import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Driver:
    def __init__(self):
        self.process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if "started successfully on port" in line:
                self.base = f"http://127.0.0.1:{line.rstrip().rstrip('.').split()[-1]}"
                break
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000"]
        options = {"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": options}})["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def at(self, method, path, body=None):
        return self.call(method, f"/session/{self.session}{path}", body)

    def run(self, script, *arguments):
        return self.at("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return self.at("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.at("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        self.at("POST", f"/element/{self.find(selector)}/clear", {})
        self.at("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.at("GET", "/screenshot")))

    def close(self):
        try:
            self.at("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait()


def expect(true, what):
    if not true:
        sys.exit(f"report_page.py: {what}")


def main():
    page, pictures = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    pictures.mkdir(parents=True, exist_ok=True)
    driver = Driver()
    try:
        driver.at("POST", "/url", {"url": page.as_uri()})
        data = json.loads(driver.run("return document.getElementById('data').textContent"))
        documents = data["documents"]
        column = lambda k: driver.run(
            f"return [...document.querySelectorAll('main > .scroll > table > tbody > tr')].map(r => r.children[{k}].textContent)")
        shown = min(200, len(documents))
        expect(len(column(0)) == shown, f"{len(column(0))} rows instead of {shown}")
        # The worst first.
        rank = {"failed": 0, "rejected": 1, "aligned": 2}
        order = [rank[s] for s in column(1)]
        expect(order == sorted(order), "what failed does not stand first")
        driver.picture(pictures / "worst-first.png")
        # Sorted by every column, both ways.
        heads = driver.run("return [...document.querySelectorAll('main > .scroll th')].map(h => h.querySelector('button') ? h.textContent : '')")
        number = lambda text: float(text.replace(",", ""))
        for k, head in enumerate(heads):
            if not head:
                continue
            for direction in ("ascending", "descending"):
                driver.click(f"main > .scroll th:nth-child({k + 1}) button")
                aria = driver.run(f"return document.querySelector('main > .scroll th:nth-child({k + 1})').getAttribute('aria-sort')")
                expect(aria == direction, f"{head}: aria-sort is {aria}")
                values = [v for v in column(k) if v]
                if head in ("Quality", "Coverage", "Segments", "Doubtful"):
                    values = [number(v) for v in values]
                else:
                    # As JavaScript compares: by UTF-16 units.
                    values = [v.encode("utf-16-be") for v in values]
                expect(values == sorted(values, reverse=direction == "descending"), f"{head} is not sorted {direction}")
        # Filtered by status, reason, text and quality.
        for status in sorted({d["status"] for d in documents}):
            driver.run("const s = document.querySelectorAll('.controls select')[0]; s.value = arguments[0]; s.dispatchEvent(new Event('change'))", status)
            want = sum(d["status"] == status for d in documents)
            expect(set(column(1)) == {status} and len(column(1)) == min(200, want), f"the filter for {status} is wrong")
        driver.run("const s = document.querySelectorAll('.controls select')[0]; s.value = ''; s.dispatchEvent(new Event('change'))")
        for reason in sorted({d["fault"]["reason"] for d in documents if d["fault"]}):
            driver.run("const s = document.querySelectorAll('.controls select')[1]; s.value = arguments[0]; s.dispatchEvent(new Event('change'))", reason)
            expect(set(column(2)) == {reason}, f"the filter for {reason} is wrong")
        driver.picture(pictures / "filtered.png")
        driver.run("const s = document.querySelectorAll('.controls select')[1]; s.value = ''; s.dispatchEvent(new Event('change'))")
        # A reason of the overview is a filter, too, and is one no more when it is clicked again.
        driver.click(".reasons button")
        reason = driver.run("return document.querySelector('.reasons button').textContent")
        expect(set(column(2)) == {reason}, f"the overview's {reason} shows others")
        driver.click(".reasons button")
        expect(len(column(2)) == shown, "the overview's filter stays")
        name = documents[-1]["id"].replace("\n", " ")
        driver.type("input[type=search]", name[:40])
        found = column(0)
        expect(found and all(name[:40].lower() in f.replace("\n", " ").lower() for f in found), f"the search for {name!r} is wrong: {found[:3]}")
        driver.at("POST", f"/element/{driver.find('input[type=search]')}/clear", {})
        driver.run("const i = document.querySelector('input[type=search]'); i.value = ''; i.dispatchEvent(new Event('input'))")
        # Details of an aligned document, with its least certain links.
        with_links = next((k for k, s in enumerate(column(1)) if s == "aligned"), None)
        if with_links is not None:
            driver.click(f"main > .scroll > table > tbody > tr:nth-child({with_links + 1}) td.id button")
            expect("Least certain links" in driver.run("return document.querySelector('td.detail').textContent"), "no details")
            driver.run("document.querySelector('td.detail').scrollIntoView({block: 'center'})")
            driver.picture(pictures / "details.png")
            expect(driver.run("return [...document.querySelectorAll('td.detail')].length") == 1, "details twice")
        # Links lead to files.
        links = driver.run("return [...document.querySelectorAll('main a')].map(a => a.getAttribute('href'))")
        missing = [h for h in links if not (page.parent / urllib.request.url2pathname(h)).exists()]
        expect(not missing, f"links to nowhere: {missing[:3]}")
        # Nothing of the data is markup. Every row's details are opened for that.
        driver.run("document.querySelectorAll('td.id button[aria-expanded=false]').forEach(b => b.click())")
        expect(not driver.run("return 'pwned' in window"), "a text was run as a script")
        kinds = set(driver.run("return [...document.querySelectorAll('main *')].map(e => e.localName)"))
        ours = {"h1", "h2", "h3", "p", "div", "b", "i", "br", "section", "table", "thead", "tbody", "tr", "th", "td", "a",
                "button", "input", "select", "option", "label"}
        expect(kinds <= ours, f"elements that are not ours: {kinds - ours}")
        attributes = set(driver.run("return [...document.querySelectorAll('main *')].flatMap(e => e.getAttributeNames())"))
        expect(not any(a.startswith("on") for a in attributes), f"attributes {attributes}")
        time.sleep(0.3)
        console = driver.at("POST", "/se/log", {"type": "browser"})
        expect(not console, f"the console says {console}")
        driver.run("window.scrollTo(0, 0)")
        driver.picture(pictures / "all-open.png")
        print(f"{len(documents)} documents: sorted by {sum(bool(h) for h in heads)} columns, filtered, {len(links)} links, no console message")
    finally:
        driver.close()


if __name__ == "__main__":
    main()
