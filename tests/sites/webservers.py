"""nginx and Apache in front of the sites, as `fpmbox export` has them: each a server of the tests' own on a loopback port."""

import json
import re

from demo import sites
from fixture import PATIENCE, Broken, folder, until, write

# Around the snippets, inside the frame that the demo's servers have.
SITE = {
    "nginx": "server {\n  listen 127.0.0.1:@PORT@;\n  server_name @HOST@;\n  include @SNIPPET@;\n}\n",
    "apache": "<VirtualHost 127.0.0.1:@PORT@>\n  ServerName @HOST@\n  Include @SNIPPET@\n</VirtualHost>\n",
}
MODULES = {"nginx": "", "apache": "LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so\n"}


def export(server, site, at):
    run = site.fpmbox("export", server, site.pool_path)
    if run.returncode:
        raise Broken(f"fpmbox export {server}: {run.stderr}")
    return write(f"{at}/{site.application}.conf", run.stdout)


def configuration(server, boxed, at, port):
    blocks = [SITE[server].replace("@PORT@", str(port)).replace("@HOST@", site.host).replace("@SNIPPET@", export(server, site, at))
              for site in boxed]
    return sites.fill(f"{server}.conf", DIR=at, PORT=port, SITES=MODULES[server] + "".join(blocks))


def start(world, server, boxed, name=None):
    """Starts `server` for the sites; returns the port."""
    port = sites.free_port()
    at = folder(f"{world.scratch}/{name or server}")
    file = write(f"{at}/{server}.conf", configuration(server, boxed, at, port))
    with open(f"{at}/output.log", "wb") as log:
        process = world.process(sites.command(server, at, file), stdout=log, stderr=log)
    world.at_end.callback(lambda: (process.terminate(), process.wait(PATIENCE)))
    if not until(lambda: process.poll() is not None or sites.listens(port), PATIENCE) or process.poll() is not None:
        with open(f"{at}/output.log") as log:
            raise Broken(f"{server} did not start: " + log.read()[-600:])
    return port


# ---- what `fpmbox show` says of a site

def facet(site, name):
    """A section of the effective policy."""
    run = site.fpmbox("show", site.pool_path)
    if run.returncode:
        raise Broken("fpmbox show: " + run.stderr)
    lines = re.search(rf"^{name}:\n((?:  .*\n)*)", run.stdout, re.M)
    return flow(lines[1]) if lines else {}


def flow(text):
    """The little YAML that show writes: keys with words, or lists of words."""
    found = {}
    for key, value in re.findall(r"^  ([a-z_]+): ((?:.*)(?:\n    .*)*)", text, re.M):
        words = re.findall(r'"(?:[^"\\]|\\.)*"|[^\s,\[\]]+', value)
        words = [json.loads(word) if word.startswith('"') else word for word in words]
        found[key] = words if value.lstrip().startswith("[") else words[0] if words else ""
    return found


def expectations(site):
    """(path, status, text) of each request in expect."""
    run = site.fpmbox("show", site.pool_path)
    found = []
    for item in re.findall(r"^    - \{(path: .*)\}$", run.stdout.partition("\nexpect:")[2], re.M):
        values = {key: json.loads(value) if value.startswith('"') else value
                  for key, value in re.findall(r'(\w+): ("(?:[^"\\]|\\.)*"|[^,]+)', item)}
        found.append((values["path"], int(values.get("status", 200)), values.get("body", "")))
    return found


def jobs(site):
    """Name to command of each of its jobs."""
    said = site.fpmbox("show", site.pool_path).stdout
    section = re.search(r"^jobs:\n((?:  .*\n)*)", said, re.M)
    found = re.findall(r"^  ([a-z0-9-]+):\n(?:    every: .*\n)?    run: \[((?:.*\n?)*?.*)\]$", section[1] if section else "", re.M)
    return {name: [json.loads(word) if word.startswith('"') else word for word in re.findall(r'"(?:[^"\\]|\\.)*"|[^\s,]+', words)]
            for name, words in found}
