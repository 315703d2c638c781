"""What a hostile git server says: the reference advertisement, then the pack.

Each behaviour is a pair of functions. The first takes the path of a bare repository and yields
the bytes of the advertisement; the second takes also the client's request and yields the bytes
of the answer. hostile.py sends them over HTTP; run as a program, this sends them over ssh:

    streams.py BEHAVIOUR REPOSITORY
"""

import hashlib
import os
import select
import subprocess
import sys
import threading
import time
import zlib

FLUSH = b"0000"


def line(data):
    """One pkt-line (git's gitprotocol-common)."""
    return b"%04x" % (len(data) + 4) + data


def git(repository, *arguments, request=b""):
    """Git's own answer, in version 0 of the protocol whatever the client would like."""
    os.environ.pop("GIT_PROTOCOL", None)
    command = ["git", "upload-pack", "--stateless-rpc", *arguments, repository]
    return subprocess.run(command, input=request, stdout=subprocess.PIPE, check=True).stdout


# --- Advertisements ---------------------------------------------------------------------------

def honest_refs(repository):
    yield git(repository, "--advertise-refs")


def endless_refs(repository):
    first = git(repository, "--advertise-refs")
    yield first[: int(first[:4], 16)]
    number = 0
    while True:
        names = range(number, number + 1000)
        yield b"".join(line(b"%040x refs/heads/n%d\n" % (name + 1, name)) for name in names)
        number += 1000


def evil_refs(repository):
    """Names that git itself forbids (git-check-ref-format), beside the true ones."""
    honest = git(repository, "--advertise-refs")
    commit = honest[4:44]
    yield honest[: -len(FLUSH)]
    for name in (b"../../../escape", b"\x1b[2Jscreen", b"main.lock", b"a..b", b"@{0}", b"-x",
                 b"spa ce", b"x" * 4096, b"\xff\xfe"):
        yield line(commit + b" refs/heads/" + name + b"\n")
    yield FLUSH


def garbage(*_):
    while True:
        yield os.urandom(4096)


def no_refs(_):
    return iter(())


# --- Packs ------------------------------------------------------------------------------------

def honest_pack(repository, request):
    yield git(repository, request=request)


def wrapped(request, pieces):
    """The end of the negotiation, then the pieces of a pack, as this client wants them."""
    yield line(b"NAK\n")
    banded = b"side-band" in request
    for piece in pieces:
        for start in range(0, len(piece), 900):
            part = piece[start : start + 900]
            yield line(b"\x01" + part) if banded else part


def header(count):
    return b"PACK" + (2).to_bytes(4, "big") + count.to_bytes(4, "big")


def entry(size):
    """The head of a blob in a pack: type 3, size in groups of seven bits (gitformat-pack)."""
    head = [3 << 4 | size & 15]
    size >>= 4
    while size:
        head[-1] |= 128
        head.append(size & 127)
        size >>= 7
    return bytes(head)


def garbage_pack(_, request):
    return wrapped(request, [header(3), os.urandom(20000)])


def endless_pack(_, request):
    def pieces():
        # More would have git run out of memory for their index first.
        yield header(1_000_000)
        while True:
            blob = os.urandom(30000)
            yield entry(len(blob)) + zlib.compress(blob, 0)
    return wrapped(request, pieces())


def huge_object(_, request):
    """One blob that says it has a tebibyte, and a few kilobytes that become a gigabyte."""
    def pieces():
        yield header(1) + entry(1 << 40)
        packer, zeros = zlib.compressobj(), bytes(1 << 22)
        while True:
            yield packer.compress(zeros)
    return wrapped(request, pieces())


def zeros(count):
    """`count` zero bytes as a zlib stream (RFC 1950), in blocks of 16 MiB that are packed once."""
    block = 16 << 20
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)
    yield b"\x78\x9c"
    for _ in range(count // block):
        yield packed
    last = zlib.compressobj(wbits=-15)
    yield last.compress(bytes(count % block)) + last.flush()
    yield (count % 65521 << 16 | 1).to_bytes(4, "big")


def copy_all(count):
    """A delta that copies the whole of its base and adds a byte (gitformat-pack)."""
    def size(number):
        while number > 127:
            yield number & 127 | 128
            number >>= 7
        yield number
    delta = bytes((*size(count), *size(count + 1)))
    for start in range(0, count, 0xFFFFFF):
        part = min(0xFFFFFF, count - start)
        delta += b"\xff" + start.to_bytes(4, "little") + part.to_bytes(3, "little")
    return delta + b"\x01x"


def delta_bomb(_, request, count=320 << 20):
    """A blob of zeros, which a client can pass over as it comes, and one that builds on it."""
    def pieces():
        digest = hashlib.sha1()
        base = entry(count) + b"".join(zeros(count))
        delta = copy_all(count)
        head = bytearray(entry(len(delta)))
        head[0] = head[0] & 0x8F | 6 << 4
        # How far back the base begins, in groups of seven bits that each count from one.
        back = [len(base) & 127]
        rest = len(base) >> 7
        while rest:
            back.insert(0, (rest - 1) & 127 | 128)
            rest = (rest - 1) >> 7
        for piece in (header(2), base, bytes(head) + bytes(back) + zlib.compress(delta)):
            digest.update(piece)
            yield piece
        yield digest.digest()
    yield from wrapped(request, pieces())
    if b"side-band" in request:
        yield FLUSH


def endless_progress(_, request):
    yield line(b"NAK\n")
    while True:
        yield line(b"\x02" + b"Counting objects, for ever ...\n") * 1000


# --- How it is said ---------------------------------------------------------------------------

def silent(*_):
    while True:
        time.sleep(3600)
        yield b""


def drip(said):
    def slowly(*arguments):
        for piece in said(*arguments):
            for byte in piece:
                yield bytes((byte,))
                time.sleep(1)
    return slowly


class Cut(Exception):
    """The connection is to be cut here."""


def cut(said):
    def half(*arguments):
        whole = b"".join(said(*arguments))
        yield whole[: len(whole) // 2]
        raise Cut
    return half


BEHAVIOURS = {
    "honest": (honest_refs, honest_pack),
    "silent": (silent, silent),
    "silent-pack": (honest_refs, silent),
    "drip": (drip(honest_refs), drip(honest_pack)),
    "drip-pack": (honest_refs, drip(honest_pack)),
    "cut": (cut(honest_refs), honest_pack),
    "cut-pack": (honest_refs, cut(honest_pack)),
    "empty": (no_refs, honest_pack),
    "garbage": (garbage, garbage),
    "garbage-pack": (honest_refs, garbage_pack),
    "endless-refs": (endless_refs, honest_pack),
    "evil-refs": (evil_refs, honest_pack),
    "endless-pack": (honest_refs, endless_pack),
    "endless-progress": (honest_refs, endless_progress),
    "huge-object": (honest_refs, huge_object),
    "delta-bomb": (honest_refs, delta_bomb),
}


def read_request(stream):
    """All that the client says up to `done`; what it has already is passed over."""
    request = b""
    while True:
        size = int(stream.read(4) or b"0", 16)
        data = stream.read(size - 4) if size else b""
        if not data.startswith(b"have"):
            request += line(data) if size else FLUSH
        if data.startswith(b"done") or (not size and b"want" not in request):
            return request


def end_with_client():
    """sshd leaves a program behind that neither reads nor writes."""
    hangup = select.poll()
    hangup.register(0, 0)
    hangup.poll()
    os._exit(1)


def say(pieces):
    """Whether there was anything to say."""
    said = False
    for piece in pieces:
        said = True
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    return said


def told(repository):
    """What NAME.git.behaviour beside the repository says; honest where there is none."""
    try:
        with open(f"{repository}.behaviour", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return "honest"


def main():
    behaviour = sys.argv[1]
    refs, pack = BEHAVIOURS[told(sys.argv[2]) if behaviour == "as-told" else behaviour]
    threading.Thread(target=end_with_client, daemon=True).start()
    try:
        if say(refs(sys.argv[2])):
            request = read_request(sys.stdin.buffer)
            if b"want" in request:
                say(pack(sys.argv[2], request))
    except (Cut, BrokenPipeError):
        os._exit(1)


if __name__ == "__main__":
    main()
