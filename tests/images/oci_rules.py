"""The rules of the OCI image-spec 1.1 for a layout, read from the files themselves: nothing of our own reader is asked.

    mistakes = oci_rules.check("site")       # a list of sentences, empty where all rules hold
"""

import hashlib
import io
import json
import os
import re
import tarfile
import zlib

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Layout:
    def __init__(self, folder):
        self.folder, self.mistakes = folder, []

    def wrong(self, sentence):
        self.mistakes.append(sentence)

    def blob(self, descriptor):
        """descriptor.md: mediaType, digest and size are required and true."""
        if not MEDIA_TYPE.fullmatch(descriptor.get("mediaType", "")):
            self.wrong(f"{descriptor} has no media type")
        if not DIGEST.fullmatch(descriptor.get("digest", "")) or not isinstance(descriptor.get("size"), int):
            self.wrong(f"{descriptor} has no digest or no size")
            return b""
        path = f"{self.folder}/blobs/sha256/{descriptor['digest'][7:]}"
        if not os.path.isfile(path):
            self.wrong(f"{descriptor['digest']} is not there")
            return b""
        with open(path, "rb") as file:
            data = file.read()
        if len(data) != descriptor["size"]:
            self.wrong(f"{descriptor['digest']} has {len(data)} bytes, not {descriptor['size']}")
        if "sha256:" + hashlib.sha256(data).hexdigest() != descriptor["digest"]:
            self.wrong(f"{descriptor['digest']} has other content")
        return data

    def json(self, data, what):
        def unique(pairs):
            if len({key for key, _ in pairs}) != len(pairs):
                self.wrong(f"{what}: a key is there twice")
            return dict(pairs)
        try:
            return json.loads(data, object_pairs_hook=unique)
        except ValueError:
            self.wrong(f"{what} is no JSON")
            return {}


def gunzip_all(data):
    out = b""
    while data:
        engine = zlib.decompressobj(31)
        out += engine.decompress(data)
        data = engine.unused_data
    return out


def check_layer(layout, descriptor, diff_id):
    if descriptor.get("mediaType") != LAYER + "+gzip":
        layout.wrong(f"a layer of the type {descriptor.get('mediaType')}")
        return
    try:
        tar = gunzip_all(layout.blob(descriptor))
    except zlib.error as error:
        layout.wrong(f"a layer that is no gzip: {error}")
        return
    if "sha256:" + hashlib.sha256(tar).hexdigest() != diff_id:
        layout.wrong(f"a layer whose tar is not {diff_id}")
    seen = set()
    for member in tarfile.open(fileobj=io.BytesIO(tar)):
        name = member.name.rstrip("/")
        parent = os.path.dirname(name)
        if name in seen:
            layout.wrong(f"{name} is twice in a layer")
        if parent and parent not in seen:
            layout.wrong(f"{name} comes before its folder")
        if name.startswith("/") or ".." in name.split("/") or os.path.basename(name).startswith(".wh."):
            layout.wrong(f"{name} must not be in a layer")
        if member.isdev() or member.isfifo() or member.issparse():
            layout.wrong(f"{name} is no file, folder or link")
        seen.add(name)


def check_config(layout, descriptor, layers):
    """config.md"""
    if descriptor.get("mediaType") != CONFIG:
        layout.wrong(f"a config of the type {descriptor.get('mediaType')}")
    config = layout.json(layout.blob(descriptor), "the config")
    for key in ("architecture", "os", "rootfs"):
        if key not in config:
            layout.wrong(f"the config has no {key}")
    diff_ids = config.get("rootfs", {}).get("diff_ids", [])
    if config.get("rootfs", {}).get("type") != "layers" or len(diff_ids) != len(layers):
        layout.wrong("rootfs is not of the manifest's layers")
    if len([entry for entry in config.get("history", []) if not entry.get("empty_layer")]) != len(layers):
        layout.wrong("history is not of the manifest's layers")
    if "created" in config and not TIME.fullmatch(config["created"]):
        layout.wrong(f"created is {config['created']}")
    for descriptor_of_layer, diff_id in zip(layers, diff_ids):
        check_layer(layout, descriptor_of_layer, diff_id)


def check_artifact(layout, entry, manifest, images):
    """manifest.md, "Guidelines for Artifact Usage": with the empty config, artifactType is required and says what it is."""
    if not MEDIA_TYPE.fullmatch(manifest.get("artifactType", "")):
        layout.wrong("an artifact without a type")
    if entry.get("artifactType") != manifest.get("artifactType"):
        layout.wrong("the index says another type of an artifact")
    if manifest["config"].get("mediaType") != EMPTY or layout.blob(manifest["config"]) != b"{}":
        layout.wrong("an artifact whose config is not the empty one")
    subject = manifest["subject"]
    if {key: subject.get(key) for key in ("mediaType", "digest", "size")} not in images:
        layout.wrong(f"an artifact of {subject.get('digest')}, which is no image of this layout")
    layout.blob(subject)
    if not manifest.get("layers"):
        layout.wrong("an artifact without a layer")
    for layer in manifest.get("layers", []):
        layout.blob(layer)
    if not TIME.fullmatch(manifest.get("annotations", {}).get("org.opencontainers.image.created", "")):
        layout.wrong("an artifact without a time")


def check_manifest(layout, entry, images):
    if entry.get("mediaType") != MANIFEST:
        layout.wrong(f"the index leads to a {entry.get('mediaType')}")
    manifest = layout.json(layout.blob(entry), "a manifest")
    if manifest.get("schemaVersion") != 2 or manifest.get("mediaType") != entry.get("mediaType") or "config" not in manifest:
        layout.wrong("a manifest without schemaVersion 2, its own media type or a config")
        return
    for text in manifest.get("annotations", {}).values():
        if not isinstance(text, str):
            layout.wrong("an annotation that is no text")
    if "subject" in manifest:
        check_artifact(layout, entry, manifest, images)
    else:
        check_config(layout, manifest["config"], manifest.get("layers", []))


def entries_of(layout, index):
    """An archive may have one index below its own (image-layout.md: index.json leads to manifests or to indexes)."""
    entries = index.get("manifests", [])
    if len(entries) != 1 or entries[0].get("mediaType") != INDEX:
        return entries
    inner = layout.json(layout.blob(entries[0]), "an index")
    if inner.get("schemaVersion") != 2 or inner.get("mediaType") != INDEX:
        layout.wrong("an index without schemaVersion 2 or its own media type")
    for entry in inner.get("manifests", []):
        if not all(isinstance(entry.get("platform", {}).get(key), str) for key in ("architecture", "os")):
            layout.wrong("an index with an entry of no platform")
    return inner.get("manifests", [])


def check(folder):
    layout = Layout(folder)
    with open(f"{folder}/oci-layout", "rb") as file:
        if layout.json(file.read(), "oci-layout").get("imageLayoutVersion") != "1.0.0":
            layout.wrong("imageLayoutVersion is not 1.0.0")
    with open(f"{folder}/index.json", "rb") as file:
        index = layout.json(file.read(), "index.json")
    if index.get("schemaVersion") != 2 or index.get("mediaType") != INDEX:
        layout.wrong("index.json is no index")
    entries = entries_of(layout, index)
    images = [{key: entry.get(key) for key in ("mediaType", "digest", "size")} for entry in entries if "artifactType" not in entry]
    if not images:
        layout.wrong("an index without an image")
    for entry in entries:
        check_manifest(layout, entry, images)
    known = {name for name in os.listdir(f"{folder}/blobs/sha256")}
    return layout.mistakes + [f"blobs/sha256/{name} is no digest" for name in known if not re.fullmatch("[0-9a-f]{64}", name)]
