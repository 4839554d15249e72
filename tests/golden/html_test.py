#!/usr/bin/python3
"""Every HTML report among the golden files, and each file named on the command line, is one well-formed page that loads nothing and runs
nothing: balanced tags, known elements and attributes, unique ids, links that lead somewhere in it. Prints TAP."""
import html.parser
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import tap  # noqa: E402  (found in the folder above)

HERE = pathlib.Path(__file__).resolve().parent
EMPTY = {"meta", "br"}
DRAWN = {"svg", "defs", "marker", "path", "g", "rect", "text", "title"}
KNOWN = DRAWN | EMPTY | {"html", "head", "style", "body", "header", "main", "footer", "section", "article", "h1", "h2", "p", "table", "tr",
                         "th", "td", "b", "a", "code", "pre", "div", "span", "ol", "ul", "li", "details", "summary", "figure",
                         "figcaption"}
ATTRIBUTES = {"class", "id", "href", "lang", "charset", "name", "content", "http-equiv", "open", "role", "aria-label", "width", "height",
              "viewbox", "refx", "refy", "markerwidth", "markerheight", "orient", "d", "marker-end", "x", "y", "rx"}


class page(html.parser.HTMLParser):
    """What is in a page; problems as lines."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.ids, self.links, self.words = [], [], set(), set(), []
        self.policy = ""
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is left open" for tag in self.open]
        self.wrong += [f"#{name} is nowhere" for name in sorted(self.links - self.ids)]
        if "default-src 'none'" not in self.policy:
            self.wrong.append("the page does not forbid itself to load anything")

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.wrong += [f"<{tag}> is not one of ours"] if tag not in KNOWN else []
        self.wrong += [f"<{tag} {name}> is not one of ours" for name in values if name not in ATTRIBUTES]
        if "id" in values:
            self.wrong += [f"id {values['id']} twice"] if values["id"] in self.ids else []
            self.ids.add(values["id"])
        for name in ("href", "marker-end"):
            link = re.fullmatch(r"#([\w-]+)|url\(#([\w-]+)\)", values.get(name) or "#none")
            self.wrong += [] if link else [f"{name}={values[name]} leads out of the page"]
            if name in values and link:
                self.links.add(link.group(1) or link.group(2))
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes another")

    def handle_data(self, data):
        self.words.append(data)
        if self.open and self.open[-1] == "style":
            self.wrong += ["the style loads something"] if "url(" in data or "@import" in data else []

    def handle_comment(self, data):
        self.wrong.append(f"a comment: {data}")

    def handle_decl(self, decl):
        self.wrong += [] if decl == "DOCTYPE html" else [f"<!{decl}>"]

    def handle_pi(self, data):
        self.wrong.append(f"<?{data}>")

    def unknown_decl(self, data):
        self.wrong.append(f"<![{data}]>")


def main():
    named = [pathlib.Path(name) for name in sys.argv[1:]]
    files = named or sorted((HERE / "expected").glob("*.html"))
    results = [(f"{path.name} is one page that stands alone", page(path.read_text(encoding="utf-8")).wrong) for path in files]
    if not named:
        bank = (HERE / "expected" / "bank.html").read_text(encoding="utf-8")
        for what, end in (("a script", "<script></script>"), ("a picture", '<img src="x">'), ("a handler", '<p onclick="f()"></p>'),
                          ("an open tag", "<p>"), ("a way out", '<a href="http://a">b</a>'), ("a link to nowhere", '<a href="#f">b</a>')):
            passed = not page(bank.replace("</footer>", "</footer>" + end)).wrong
            results.append((f"a page with {what} is refused", ["it passed"] if passed else []))
        drawn = page(bank)
        results.append(("a cycle of two locks is drawn", [] if "svg" in bank and "accounts[0].m" in drawn.words else ["it is not"]))
        ring = (HERE / "expected" / "ring_of_30.html").read_text(encoding="utf-8")
        results.append(("a cycle of thirty is a table", ["it is drawn"] if "<svg" in ring else []))
    tap.tell([(name, [repr(line[:300]) for line in wrong[:10]]) for name, wrong in results])
    return 0


if __name__ == "__main__":
    sys.exit(main())
