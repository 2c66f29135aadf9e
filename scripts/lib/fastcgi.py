"""A small FastCGI client: asks a PHP-FPM socket for one script, without a web server.

    answer = fastcgi.get("/run/fpmbox/wiki/live.sock", "/srv/wiki/www/doku.php", query="id=start")
    answer.status, answer.headers["content-type"], answer.body, answer.errors
"""

import dataclasses
import socket
import struct
import time

BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR = 1, 3, 4, 5, 6, 7
RESPONDER = 1
VERSION = 1
REQUEST_ID = 1
LARGEST_CONTENT = 0xFFFF
HEADER = struct.Struct(">BBHHBx")
END_STATES = {0: "complete", 1: "cannot multiplex", 2: "overloaded", 3: "unknown role"}


class FastCgiError(Exception):
    """The other side does not speak FastCGI, hung up early, or took too long."""


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes
    errors: str  # what the script wrote to stderr

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


def get(address, script, query="", timeout=60.0, **params):
    """One GET request. `address` is a socket's path or a (host, port) pair; params are further CGI variables."""
    return request(address, cgi_variables("GET", script, query, b"", params), b"", timeout)


def post(address, script, body, query="", content_type="application/x-www-form-urlencoded", timeout=60.0, **params):
    params = {"CONTENT_TYPE": content_type, **params}
    return request(address, cgi_variables("POST", script, query, body, params), body, timeout)


def cgi_variables(method, script, query, body, more):
    name = more.get("SCRIPT_NAME", "/" + script.rsplit("/", 1)[-1])
    return {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REQUEST_METHOD": method,
        "SCRIPT_FILENAME": script,
        "SCRIPT_NAME": name,
        "REQUEST_URI": name + ("?" + query if query else ""),
        "DOCUMENT_ROOT": script.rsplit("/", 1)[0],
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        **more,
    }


def request(address, params, body, timeout):
    """Sends one request and reads its whole answer. Raises FastCgiError, or OSError where nobody listens."""
    deadline = time.monotonic() + timeout
    with connect(address, timeout) as connection:
        connection.sendall(encode_request(params, body))
        return parse_answer(*read_streams(connection, deadline))


def connect(address, timeout):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


def encode_request(params, body=b""):
    pairs = b"".join(encode_pair(name, value) for name, value in params.items())
    begin = struct.pack(">HB5x", RESPONDER, 0)
    return encode_record(BEGIN_REQUEST, begin) + encode_stream(PARAMS, pairs) + encode_stream(STDIN, body)


def encode_record(kind, content):
    return HEADER.pack(VERSION, kind, REQUEST_ID, len(content), 0) + content


def encode_stream(kind, content):
    """A stream is any number of records and an empty one."""
    pieces = [content[at:at + LARGEST_CONTENT] for at in range(0, len(content), LARGEST_CONTENT)]
    return b"".join(encode_record(kind, piece) for piece in [*pieces, b""])


def encode_pair(name, value):
    name, value = str(name).encode(), str(value).encode()
    return encode_length(len(name)) + encode_length(len(value)) + name + value


def encode_length(length):
    return struct.pack(">B", length) if length < 0x80 else struct.pack(">I", length | 0x80000000)


def read_streams(connection, deadline):
    """Reads records until the end of the request; returns what came on stdout and stderr."""
    streams = {STDOUT: bytearray(), STDERR: bytearray()}
    while True:
        version, kind, request_id, length, padding = HEADER.unpack(read_exactly(connection, HEADER.size, deadline))
        content = read_exactly(connection, length + padding, deadline)[:length]
        if version != VERSION or request_id != REQUEST_ID:
            raise FastCgiError(f"unexpected record: version {version}, request {request_id}")
        if kind == END_REQUEST:
            check_end(content)
            return bytes(streams[STDOUT]), bytes(streams[STDERR])
        if kind in streams:
            streams[kind] += content


def check_end(content):
    if len(content) < 5:
        raise FastCgiError(f"END_REQUEST of {len(content)} bytes")
    if content[4] != 0:
        raise FastCgiError("the server says: " + END_STATES.get(content[4], str(content[4])))


def read_exactly(connection, size, deadline):
    data = bytearray()
    while len(data) < size:
        left = deadline - time.monotonic()
        if left <= 0:
            raise FastCgiError("no complete answer in time")
        connection.settimeout(left)
        try:
            piece = connection.recv(size - len(data))
        except TimeoutError:
            raise FastCgiError("no complete answer in time") from None
        if not piece:
            raise FastCgiError(f"the connection ended {size - len(data)} bytes early")
        data += piece
    return bytes(data)


def parse_answer(stdout, stderr):
    """CGI headers, an empty line, the body."""
    for separator in (b"\r\n\r\n", b"\n\n"):
        head, found, body = stdout.partition(separator)
        if found:
            break
    else:
        raise FastCgiError(f"no headers in {stdout[:80]!r}; stderr: {stderr[:200]!r}")
    headers = {}
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        name = name.strip().lower()  # Set-Cookie comes more than once: a line each
        headers[name] = f"{headers[name]}\n{value.strip()}" if name in headers else value.strip()
    status = int(headers.get("status", "200").split()[0])
    return Answer(status, headers, body, stderr.decode("utf-8", "replace"))
