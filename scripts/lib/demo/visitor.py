"""A visitor with a browser's memory: keeps cookies, reads forms, sends them back."""

import html.parser
import http.cookies
import secrets
import urllib.parse

from demo import sites
from demo.terminal import DemoError


class Forms(html.parser.HTMLParser):
    """The fields of each form of a page, with their values."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.textarea = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append({})
        elif self.forms and tag == "input" and attributes.get("name") and attributes.get("type") != "checkbox":
            self.forms[-1][attributes["name"]] = attributes.get("value") or ""
        elif self.forms and tag == "textarea":
            self.textarea = attributes.get("name")
            self.forms[-1][self.textarea] = ""

    def handle_data(self, data):
        if self.textarea:
            self.forms[-1][self.textarea] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.textarea = None

    def with_field(self, name):
        return next((form for form in self.forms if name in form), None)


def encode(form, files=None):
    """Content type and body of a form as a browser sends it."""
    if not files:
        return "application/x-www-form-urlencoded", urllib.parse.urlencode(form)
    boundary = secrets.token_hex(16)
    parts = [(f'name="{name}"', str(value).encode()) for name, value in form.items()]
    parts += [(f'name="{field}"; filename="{name}"\r\nContent-Type: {kind}', content)
              for field, (name, kind, content) in files.items()]
    body = b"".join(f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
                    for head, content in parts)
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


class Visitor:
    def __init__(self, port, host):
        self.port, self.host, self.cookies = port, host, {}

    def cookie_header(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def request(self, path, form=None, files=None):
        """`files` are uploaded with the form: field to (name, type, content)."""
        headers = {"Cookie": self.cookie_header()} if self.cookies else {}
        if form is None:
            page = sites.fetch(self.port, self.host, path, headers=headers)
        else:
            headers["Content-Type"], body = encode(form, files)
            page = sites.fetch(self.port, self.host, path, "POST", body, headers)
        self.remember(page)
        return page

    def remember(self, page):
        for line in page.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(line).items():
                if morsel.value in ("", "deleted"):
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.coded_value

    def form(self, path, field):
        page = self.request(path)
        form = Forms(page.text).with_field(field)
        if page.status != 200 or form is None:
            raise DemoError(f"{path} has no form with the field '{field}'", f"status {page.status}: {page.text[:300]!r}")
        return form


def log_in(visitor, account):
    form = visitor.form("/doku.php?id=start&do=login", "p")
    visitor.request("/doku.php?id=start&do=login", {**form, "u": account.name, "p": account.password})
    if "do=logout" not in visitor.request("/doku.php?id=start").text:
        raise DemoError("logging in to the wiki did not work", "the page after it has no way to log out")


def edit(visitor, page_id, text):
    """Opens the editor, and sends its form with the security token, as the browser would."""
    form = visitor.form(f"/doku.php?id={page_id}&do=edit", "wikitext")
    if not form.get("sectok"):
        raise DemoError("the editor's form has no security token", "the session was lost")
    form = {name: value for name, value in form.items() if not name.startswith("do[")}
    page = visitor.request(f"/doku.php?id={page_id}", {**form, "wikitext": text, "summary": "demo", "do[save]": "1"})
    if page.status not in (200, 302, 303):
        raise DemoError(f"saving {page_id} was answered with {page.status}", page.text[:300])
