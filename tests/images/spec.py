"""The rules of the OCI image specification (1.1) that an archive of `fpmbox build` has to keep, read independently of the builder.

    mistakes = spec.check(spec.files_of("site.tar"))
"""

import gzip
import hashlib
import io
import json
import re
import tarfile

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
UNPACK = {"application/vnd.oci.image.layer.v1.tar": bytes, "application/vnd.oci.image.layer.v1.tar+gzip": gzip.decompress}
KNOWN = (tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def files_of(path):
    with tarfile.open(path) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def strict_json(data):
    def once(pairs):
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a key is there twice")
        return dict(pairs)

    return json.loads(data, object_pairs_hook=once)


def blob(files, descriptor, what, mistakes):
    """What a descriptor points to, when it is what the descriptor says."""
    data = files.get("blobs/" + descriptor["digest"].replace(":", "/", 1))
    if data is None:
        mistakes.append(f"{what}: {descriptor['digest']} is not there")
        return b""
    if len(data) != descriptor["size"]:
        mistakes.append(f"{what}: {len(data)} bytes, the descriptor says {descriptor['size']}")
    if digest_of(data) != descriptor["digest"]:
        mistakes.append(f"{what}: its digest is {digest_of(data)}")
    return data


def check_layer(data, what, seen, mistakes):
    own, folders = set(), {""}
    with tarfile.open(fileobj=io.BytesIO(data)) as layer:
        for member in layer:
            name = member.name.removeprefix("./").rstrip("/")
            parent, _, base = name.rpartition("/")
            rules = (
                (name in own, "is there twice"),
                (name.startswith("/") or ".." in name.split("/"), "is no path below the root"),
                (parent not in folders, "comes before its folder"),
                (base.startswith(".wh."), "is a whiteout"),
                (member.type not in KNOWN, f"is of type {member.type}"),
                (member.uname or member.gname, "names an owner"),
                (member.mtime != int(member.mtime), "has a fraction of a second"),
                (member.mode & 0o6000, "is setuid or setgid"),
                (name in seen and not member.isdir(), "is in two layers"),
            )
            mistakes.extend(f"{what}: {name} {says}" for broken, says in rules if broken)
            own.add(name)
            if member.isdir():
                folders.add(name)
    seen |= own


def check_config(config, diff_ids, mistakes):
    history = [entry for entry in config.get("history", []) if not entry.get("empty_layer")]
    rules = (
        (config.get("os") != "linux" or not config.get("architecture"), "os and architecture are not said"),
        (config["rootfs"]["type"] != "layers", "rootfs.type is not layers"),
        (config["rootfs"]["diff_ids"] != diff_ids, "diff_ids are not those of the layers"),
        (len(history) != len(diff_ids), "history has another number of layers"),
        (not RFC3339.fullmatch(config.get("created", "")), "created is no time"),
        (not re.fullmatch(r"(\d+(:\d+)?)?", config["config"].get("User", "")), "User is no number"),
        (not isinstance(config["config"].get("Labels"), dict), "Labels are no object"),
        (not config["config"].get("Entrypoint"), "there is no entrypoint"),
    )
    mistakes.extend(f"config: {says}" for broken, says in rules if broken)


def check_image(files, manifest, mistakes):
    config = blob(files, manifest["config"], "config", mistakes)
    diff_ids, seen = [], set()
    for number, layer in enumerate(manifest["layers"]):
        unpack = UNPACK.get(layer["mediaType"])
        if unpack is None:
            mistakes.append(f"layer {number}: {layer['mediaType']}")
            continue
        try:
            data = unpack(blob(files, layer, f"layer {number}", mistakes))
            check_layer(data, f"layer {number}", seen, mistakes)
        except (OSError, EOFError, tarfile.TarError) as error:
            mistakes.append(f"layer {number}: {error}")
            data = b""
        diff_ids.append(digest_of(data))
    if config:
        check_config(strict_json(config), diff_ids, mistakes)


def check(files):
    """What breaks the rules, a line each. Manifests of other artifacts, which refer to the image, are read as far as their descriptors."""
    mistakes = []
    layout, index = strict_json(files["oci-layout"]), strict_json(files["index.json"])
    if layout != {"imageLayoutVersion": "1.0.0"}:
        mistakes.append(f"oci-layout: {layout}")
    if index.get("schemaVersion") != 2 or index.get("mediaType") != INDEX:
        mistakes.append("index.json: schemaVersion or mediaType")
    images = 0
    for entry in index["manifests"]:
        manifest = strict_json(blob(files, entry, "manifest", mistakes) or b"{}")
        if not manifest:
            continue
        if manifest.get("schemaVersion") != 2 or manifest.get("mediaType") != entry["mediaType"] or entry["mediaType"] != MANIFEST:
            mistakes.append("manifest: schemaVersion or mediaType")
        if not all(isinstance(value, str) for value in manifest.get("annotations", {}).values()):
            mistakes.append("manifest: annotations are no texts")
        if manifest["config"]["mediaType"] == CONFIG:
            images += 1
            check_image(files, manifest, mistakes)
        elif manifest["config"]["mediaType"] != EMPTY or "artifactType" not in manifest:
            mistakes.append(f"manifest: config of type {manifest['config']['mediaType']}")
    if images != 1:
        mistakes.append(f"{images} images")
    return mistakes


def bent(files):
    """The same archive with one rule broken, each: name and files. A checker that finds nothing in them checks nothing."""
    index = json.loads(files["index.json"])
    path = "blobs/" + index["manifests"][0]["digest"].replace(":", "/", 1)
    manifest = json.loads(files[path])
    layer = "blobs/" + manifest["layers"][-1]["digest"].replace(":", "/", 1)

    def with_manifest(change):
        changed = json.loads(files[path])
        change(changed)
        data = json.dumps(changed).encode()
        new = json.loads(files["index.json"])
        new["manifests"][0].update(digest=digest_of(data), size=len(data))
        return {**files, "index.json": json.dumps(new).encode(), "blobs/" + digest_of(data).replace(":", "/", 1): data}

    def with_layer(data):
        def change(changed):
            changed["layers"][-1].update(digest=digest_of(data), size=len(data))

        return {**with_manifest(change), "blobs/" + digest_of(data).replace(":", "/", 1): data}

    twice = io.BytesIO()
    with tarfile.open(fileobj=twice, mode="w") as archive:
        for _ in range(2):
            archive.addfile(tarfile.TarInfo("x"))
    return {
        "a blob with another byte": {**files, layer: files[layer][:-1] + b"x"},
        "a blob that is missing": {name: data for name, data in files.items() if name != layer},
        "a layer of an unknown type": with_manifest(lambda m: m["layers"][0].update(mediaType="text/plain")),
        "a layer that config does not know": with_manifest(lambda m: m["layers"].pop()),
        "a wrong size": with_manifest(lambda m: m["config"].update(size=1)),
        "another media type": with_manifest(lambda m: m.update(mediaType="text/plain")),
        "a path that is there twice": with_layer(gzip.compress(twice.getvalue())),
        "another layout": {**files, "oci-layout": b'{"imageLayoutVersion":"2"}'},
    }
