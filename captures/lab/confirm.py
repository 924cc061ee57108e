#!/usr/bin/env python3
"""Holds a capture's truth against tshark: confirm.py FOLDER... [--made-by COMMANDS] [--update]

FOLDER/expected.json says what is in FOLDER/NAME.pcap. It is written by hand from what was run, never from what
ntlmscope says; "tshark" in it lists display filters and the number of frames that each must match. Exit 1 when one
does not. --made-by writes the recorded commands (record.sh's list) into "madeBy"; --update writes the counts that
tshark sees now, for a new recording whose differences were looked at.
"""
import argparse
import json
import pathlib
import shlex
import subprocess
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument("folders", nargs="+", type=pathlib.Path)
arguments.add_argument("--made-by", type=pathlib.Path)
arguments.add_argument("--update", action="store_true")
options = arguments.parse_args()


def frames(pcap, display_filter):
    out = subprocess.run(["tshark", "-n", "-r", pcap, "-Y", display_filter], capture_output=True, text=True)
    if out.returncode:
        print(out.stderr, file=sys.stderr)
    return None if out.returncode else len(out.stdout.splitlines())


def commands(path):
    """record.sh notes: HOST NUL ARGUMENT NUL ... NUL NUL (an empty string ends a command)."""
    lines, words = [], []
    for word in path.read_bytes().decode().split("\0"):
        if word:
            words.append(word)
        elif words:
            lines.append(f"{words[0]}# {shlex.join(words[1:])}")
            words = []
    return lines


wrong = 0
for folder in options.folders:
    folder = folder.resolve()
    path = folder / "expected.json"
    truth = json.loads(path.read_text()) if path.exists() else {"description": "", "madeBy": [], "exchanges": [], "tshark": []}
    if options.made_by:
        truth["madeBy"] = commands(options.made_by)
    for claim in truth["tshark"]:
        seen = frames(folder / f"{folder.name}.pcap", claim["filter"])
        if options.update:
            claim["frames"] = seen
        elif seen != claim["frames"]:
            wrong += 1
            print(f"{folder.name}: {claim['filter']}: {claim['frames']} frames expected, tshark sees {seen}", file=sys.stderr)
    if options.made_by or options.update:
        path.write_text(json.dumps(truth, indent=2, ensure_ascii=False) + "\n")
sys.exit(1 if wrong else 0)
