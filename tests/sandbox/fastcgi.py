"""A FastCGI client, so that the tests talk to a pool without a web server in between."""

import socket
import struct
from dataclasses import dataclass, field

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = 1, 2, 3, 4, 5, 6, 7


class NoAnswer(Exception):
    """The pool closed the connection, refused it, or stayed silent."""


@dataclass
class Response:
    status: int = 200
    headers: dict = field(default_factory=dict)  # lower-case name -> list of values
    body: bytes = b""
    stderr: bytes = b""

    @property
    def text(self):
        return self.body.decode(errors="replace")

    def header(self, name):
        return (self.headers.get(name.lower()) or [""])[-1]


def _record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def _stream(kind, content):
    parts = [_record(kind, content[at:at + 65535]) for at in range(0, len(content), 65535)]
    return b"".join(parts) + _record(kind, b"")


def _length(size):
    return struct.pack(">B", size) if size < 128 else struct.pack(">I", size | 0x80000000)


def _pairs(params):
    out = bytearray()
    for name, value in params.items():
        name, value = name.encode(), str(value).encode()
        out += _length(len(name)) + _length(len(value)) + name + value
    return bytes(out)


def _exactly(connection, size):
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise NoAnswer("connection closed")
        data += piece
    return bytes(data)


def _parse(out, err):
    head, _, body = out.partition(b"\r\n\r\n")
    response = Response(body=body, stderr=err)
    for line in head.split(b"\r\n"):
        name, _, value = line.decode("latin-1").partition(":")
        if name:
            response.headers.setdefault(name.strip().lower(), []).append(value.strip())
    response.status = int((response.header("status") or "200").split()[0])
    return response


def exchange(connection, params, body=b""):
    """One request and its answer on a connected socket."""
    try:
        connection.sendall(_record(BEGIN, struct.pack(">HB5x", 1, 0)) + _stream(PARAMS, _pairs(params)) + _stream(STDIN, body))
        out, err = bytearray(), bytearray()
        while True:
            _, kind, _, size, padding, _ = struct.unpack(">BBHHBB", _exactly(connection, 8))
            content = _exactly(connection, size)
            _exactly(connection, padding)
            if kind == STDOUT:
                out += content
            elif kind == STDERR:
                err += content
            elif kind == END:
                return _parse(bytes(out), bytes(err))
    except socket.timeout as error:
        raise NoAnswer("no answer in time") from error
    except OSError as error:
        raise NoAnswer(error.strerror or str(error)) from error


def connect(address, timeout=15):
    """`address` is the path of a Unix socket, or (host, port)."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    connection.settimeout(timeout)
    try:
        connection.connect(address)
    except OSError as error:
        connection.close()
        raise NoAnswer(error.strerror or str(error)) from error
    return connection


def parameters(script, method="GET", query="", body=b"", params=None):
    name = "/" + script.rsplit("/", 1)[-1]
    return {
        "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1", "REQUEST_METHOD": method, "SCRIPT_FILENAME": script, "SCRIPT_NAME": name,
        "DOCUMENT_ROOT": script.rsplit("/", 1)[0], "REQUEST_URI": name + ("?" + query if query else ""),
        "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)) if body else "", **(params or {}),
    }


def request(address, script, method="GET", query="", body=b"", params=None, timeout=15):
    connection = connect(address, timeout)
    with connection:
        return exchange(connection, parameters(script, method, query, body, params), body)
