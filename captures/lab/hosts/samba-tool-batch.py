#!/usr/bin/python3
"""Many samba-tool commands in one process, one a line of standard input: most of the time of each is its start."""
import shlex
import sys

from samba.netcmd.main import cmd_sambatool

failed = 0
for line in sys.stdin:
    try:
        code = cmd_sambatool()._run("samba-tool", *shlex.split(line))
    except SystemExit as end:
        code = end.code
    if code:
        print(f"failed: {line}", file=sys.stderr)
        failed = 1
sys.exit(failed)
