"""Policy: a stack of 100 services, judged in a process that runs, and by `gyre policy check`."""

import json
import pathlib
import subprocess

from figures import Sample, milliseconds, seconds, table
from loading import Cost, Loader
from trials import say

SIZE = 100
ROOT = pathlib.Path(__file__).resolve().parents[1]


def grants(place):
    """What the cases of policy are judged by, with leave for as many services."""
    text = (ROOT / "Tests/Fixtures/policy/astro.yaml").read_text()
    (place / "gyre.yaml").write_text(text.replace("services: 50", f"services: {SIZE}"))
    return place / "gyre.yaml"


def stack(size):
    """Services with something of everything that rules look at, and nothing that they deny."""
    lines = ["services:"]
    for number in range(size):
        lines += [
            f"  s{number:03}:",
            f"    image: registry.example.org/astro/app-{number}:1.{number}",
            '    command: [serve, --port, "8080"]',
            f"    user: '{40000 + number}:5000'",
            f"    environment: {{NAME: s{number}, UPSTREAM: 'http://s{(number + 1) % size:03}/'}}",
            '    labels: {team: astro, tier: "2", traefik.enable: "false"}',
            f"    ports: {['%d:8080' % (30000 + number)] if number < 50 else []}",
            f"    volumes: ['data{number % 20}:/cache', '/global/astro/{number}:/data:ro']",
            f"    networks: [front, back{number % 20}]",
            "    healthcheck: {test: [CMD, curl, -f, http://localhost], interval: 30s, retries: 3}",
            "    sysctls: {net.ipv4.tcp_keepalive_time: '600'}",
            "    ulimits: {nofile: 65536}",
            "    logging: {driver: json-file, options: {max-size: 10m}}",
            "    cap_drop: [ALL]",
            "    restart: unless-stopped",
        ]
    lines += ["networks:", "  front:"] + [f"  back{number}:" for number in range(20)]
    lines += ["volumes:"] + [f"  data{number}:" for number in range(20)]
    return "\n".join(lines) + "\n"


def in_a_process(configuration, file, rounds):
    """Seconds that rules took, each a judgement of the whole stack."""
    built = ["swift", "build", "-c", "release", "--product", "PolicyTiming"]
    subprocess.run(built, cwd=ROOT, check=True, capture_output=True, timeout=3000)
    timing = ROOT / ".build/release/PolicyTiming"
    words = [str(timing), str(configuration), "astro", str(file), str(rounds)]
    answer = subprocess.run(words, check=True, capture_output=True, text=True, timeout=600)
    return Sample(float(value) for value in json.loads(answer.stdout))


def measure(options, folder):
    say("policy")
    configuration = grants(pathlib.Path(folder))
    place = pathlib.Path(folder) / "policy"
    place.mkdir()
    file = place / "compose.yaml"
    file.write_text(stack(SIZE))
    judged = ["--config", str(configuration), "--project", "astro", "--json", str(place)]
    loaders = {
        "gyre policy check": (Loader("Gyre", [options.gyre, "policy", "check"], folder), judged),
        "docker compose config": (Loader("Compose", [options.compose], folder), ["config"]),
    }
    costs = {name: Cost() for name in loaders}
    for _ in range(options.pairs):
        for name, (loader, arguments) in loaders.items():
            wall, memory, code = loader.load(arguments, place, {})
            if code != 0:
                raise RuntimeError(f"{name} ended with {code}: {loader.output.read_text()[:500]}")
            costs[name].time.add(wall)
            costs[name].memory.add(memory)
    return {"alone": in_a_process(configuration, file, 200), "processes": costs}


def report(result):
    rows = [["rules alone, in a process that runs", result["alone"].text(milliseconds)]]
    rows += [[name, cost.time.text(seconds)] for name, cost in result["processes"].items()]
    return (
        f"## Policy\n\nA stack of {SIZE} services with identities, binds, ports, labels and limits, "
        "judged by the profile `restricted`; nothing is denied. The aim is 5 ms for the rules "
        "alone.\n\n" + table(["what", "time"], rows)
    )
