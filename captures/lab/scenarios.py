#!/usr/bin/python3
"""The scenarios of ../*/scenarios.yaml: lists, records and confirms them.

  scenarios.py list [NAME...]                  names, as GROUP/NAME; a NAME may be a pattern: 'smb/*'
  scenarios.py hosts [NAME...]                 the hosts that these scenarios need
  scenarios.py record FOLDER PIDS [NAME...]    inside the lab (record.sh calls it): FOLDER/GROUP/NAME.pcap
  scenarios.py confirm FOLDER [NAME...]        holds the truth of the scenarios against tshark

The fields of a scenario stand in README.md. What must be true comes from what is run, never from what ntlmscope says; tshark is asked
whether it sees the same: every "tshark" line, and what the exchanges name (users, domains, SPNs, KDC errors).
"""
import argparse
import fnmatch
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import yaml

import rewrite

HERE = pathlib.Path(__file__).resolve().parent
ADDRESSES = {}
for line in (HERE / "hosts.txt").read_text().splitlines():
    address, *names = line.partition("#")[0].split() or [None]
    ADDRESSES |= {name: address for name in names[:1]}
CLIENTS = [name for name in ADDRESSES if name.startswith(("client", "attacker"))]
COMMAND_SECONDS = 120
CLIENTS_FOLDER = "/media/lab/clients"


def say(text):
    print(f"lab: {text}", file=sys.stderr, flush=True)


# --- the tables


def load(patterns):
    """Scenarios by name, in the order of the tables; a derived one after the one that it comes from."""
    scenarios = {}
    for path in sorted(HERE.parent.glob("*/scenarios.yaml")):
        # every scalar is text here: only the tests ask for truth values and numbers
        table = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
        defaults = table.pop("defaults", {})
        for name, scenario in table.items():
            scenario["exchanges"] = [defaults | exchange for exchange in scenario.get("exchanges", [])]
            scenarios[f"{path.parent.name}/{name}"] = scenario
    chosen = [name for name in scenarios if not patterns or any(fnmatch.fnmatch(name, p) for p in patterns)]
    for pattern in patterns:
        if not fnmatch.filter(scenarios, pattern):
            sys.exit(f"no scenario is called {pattern}")
    return {name: scenarios[name] for name in sorted(chosen, key=lambda name: "from" in scenarios[name])}, scenarios


def commands(text):
    """Lines "HOST# COMMAND"; a line that begins with a blank goes on with the one before."""
    for line in re.split(r"\n(?=\S)", text.strip("\n")):
        host, _, command = line.partition("# ")
        yield host, re.sub(r"\s*\\\n\s*", " ", command)


def hosts_of(scenario):
    parts = "\n".join(scenario.get(field, "") for field in ("before", "run", "after")).strip("\n")
    names = {host for host, _ in commands(parts)} if parts else set()
    names |= set(scenario.get("smb.conf", {})) | set(scenario.get("hosts", []))
    for ends in [*scenario["exchanges"], *scenario.get("opaque", [])]:
        names |= {ends.get("client"), ends.get("server")}
    return names & set(ADDRESSES)


# --- recording


class Lab:
    def __init__(self, pids):
        self.pids = dict(line.split() for line in pathlib.Path(pids).read_text().splitlines())

    def on(self, host, command, **options):
        """Runs a shell command on a host, in the folder of the lab's own clients."""
        environment = {**os.environ, "KRB5CCNAME": "FILE:/run/krb5cc", "LC_ALL": "C.UTF-8", "OPENSSL_CONF": "/media/openssl.cnf", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        environment.pop("LAB_INSIDE", None)
        nsenter = ["nsenter", "-t", self.pids[host], "-m", "-u", "-n", f"--wd={CLIENTS_FOLDER}"]
        return subprocess.run([*nsenter, "bash", "-o", "pipefail", "-c", command], env=environment, **options)

    def run(self, text, output, must_work=True):
        for host, command in commands(text):
            output.write(f"{host}# {command}\n".encode())
            output.flush()
            try:
                done = self.on(host, command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=COMMAND_SECONDS)
            except subprocess.TimeoutExpired:
                raise Failed(f"ended not within {COMMAND_SECONDS} s: {host}# {command}") from None
            if done.returncode and must_work:
                raise Failed(f"exit {done.returncode}: {host}# {command}")

    def smb_conf(self, host, settings):
        lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
        self.on(host, f"cat > /etc/samba/scenario.conf; smbcontrol {'all' if host == 'dc1' else 'smbd'} reload-config 2>/dev/null; true", input=lines.encode())
        time.sleep(0.5)

    def forget(self, host):
        """Tickets and cached names of one scenario must not change what the next one sends."""
        self.on(host, "rm -f /run/krb5cc* /var/cache/samba/gencache.tdb /run/samba/gencache.tdb")


class Failed(Exception):
    pass


def record(lab, scenario, pcap):
    settings = scenario.get("smb.conf", {})
    clients = [host for host in hosts_of(scenario) if host in CLIENTS and host in lab.pids]
    with tempfile.TemporaryFile() as output:
        try:
            for host in clients:
                lab.forget(host)
            for host, values in settings.items():
                lab.smb_conf(host, values)
            lab.run(scenario.get("before", ""), output) if "before" in scenario else None
            with Tcpdump(lab, scenario, pcap):
                lab.run(scenario["run"], output)
                time.sleep(float(scenario.get("settle", 0.3)))
            if "keys" in scenario:
                keys = lab.on(scenario["keys"], "cat /tmp/tls.keys && rm /tmp/tls.keys", stdout=subprocess.PIPE).stdout
                pcap.with_suffix(".keys").write_bytes(keys)
        except Failed as failure:
            output.seek(0)
            sys.stderr.write(re.sub("^", "    | ", output.read().decode(errors="replace")[-4000:], flags=re.M) + "\n")
            raise failure
        finally:
            if "after" in scenario:
                lab.run(scenario["after"], output, must_work=False)
            for host in settings:
                lab.smb_conf(host, {})


class Tcpdump:
    """Records the bridge, as a span port would show it: by default the frames of clients and attacker, whatever their protocol.

    What the servers tell each other in the background belongs to no scenario. Neighbour discovery is left out: it says nothing.
    """

    def __init__(self, lab, scenario, pcap):
        span = scenario.get("span", [host for host in CLIENTS if host in lab.pids])
        macs = " or ".join(f"ether host 02:00:00:00:02:{int(ADDRESSES[host].split('.')[-1]):02x}" for host in span)
        interface = scenario.get("interface", "br0")
        length = scenario.get("snaplen", "0")
        # In immediate mode each frame takes a slot of the snapshot length: the default buffer of 2 MB has 8 of them.
        self.command = ["tcpdump", "-i", interface, "-s", length, "-B", "65536", "-U", "--immediate-mode", "-Z", "root"]
        self.command += ["-w", str(pcap), *([] if interface != "br0" else [f"({macs}) and not arp and not (icmp6 and ip6[40] > 132)"])]

    def __enter__(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stderr=self.log)
        for _ in range(100):
            if b"listening" in self.said():
                return
            time.sleep(0.05)
        raise Failed(f"tcpdump: {self.said().decode()}")

    def __exit__(self, *error):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        if b"\n0 packets dropped by kernel" not in self.said() and not any(error):
            raise Failed("tcpdump lost frames")

    def said(self):
        return os.pread(self.log.fileno(), 10000, 0)


# --- confirming

# where tshark shows them: in NTLMSSP, and in an SMB1 session setup without it
NTLM_FIELDS = {
    "user": ("ntlmssp.auth.username", "smb.account"),
    "domain": ("ntlmssp.auth.domain", "smb.primary_domain"),
    "workstation": ("ntlmssp.auth.hostname",),
}


def quoted(text):
    return '"' + text.replace("\\", "\\\\") + '"'


def claims_of(scenario, everything):
    """tshark filters, each with the number of frames it must match, or '>0'."""
    if "tshark" in scenario or "from" not in scenario:
        claims = dict(scenario.get("tshark", {}))
    else:
        claims = dict(everything[scenario["from"]].get("tshark", {}))
    if scenario.get("dissected") == "no":
        return claims
    for exchange in scenario["exchanges"]:
        ends = " && ".join(f"{'ipv6' if ':' in end else 'ip'}.addr == {end}" for end in (address(exchange["client"]), address(exchange["server"])))
        for field, names in NTLM_FIELDS.items():
            if exchange.get(field) and exchange["mechanism"] == "ntlm":
                claims.setdefault(f"{ends} && ({' || '.join(f'{name} == {quoted(exchange[field])}' for name in names)})", ">0")
        if exchange["mechanism"] == "kerberos" and exchange.get("spn"):
            for part in exchange["spn"].split("/"):
                claims.setdefault(f'{ends} && kerberos.msg_type == 14 && kerberos.SNameString == "{part}"', ">0")
    for line in scenario.get("kdc", []):
        client, request, name, *error = line.split()
        ask = f'kerberos.CNameString == "{name}"' if request == "AS" else f'kerberos.SNameString == "{name.split("/")[-1]}"'
        claims.setdefault(f"ip.dst == {address(client)} && {f'kerberos.error_code == {error[0]}' if error else ask}", ">0")
    return claims


def address(host):
    return ADDRESSES.get(host, host)


def confirm(name, scenario, everything, folder):
    """The claims that tshark does not confirm."""
    claims = claims_of(scenario, everything)
    pcap = folder / f"{name}.pcap"
    counts = frames(pcap, list(claims), scenario)
    return [
        f"{claim}: {wanted} expected, tshark sees {seen}"
        for (claim, wanted), seen in zip(claims.items(), counts)
        if (seen == 0 if wanted == ">0" else seen != int(wanted))
    ]


def frames(pcap, filters, scenario):
    """How many frames each filter matches, all of them in one run of tshark: one column of io,stat each."""
    if not filters:
        return []
    options = scenario.get("tsharkOptions", "").split()
    keys = pcap.with_suffix(".keys")
    if keys.exists():
        options += ["-o", f"tls.keylog_file:{keys}"]
    done = subprocess.run(
        ["tshark", "-n", "-q", "-r", pcap, *options, "-z", ",".join(["io,stat,0", *(f"({f})" for f in filters)])],
        capture_output=True, text=True,
    )
    rows = [row for row in done.stdout.splitlines() if "<>" in row]
    if done.returncode or len(rows) != 1:
        raise Failed(f"tshark: {done.stderr or done.stdout}")
    return [int(cell) for cell in rows[0].split("|")[2 : 2 + 2 * len(filters) : 2]]


# --- the commands


def record_all(options):
    chosen, everything = load(options.names)
    lab = Lab(options.pids)
    failed, absent = [], []
    for name, scenario in chosen.items():
        pcap = options.folder / f"{name}.pcap"
        pcap.parent.mkdir(parents=True, exist_ok=True)
        missing = hosts_of(scenario) - set(lab.pids)
        if missing:
            absent.append(f"{name} ({', '.join(sorted(missing))})")
            continue
        say(f"{name}")
        try:
            if "from" in scenario:
                rewrite.rewrite(options.folder / f"{scenario['from']}.pcap", pcap, scenario["rewrite"])
            else:
                with tempfile.TemporaryDirectory() as folder:
                    fresh = pathlib.Path(folder, "fresh.pcap")
                    record(lab, scenario, fresh)
                    for file in pathlib.Path(folder).iterdir():
                        shutil.copyfile(file, pcap.with_suffix(file.suffix))
            for problem in confirm(name, scenario, everything, options.folder):
                say(f"    not confirmed: {problem}")
                failed.append(name)
        except Failed as failure:
            say(f"    failed: {failure}")
            failed.append(name)
    if absent:
        say(f"not recorded, for want of a host: {'; '.join(absent)}")
    if failed:
        say(f"failed or not confirmed: {', '.join(dict.fromkeys(failed))}")
    sys.exit(1 if failed else 0)


def confirm_all(options):
    chosen, everything = load(options.names)
    wrong = 0
    for name, scenario in chosen.items():
        for problem in confirm(name, scenario, everything, options.folder):
            print(f"{name}: {problem}")
            wrong = 1
    sys.exit(wrong)


def main():
    parser = argparse.ArgumentParser()
    actions = parser.add_subparsers(required=True)
    for action, run in (("list", None), ("hosts", None), ("record", record_all), ("confirm", confirm_all)):
        sub = actions.add_parser(action)
        if action in ("record", "confirm"):
            sub.add_argument("folder", type=pathlib.Path)
        if action == "record":
            sub.add_argument("pids")
        sub.add_argument("names", nargs="*")
        sub.set_defaults(run=run, action=action)
    options = parser.parse_args()
    if options.run:
        options.run(options)
    chosen, everything = load(options.names)
    if options.action == "list":
        print("\n".join(chosen))
    else:
        needed = set().union(*(hosts_of(scenario) | (hosts_of(everything[scenario["from"]]) if "from" in scenario else set()) for scenario in chosen.values()))
        print("\n".join(sorted(needed | {"dc1"})))


main()
