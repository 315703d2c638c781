"""Copies an image from one registry to another, or deletes one, over the registry's own API.

usage: registry.py copy [--arch NAME] [--index] FROM TO
       registry.py delete REFERENCE

A reference is URL/REPOSITORY:TAG; user and password in the URL are sent. --arch changes what
the image says it was built for, --index puts a list of platforms before it. Prints the digest.
"""

import argparse
import base64
import hashlib
import json
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Repository:
    def __init__(self, reference):
        url = urllib.parse.urlsplit(reference)
        path, _, self.tag = url.path.rpartition(":")
        _, at, host = url.netloc.rpartition("@")
        self.base = f"{url.scheme}://{host}/v2{path}"
        said = ":".join(urllib.parse.unquote(part or "") for part in (url.username, url.password))
        self.headers = {"Accept": f"{MANIFEST}, {INDEX}"}
        if at:
            self.headers["Authorization"] = "Basic " + base64.b64encode(said.encode()).decode()
        trust = ssl.create_default_context(cafile=os.environ.get("GYRE_TEST_CA") or None)
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust))

    def send(self, method, place, data=None, kind="application/octet-stream"):
        place = urllib.parse.urljoin(self.base + "/", place)
        headers = dict(self.headers, **({"Content-Type": kind} if data is not None else {}))
        request = urllib.request.Request(place, data=data, headers=headers, method=method)
        with self.opener.open(request, timeout=60) as answer:
            return answer.headers, answer.read()

    def has_blob(self, name):
        try:
            return bool(self.send("HEAD", f"blobs/{name}"))
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            raise

    def put_blob(self, data):
        place = self.send("POST", "blobs/uploads/", b"")[0]["Location"]
        separator = "&" if "?" in place else "?"
        self.send("PUT", f"{place}{separator}digest={digest(data)}", data)

    def put_manifest(self, manifest, kind, tag=None):
        data = json.dumps(manifest).encode()
        self.send("PUT", f"manifests/{tag or digest(data)}", data, kind)
        return {"mediaType": kind, "size": len(data), "digest": digest(data)}


def copy(source, target, architecture, index):
    manifest = json.loads(source.send("GET", f"manifests/{source.tag}")[1])
    configuration = json.loads(source.send("GET", f"blobs/{manifest['config']['digest']}")[1])
    if architecture:
        configuration["architecture"] = architecture
    data = json.dumps(configuration).encode()
    target.put_blob(data)
    manifest["config"].update(size=len(data), digest=digest(data))
    for layer in manifest["layers"]:
        if not target.has_blob(layer["digest"]):
            target.put_blob(source.send("GET", f"blobs/{layer['digest']}")[1])
    if not index:
        return target.put_manifest(manifest, MANIFEST, target.tag)["digest"]
    platform = {"os": "linux", "architecture": configuration["architecture"]}
    entry = dict(target.put_manifest(manifest, MANIFEST), platform=platform)
    listing = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}
    return target.put_manifest(listing, INDEX, target.tag)["digest"]


def delete(repository):
    headers, _ = repository.send("HEAD", f"manifests/{repository.tag}")
    repository.send("DELETE", f"manifests/{headers['Docker-Content-Digest']}")
    return headers["Docker-Content-Digest"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["copy", "delete"])
    parser.add_argument("--arch")
    parser.add_argument("--index", action="store_true")
    parser.add_argument("references", nargs="+")
    said = parser.parse_args()
    repositories = [Repository(reference) for reference in said.references]
    try:
        if said.command == "copy":
            print(copy(*repositories, said.arch, said.index))
        else:
            print(*map(delete, repositories))
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{error.url.split('?')[0]}: {error.code} {error.reason}") from error


if __name__ == "__main__":
    main()
