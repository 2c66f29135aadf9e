"""What an application needs, each a function of (world, pool, neighbour) that returns its mistakes. The docstring is the
line that is printed. They hold outside and inside, so that a box that simply denies everything does not pass."""

import json
import os
import threading

from fixture import PATIENCE, ask, until, write


def php(pool, code, **options):
    """Runs PHP in the pool; `code` returns a string."""
    params = options.pop("params", {})
    return pool.request("act.php", method="POST", body=code.encode(), params={"TARGETS": json.dumps(
        {"code": pool.code, "tmp": pool.tmp}), **params}, **options)


def expect(said, wanted):
    return [] if said == wanted else [f"wanted {wanted!r}, got {said!r}"]


def says(pool, code, wanted="ok"):
    return expect(php(pool, code).text, wanted)


def hello(world, pool, neighbour):
    """a page is served"""
    return expect(pool.request().text, "hello from alice")


def path_of_version(world, pool, neighbour):
    """the page is found under the version's own path too, which some web servers pass"""
    return expect(ask(pool.address, f"{world.scratch}/alice/www-1.0/hello.php").text, "hello from alice")


def link_in_code(world, pool, neighbour):
    """a script of the code that is a link to another"""
    return expect(ask(pool.address, f"{pool.code}/again.php").text, "hello from alice")


def two_slashes(world, pool, neighbour):
    """a document root that ends with a slash"""
    return expect(ask(pool.address, f"{pool.code}//hello.php").text, "hello from alice")


def nothing_left_behind(world, pool, neighbour):
    """an application finds no variable and no function that it did not define"""
    return says(pool, "return json_encode([array_diff(array_keys($GLOBALS), ['_GET', '_POST', '_COOKIE', '_FILES', '_SERVER', 'T', 'act', 'said']), "
                "count(preg_grep('/fpmbox|guard/', get_defined_functions()['user']))]);", "[[],0]")


def missing_page(world, pool, neighbour):
    """a page that does not exist is a 404"""
    return expect(pool.request("missing.php").status, 404)


def other_endings(world, pool, neighbour):
    """a file with another ending is not executed"""
    php(pool, "file_put_contents($T['code'] . '/data/upload.jpg', '<?php echo 1;');")
    return expect(pool.request("data/upload.jpg").status, 403)


def writable_folder(world, pool, neighbour):
    """the application writes, renames, lists and deletes where it may"""
    return says(pool, """$at = $T['code'] . '/data'; mkdir("$at/a"); mkdir("$at/b"); file_put_contents("$at/a/one", 'text', LOCK_EX);
        rename("$at/a/one", "$at/b/two"); $said = file_get_contents("$at/b/two") === 'text' && scandir("$at/b")[2] === 'two';
        chmod("$at/b/two", 0600); touch("$at/b/two"); unlink("$at/b/two"); rmdir("$at/a"); rmdir("$at/b"); return $said ? 'ok' : 'no';""")


def temporary_files(world, pool, neighbour):
    """temporary files, and renaming one into the writable folder"""
    return says(pool, """$at = tempnam(sys_get_temp_dir(), 'x'); file_put_contents($at, 'text'); if (dirname($at) !== $T['tmp']) return $at;
        error_clear_last(); rename($at, $to = $T['code'] . '/data/moved'); $said = file_get_contents($to); unlink($to);
        if (error_get_last()) return error_get_last()['message'];
        $memory = fopen('php://temp/maxmemory:16', 'w+'); fwrite($memory, str_repeat('x', 100)); return $said === 'text' ? 'ok' : 'no';""")


def sessions(world, pool, neighbour):
    """a session is there again at the next request"""
    cookie = php(pool, "session_start(); $_SESSION['seen'] = 'before'; return 'ok';").headers.get("set-cookie", "").split(";")[0]
    if not cookie:
        return ["no session cookie was set"]
    return expect(php(pool, "session_start(); return $_SESSION['seen'] ?? 'lost';", params={"HTTP_COOKIE": cookie}).text, "before")


def upload(world, pool, neighbour):
    """an uploaded file arrives in tmp and is moved to the writable folder"""
    content = bytes(range(256)) * 2000
    boundary = "fpmbox-test-boundary"
    body = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n"
            "Content-Type: application/octet-stream\r\n\r\n").encode() + content + f"\r\n--{boundary}--\r\n".encode()
    response = pool.request("upload.php", method="POST", body=body,
                            params={"CONTENT_TYPE": f"multipart/form-data; boundary={boundary}"})
    return expect(response.text, f"{pool.tmp} {len(content)}")


def time_zone(world, pool, neighbour):
    """dates in the pool's time zone, from the time zone data"""
    return says(pool, "return date('H:i T', 1700000000) . (new DateTime('@0'))->setTimezone(new DateTimeZone('Asia/Tokyo'))->format(' H:i T');",
                "23:13 CET 09:00 JST")


def opcache(world, pool, neighbour):
    """compiled scripts are kept"""
    pool.request()
    return says(pool, "$status = opcache_get_status(); return $status['opcache_enabled'] && isset($status['scripts']) ? 'ok' : 'off';")


def regular_expressions(world, pool, neighbour):
    """regular expressions are compiled by PCRE's JIT"""
    return says(pool, """error_clear_last(); $said = preg_match('/^(a+|b+|[^x]{2,5})*z$/', str_repeat('ab', 2000) . 'z');
        return ini_get('pcre.jit') && $said === 1 && !error_get_last() ? 'ok' : json_encode([$said, preg_last_error_msg(), error_get_last()]);""")


def character_sets(world, pool, neighbour):
    """iconv finds its tables"""
    return says(pool, "return bin2hex(iconv('UTF-8', 'ISO-8859-15', '€é')) . bin2hex(iconv('UTF-8', 'SHIFT_JIS', 'カ'));", "a4e9834a")


def random_and_hash(world, pool, neighbour):
    """random numbers, hashes, compression"""
    return says(pool, "return strlen(random_bytes(32)) === 32 && password_verify('x', password_hash('x', PASSWORD_BCRYPT, ['cost' => 4]))"
                " && gzuncompress(gzcompress('text')) === 'text' && is_readable('/dev/urandom') ? 'ok' : 'no';")


def file_types(world, pool, neighbour):
    """fileinfo knows what a file is"""
    return says(pool, "return (new finfo(FILEINFO_MIME_TYPE))->buffer('%PDF-1.4 ');", "application/pdf")


def time_limit(world, pool, neighbour):
    """a script that runs too long is stopped by PHP's own timer"""
    response = php(pool, "set_time_limit(1); while (true) { $x = sqrt(2); }")
    return [] if "Maximum execution time" in response.text + response.errors or response.status == 500 else [response.text or "no error"]


def waiting(world, pool, neighbour):
    """sleeping, stream_select, socket pairs"""
    return says(pool, """[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0); fwrite($a, 'text'); usleep(1000);
        $read = [$b]; $none = []; return stream_select($read, $none, $none, 1) === 1 && fread($b, 4) === 'text' ? 'ok' : 'no';""")


def who_am_i(world, pool, neighbour):
    """the pool's own user has a name"""
    return says(pool, "return posix_getpwuid(posix_geteuid())['name'];", world.users["alice"])


def two_at_once(world, pool, neighbour):
    """while one request waits, another and the neighbour's are answered"""
    at, said = f"{os.path.realpath(pool.code)}/data/", []
    waiting_one = threading.Thread(target=lambda: said.append(php(
        pool, "$at = $T['code'] . '/data/'; touch($at . 'waits'); for ($i = 0; $i < 6000 && !is_file($at . 'go'); $i++) usleep(10000); return is_file($at . 'go') ? 'ok' : 'late';",
        timeout=120).text))
    waiting_one.start()
    mistakes = [] if until(lambda: os.path.exists(at + "waits"), PATIENCE) else ["the first does not begin"]
    mistakes += expect(pool.request().text, "hello from alice") + expect(neighbour.request().text, "hello from bob")
    write(at + "go", "")
    waiting_one.join()
    for name in ("waits", "go"):
        os.unlink(at + name)
    return mistakes + expect(said, ["ok"])


def many_requests(world, pool, neighbour):
    """2000 requests in a row, past the number after which a worker is replaced"""
    wrong = sum(pool.request().text != "hello from alice" for _ in range(2000))
    return [f"{wrong} were not answered as they should"] if wrong else []


WORKS = [hello, path_of_version, link_in_code, two_slashes, nothing_left_behind, missing_page, other_endings, writable_folder, temporary_files, sessions, upload, time_zone, opcache,
         regular_expressions, character_sets, random_and_hash, file_types, time_limit, waiting, who_am_i, two_at_once, many_requests]
