#!/usr/bin/python3
"""The scenarios of ../*/scenarios.yaml: lists, records and confirms them.

  scenarios.py list [NAME...]                  names, as GROUP/NAME; a NAME may be a pattern: 'smb/*'
  scenarios.py hosts [NAME...]                 the hosts that these scenarios need
  scenarios.py todo FOLDER [NAME...]           those that FOLDER/results.json does not say are recorded and confirmed
  scenarios.py record FOLDER LAB [NAME...]     inside the lab (record.sh calls it): FOLDER/GROUP/NAME.pcap, FOLDER/results.json
  scenarios.py confirm FOLDER [NAME...]        holds the truth of the scenarios against tshark

The fields of a scenario stand in README.md. What must be true comes from what is run, never from what ntlmscope says; tshark is asked
whether it sees the same: every "tshark" line, and what the exchanges name (users, domains, SPNs, KDC errors).
"""
import argparse
import fnmatch
import json
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
# of one scenario, all of its commands together; `limit` gives a slow one more
LIMIT_SECONDS = 120
TRIES = 2
# record's exit codes beside 0: something is false; all is true, but not everything could be recorded
FALSE, PARTLY = 1, 3
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
    def __init__(self, folder):
        """FOLDER/pids: the hosts that are up; FOLDER/absent: those whose programs this machine does not have."""
        self.pids = dict(line.split() for line in (folder / "pids").read_text().splitlines())
        self.absent = set((folder / "absent").read_text().split())
        self.deadline = float("inf")

    def on(self, host, command, output=subprocess.DEVNULL, text=b""):
        """Runs a shell command on a host, in the folder of the lab's own clients; what has not ended in time is killed. Gives its exit code."""
        environment = {**os.environ, "KRB5CCNAME": "FILE:/run/krb5cc", "LC_ALL": "C.UTF-8", "OPENSSL_CONF": "/media/openssl.cnf", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        environment.pop("LAB_INSIDE", None)
        command = ["nsenter", "-t", self.pids[host], "-m", "-u", "-n", f"--wd={CLIENTS_FOLDER}", "bash", "-o", "pipefail", "-c", command]
        with tempfile.TemporaryFile() as given:
            given.write(text)
            given.seek(0)
            # in a session of its own, so that its children can be killed with it
            process = subprocess.Popen(command, env=environment, stdin=given, stdout=output, stderr=output, start_new_session=True)
        try:
            return process.wait(max(1, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise Failed(f"not ended in time: {host}# {command[-1]}") from None

    def run(self, text, output):
        for host, command in commands(text):
            output.write(f"{host}# {command}\n".encode())
            output.flush()
            if code := self.on(host, command, output):
                raise Failed(f"exit {code}: {host}# {command}")

    def undo(self, text, output):
        """As run, with time of its own, and to the end whatever happens."""
        for host, command in commands(text):
            self.deadline = time.monotonic() + LIMIT_SECONDS
            try:
                self.on(host, command, output)
            except Failed as failure:
                say(f"    {failure}")

    def smb_conf(self, host, settings):
        lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
        self.on(host, f"cat > /etc/samba/scenario.conf; smbcontrol {'all' if host == 'dc1' else 'smbd'} reload-config; true", text=lines.encode())
        time.sleep(0.5)

    def forget(self, host):
        """Tickets and cached names of one scenario must not change what the next one sends."""
        self.on(host, "rm -f /run/krb5cc* /var/cache/samba/gencache.tdb /run/samba/gencache.tdb")


class Failed(Exception):
    pass


def record(lab, scenario, pcap):
    settings = scenario.get("smb.conf", {})
    clients = [host for host in hosts_of(scenario) if host in CLIENTS and host in lab.pids]
    lab.deadline = time.monotonic() + float(scenario.get("limit", LIMIT_SECONDS))
    with tempfile.TemporaryFile() as output:
        try:
            for host in clients:
                lab.forget(host)
            for host, values in settings.items():
                lab.smb_conf(host, values)
            if "before" in scenario:
                lab.run(scenario["before"], output)
            with Tcpdump(lab, scenario, pcap):
                lab.run(scenario["run"], output)
                time.sleep(float(scenario.get("settle", 0.3)))
            if "keys" in scenario:
                with open(pcap.with_suffix(".keys"), "wb") as keys:
                    for host in scenario["keys"].split():
                        lab.on(host, "cat /tmp/tls.keys && rm /tmp/tls.keys", keys)
        except Failed as failure:
            output.seek(0)
            sys.stderr.write(re.sub("^", "    | ", output.read().decode(errors="replace")[-4000:], flags=re.M) + "\n")
            raise failure
        finally:
            if "after" in scenario:
                lab.undo(scenario["after"], output)
            lab.deadline = float("inf")
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
    for scenario in list(chosen.values()):
        base = scenario.get("from")
        if base and base not in chosen and not (options.folder / f"{base}.pcap").exists():
            chosen = {base: everything[base], **chosen}
    lab = Lab(options.lab)
    results = Results(options.folder)
    begin = time.monotonic()
    for name, scenario in chosen.items():
        missing = hosts_of(scenario) - set(lab.pids)
        lacking = [program for program in scenario.get("needs", []) if shutil.which(program) is None]
        if lacking:
            results.add(name, state="absent", why=f"needs {', '.join(lacking)}")
        elif missing & lab.absent:
            results.add(name, state="absent", why=f"needs {', '.join(sorted(missing))}")
        elif missing:
            results.add(name, state="failed", why=f"{', '.join(sorted(missing))} did not come up")
        elif time.monotonic() - begin > options.within:
            results.add(name, state="late", why=f"not begun within {options.within:.0f} s")
        else:
            results.add(name, **record_one(lab, name, scenario, everything, options.folder))
    states = [results.all[name]["state"] for name in chosen]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    say(f"{len(chosen)} scenarios in {(time.monotonic() - begin) / 60:.1f} minutes: {counts}")
    sys.exit(FALSE if "failed" in states or "unconfirmed" in states else 0 if set(states) <= {"recorded"} else PARTLY)


def record_one(lab, name, scenario, everything, folder):
    """One scenario: its capture, and whether tshark sees what is true; once more if not, as programs on a busy machine miss their time."""
    begin = time.monotonic()
    outcome = {}
    for tries in range(1, TRIES + 1):
        try:
            record_into(lab, scenario, folder, folder / f"{name}.pcap")
            problems = confirm(name, scenario, everything, folder)
            outcome = {"state": "unconfirmed", "why": "; ".join(problems)} if problems else {"state": "recorded"}
        except (Failed, OSError) as failure:
            outcome = {"state": "failed", "why": str(failure)}
        outcome |= {"tries": tries, "seconds": round(time.monotonic() - begin, 1)}
        if outcome["state"] == "recorded":
            break
        say(f"    {outcome['state']}: {outcome['why']}")
    say(f"{name}: {outcome['state']}, {outcome['seconds']} s{', second try' if outcome['tries'] > 1 else ''}")
    return outcome


def record_into(lab, scenario, folder, pcap):
    pcap.parent.mkdir(parents=True, exist_ok=True)
    if "from" in scenario:
        return rewrite.rewrite(folder / f"{scenario['from']}.pcap", pcap, scenario["rewrite"])
    with tempfile.TemporaryDirectory() as temporary:
        fresh = pathlib.Path(temporary, "fresh.pcap")
        try:
            record(lab, scenario, fresh)
        except Failed:
            if fresh.exists():  # what was recorded may tell why
                shutil.copyfile(fresh, pcap.with_suffix(".failed"))
            raise
        for file in pathlib.Path(temporary).iterdir():
            shutil.copyfile(file, pcap.with_suffix(file.suffix))


class Results:
    """What became of each scenario, on disk after each: FOLDER/results.json holds NAME: {state, why, seconds, tries}.

    state: recorded (and confirmed by tshark), unconfirmed, failed, absent (a host whose programs this machine does not have), late.
    """

    def __init__(self, folder):
        self.path = folder / "results.json"
        self.all = json.loads(self.path.read_text()) if self.path.exists() else {}

    def add(self, name, **outcome):
        self.all[name] = outcome
        if outcome["state"] in ("absent", "late"):
            say(f"{name}: {outcome['state']}, {outcome['why']}")
        self.path.write_text(json.dumps(self.all, indent=1))


def confirm_all(options):
    chosen, everything = load(options.names)
    wrong = 0
    for name, scenario in chosen.items():
        for problem in confirm(name, scenario, everything, options.folder):
            print(f"{name}: {problem}")
            wrong = 1
    sys.exit(wrong)


def list_all(options):
    print("\n".join(load(options.names)[0]))


def list_hosts(options):
    chosen, everything = load(options.names)
    needed = {"dc1"}
    for scenario in chosen.values():
        needed |= hosts_of(scenario) | (hosts_of(everything[scenario["from"]]) if "from" in scenario else set())
    print("\n".join(sorted(needed)))


def list_todo(options):
    done = Results(options.folder).all
    print("\n".join(name for name in load(options.names)[0] if done.get(name, {}).get("state") != "recorded"))


def main():
    parser = argparse.ArgumentParser()
    actions = parser.add_subparsers(required=True)
    for action, run in (("list", list_all), ("hosts", list_hosts), ("todo", list_todo), ("record", record_all), ("confirm", confirm_all)):
        sub = actions.add_parser(action)
        if action in ("todo", "record", "confirm"):
            sub.add_argument("folder", type=pathlib.Path)
        if action == "record":
            sub.add_argument("lab", type=pathlib.Path)
            sub.add_argument("--within", type=float, default=float("inf"))
        sub.add_argument("names", nargs="*")
        sub.set_defaults(run=run)
    options = parser.parse_args()
    options.run(options)


main()
