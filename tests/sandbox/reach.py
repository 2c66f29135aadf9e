#!/usr/bin/env python3
"""What a box reaches when its pool file says so: `network:` and `mail:`. The same is tried in an ordinary box, which must not
reach it, and from plain php-fpm, which must.

    tests/sandbox/reach.py --fpmbox BUILD/fpmbox      (as root)
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import threading

import fixture
from report import Report
from works import php


class SmtpSink:
    """A mail server that keeps what it gets. `refuses` is a word of SMTP that it answers with 550."""

    def __init__(self, world, address, refuses=""):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.mails, self.talks, self.refuses = [], [], refuses
        self.listener = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self.listener.bind(address)
        self.listener.listen(16)
        if family == socket.AF_UNIX:
            os.chmod(address, 0o666)
        world.at_end.callback(self.listener.close)
        threading.Thread(target=self._serve, daemon=True).start()

    def port(self):
        return self.listener.getsockname()[1]

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                try:
                    self._talk(stream)
                except OSError:
                    pass

    def _talk(self, stream):
        def say(text):
            stream.write(text.encode() + b"\r\n")
            stream.flush()
        words, mail = [], {"to": []}
        self.talks.append(words)
        say("220-sink of the test\r\n220 ready")
        while line := stream.readline():
            if not line.endswith(b"\r\n"):
                say("500 a line without its end")
                return
            word = line.decode(errors="replace").rstrip("\r\n")
            words.append(word)
            verb = word.split(" ")[0].split(":")[0].upper()
            if verb == self.refuses:
                say("550 not \033[31mhere")
            elif verb in ("EHLO", "HELO"):
                say("250-sink\r\n250-8BITMIME\r\n250 SIZE 1000000")
            elif verb == "MAIL":
                mail["from"] = word[10:]
                say("250 ok")
            elif verb == "RCPT":
                mail["to"].append(word[8:])
                say("250 ok")
            elif verb == "DATA":
                say("354 go on")
                data = b""
                while (line := stream.readline()) not in (b".\r\n", b""):
                    data += line[1:] if line.startswith(b".") else line
                mail["data"] = data
                self.mails.append(mail)
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("502 unknown")

    def last(self):
        mail = self.mails[-1] if self.mails else {"from": "", "to": [], "data": b""}
        head, _, body = mail["data"].partition(b"\r\n\r\n")
        return mail, head.decode(errors="replace").split("\r\n"), body


def expect(wanted, got, what):
    return [] if wanted == got else [f"{what}: wanted {wanted!r}, got {got!r}"]


# ---- network

TCP = "return @stream_socket_client('tcp://{address}:{port}', $c, $w, 3) ? 'reached' : $w;"


def tcp(pool, address, port):
    return php(pool, TCP.format(address=address, port=port)).text


def abstract(pool, name):
    return php(pool, f"return @stream_socket_client(\"unix://\\0{name}\", $c, $w, 3) ? 'reached' : $w;").text


def network_none(world, host, control):
    """an ordinary box reaches nothing of the host: no loopback listener, no abstract socket"""
    box = fixture.Box(world, "alice").start()
    try:
        got = [tcp(box, host.ADDRESS, host.tcp_port), abstract(box, host.abstract_name)]
    finally:
        box.stop()
    outside = [tcp(control, host.ADDRESS, host.tcp_port), abstract(control, host.abstract_name)]
    return expect(["reached", "reached"], outside, "outside") + [f"reached: {got}"] * ("reached" in got)


def network_host(world, host, control):
    """with network: {mode: host} it reaches a loopback listener; an abstract socket still not; names are the host's; the gap is printed"""
    box = fixture.Box(world, "alice", more="network: {mode: host, why: the test}\n").start()
    try:
        mistakes = expect("reached", tcp(box, host.ADDRESS, host.tcp_port), "the listener")
        mistakes += expect("Operation not permitted", abstract(box, host.abstract_name), "the abstract socket")
        mistakes += expect("reached", abstract(control, host.abstract_name), "the abstract socket, outside")
        with open("/etc/hosts") as hosts:
            mistakes += expect(hosts.read(), php(box, "return file_get_contents('/etc/hosts');").text, "/etc/hosts")
        mistakes += expect("127.0.0.1", php(box, "return gethostbyname('localhost');").text, "localhost")
        bind = "return @stream_socket_server('tcp://127.9.9.9:0', $c, $w) ? 'bound' : $w;"
        mistakes += expect("bound", php(control, bind).text, "bind outside")
        mistakes += expect("Permission denied", php(box, bind).text, "bind")
        gaps = [line for line in box.log if "gap: network: the box is in the host's own network" in line]
        return mistakes + expect(1, len(gaps), f"a printed gap in {box.log[:5]}")
    finally:
        box.stop()


def network_ports(world, host, control):
    """servers that connect: names limit TCP to their ports, and are no gap"""
    other = fixture.Host._bound(socket.AF_INET, socket.SOCK_STREAM, (host.ADDRESS, 0))
    world.at_end.callback(other.close)
    named = f"{host.ADDRESS}:{host.tcp_port}"
    box = fixture.Box(world, "alice", more=f"network: {{mode: host, why: the test}}\nconnect: [{{tcp: \"{named}\", why: the test}}]\n").start()
    try:
        return expect("reached", tcp(box, host.ADDRESS, host.tcp_port), "the named port") + \
            expect("Permission denied", tcp(box, host.ADDRESS, other.getsockname()[1]), "another port") + \
            expect("reached", tcp(control, host.ADDRESS, other.getsockname()[1]), "another port, outside") + \
            expect([], [line for line in box.log if "connect[" in line], "gaps")
    finally:
        box.stop()


def checks(world, host, control):
    """what has no reason, or no server, is a mistake with its line"""
    rows = [("network: {mode: host}\n", "without a reason"), ("mail: {tcp: nowhere}\n", "not a host with a port"),
            ("mail: {from: a@b.org}\n", "no server that takes the mail"),
            ("mail: {unix: /run/nothing/there.sock}\n", "there is no folder `/run/nothing`"),
            ("mail: {unix: /run/x.sock}\n", "holds more than this server")]
    mistakes = []
    for text, wanted in rows:
        file = world.pool_file("alice", more=text)
        said = subprocess.run([world.fpmbox, "check", file], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if wanted not in said.stdout + said.stderr or said.returncode != 65:
            mistakes.append(f"{text.strip()}: exit {said.returncode}: {said.stdout}{said.stderr}")
    return mistakes


# ---- mail

MAIL = """$said = []; set_error_handler(function ($n, $text) use (&$said) { $said[] = $text; return true; });
    try { $sent = mail(...json_decode($T['mail'], true)); } catch (Throwable $e) { $sent = get_class($e); }
    return json_encode([$sent, $said]);"""


def send(pool, *arguments):
    """[what mail() returned, its warnings]"""
    return json.loads(php(pool, "$T['mail'] = " + "base64_decode('" + __import__("base64").b64encode(
        json.dumps(list(arguments)).encode()).decode() + "');" + MAIL).text)


def plain_mail(pool, sink):
    sent = send(pool, '"Else, Who" <one@example.org>, two@example.org', "A subject", "Hello\n.\n..dots\nlast",
                "From: Site <site@example.org>\r\nCc: three@example.org\r\nBcc: hidden@example.org\r\nX-More: a\r\n b")
    mail, head, body = sink.last()
    mistakes = expect([True, []], sent, "mail()") + expect("<site@example.org>", mail["from"], "envelope sender")
    mistakes += expect([f"<{name}@example.org>" for name in ("one", "two", "three", "hidden")], mail["to"], "recipients")
    mistakes += expect(b"Hello\r\n.\r\n..dots\r\nlast\r\n", body, "body")
    if "hidden" in "\n".join(head) or any(line.lower().startswith("bcc") for line in head):
        mistakes.append(f"Bcc is in the headers: {head}")
    for wanted in ('To: "Else, Who" <one@example.org>, two@example.org', "Subject: A subject", "From: Site <site@example.org>",
                   "Cc: three@example.org", " b"):
        mistakes += expect(True, wanted in head, f"{wanted} in {head}")
    # PHP's own takes null for what is empty
    sent = send(pool, "one@example.org", None, None, None, None)
    mistakes += expect([True, []], sent, "mail() with null") + expect([b"", True], [sink.last()[2], "Subject: " in sink.last()[1]], "its mail")
    return mistakes + [f"no {name}" for name in ("Date: ", "Message-ID: ") if not any(line.startswith(name) for line in head)]


def injections(pool, sink):
    """Nothing of what a visitor typed becomes a header, a recipient or a command."""
    rows = [
        (("victim@example.org\r\nBcc: more@example.org", "s", "b"), "refused"),
        (("victim@example.org Bcc: more@example.org", "s", "b"), "refused"),
        (("<a@example.org> <more@example.org>", "s", "b"), "refused"),
        (("a@example.org", "s\r\nBcc: more@example.org", "b"), "as text"),
        (("a@example.org", "s\nBcc: more@example.org", "b"), "as text"),
        (("a@example.org", "s", "b", "X: y\r\n\r\nBcc: more@example.org"), "refused"),
        (("a@example.org", "s", "b", {"X": "y\r\nBcc: more@example.org"}), "refused"),
        (("a@example.org", "s", "b", {"X: y\r\nBcc": "more@example.org"}), "refused"),
        (("a@example.org", "s", "b", "From: <x@example.org>\rRCPT TO:<more@example.org>"), "refused"),
        (("a@example.org", "s", "b", "", "-f x@example.org>\r\nRCPT"), "refused"),
        (("<a@example.org>\r\nRCPT TO:<more@example.org>", "s", "b"), "refused"),
        (("a b@example.org", "s", "b"), "refused"),
        (("a@example.org", "s", "b\r\n.\r\nMAIL FROM:<x@example.org>\r\nRCPT TO:<more@example.org>\r\nDATA\r\n"), "as text"),
        (("a@example.org", "s", "b\n.\nRCPT TO:<more@example.org>"), "as text"),
        (("a@example.org\0", "s", "b"), "refused"),
        ((" , ", "s", "b"), "refused"),
    ]
    mistakes = []
    for arguments, wanted in rows:
        before = len(sink.mails)
        sent, said = send(pool, *arguments)
        new = sink.mails[before:]
        if wanted == "as text" and (sent is not True or len(new) != 1):
            mistakes.append(f"{arguments} was not sent: {sent} {said}")
        if wanted == "refused" and (sent is True or new or (sent is False and not said)):
            mistakes.append(f"{arguments} was sent or silent: {sent} {said} {new}")
        for mail in new:
            head = mail["data"].partition(b"\r\n\r\n")[0].lower()
            if "more@example.org" in str(mail["to"]) or b"\nbcc:" in head or len(new) > 1:
                mistakes.append(f"{arguments} got through: {mail}")
    return mistakes


def refusals(world, pool, sink):
    mistakes = []
    for verb in ("MAIL", "RCPT", "DATA"):
        sink.refuses = verb
        sent, said = send(pool, "a@example.org", "s", "b")
        if sent is not False or len(said) != 1 or "550 not \\033[31mhere" not in said[0] or "mail server unix://" not in said[0]:
            mistakes.append(f"{verb} refused: {sent} {said}")
    sink.refuses = "EHLO"  # a server of old
    mistakes += expect([True, []], send(pool, "a@example.org", "s", "b"), "with HELO alone")
    sink.refuses = ""
    return mistakes


def mail_unix(world, host, control):
    """mail() speaks SMTP to a Unix socket: recipients, Bcc, dots, injections, refusals; also from fpmbox exec"""
    place = fixture.folder(f"{world.scratch}/mail")
    sink = SmtpSink(world, f"{place}/smtp.sock")
    box = fixture.Box(world, "alice", more=f"mail: {{unix: {place}/smtp.sock}}\n").start()
    try:
        mistakes = plain_mail(box, sink) + injections(box, sink) + refusals(world, box, sink)
        mistakes += expect([True, []], send(box, "a@example.org", "s", "b", {"From": "x@example.org", "Reply-To": "y@example.org"}), "headers as an array")
        mistakes += expect("<x@example.org>", sink.last()[0]["from"], "sender of From:")
        mistakes += expect([True, []], send(box, "a@example.org", "s", "b", "", "-f bounce@example.org"), "-f")
        mistakes += expect("<bounce@example.org>", sink.last()[0]["from"], "sender of -f")
        mistakes += expect("1", php(box, "namespace App; return (string) (int) \\function_exists('mail') ;").text, "in a namespace")
        fixture.write(f"{world.code('alice')}/mail.php", "<?php var_dump(mail('cli@example.org', 's', 'b'));")
        done = subprocess.run([world.fpmbox, "exec", box.file, "--", "php", "mail.php"],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        mistakes += expect("bool(true)\n", done.stdout, f"from exec ({done.stderr})")
        mistakes += expect(["<cli@example.org>"], sink.last()[0]["to"], "recipient of exec's")
        sink.listener.close()
        os.unlink(f"{place}/smtp.sock")
        sent, said = send(box, "a@example.org", "s", "b")
        if sent is not False or "no connection" not in str(said):
            mistakes.append(f"without a server: {sent} {said}")
        return mistakes
    finally:
        box.stop()


def mail_tcp(world, host, control):
    """mail() by TCP, in the host's network, to its one port; without the network it is a missing layer"""
    sink = SmtpSink(world, (host.ADDRESS, 0))
    mail = f"mail: {{tcp: \"{host.ADDRESS}:{sink.port()}\", from: site@example.org}}\n"
    alone = subprocess.run([world.fpmbox, "run", world.pool_file("alice", more=mail)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    mistakes = expect(69, alone.returncode, "exit code without a network") + expect(True, "missing layer mail" in alone.stderr, alone.stderr)
    box = fixture.Box(world, "alice", more="network: {mode: host, why: the test}\n" + mail).start()
    try:
        mistakes += expect([True, []], send(box, "one@example.org", "s", "b"), "mail()")
        mistakes += expect("<site@example.org>", sink.last()[0]["from"], "sender")
        return mistakes + expect("Permission denied", tcp(box, host.ADDRESS, host.tcp_port), "another port")
    finally:
        box.stop()


def mail_none(world, host, control):
    """without mail: it fails, and the plan says so"""
    box = fixture.Box(world, "alice").start()
    try:
        said = subprocess.run([world.fpmbox, "plan", box.file], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return expect(False, send(box, "a@example.org", "s", "b")[0], "mail()") + \
            expect(True, send(control, "a@example.org", "s", "b")[0], "mail(), outside") + \
            expect(True, "mail() fails" in said.stdout, "the plan's note")
    finally:
        box.stop()


TESTS = [network_none, network_host, network_ports, checks, mail_none, mail_unix, mail_tcp]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    options = parser.parse_args()
    report = Report(options.only)
    try:
        with fixture.World(options.fpmbox) as world:
            host, control = fixture.Host(world), fixture.PlainPool(world, "alice").start()
            for test in TESTS:
                name = "reach/" + test.__name__.replace("_", "-")
                if report.wanted(name):
                    report.check(name, test(world, host, control), test.__doc__)
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
