# rdp1: FreeRDP's shadow server: a desktop that demands network level authentication.

rdp_needs='freerdp-shadow-cli Xvfb'

rdp_up() {
  on $1 useradd --create-home rdpuser
  on $1 bash -c 'Xvfb :7 -screen 0 640x480x24 -nolisten tcp -noreset >/run/xvfb.log 2>&1 &'
  # a shadow server without its display ends at once, and the display's socket is there before it listens; without
  # -noreset it is away for a moment when a first client, which is the question whether it is there, has left
  until_true 60 on $1 python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("/tmp/.X11-unix/X7")'
  local hash
  hash=$(printf $password | iconv -t utf-16le | openssl dgst -md4 -provider legacy -provider default -r)
  printf 'rdpuser:::%s:::\n' ${hash%% *} | write $1 /run/sam
  on $1 bash -c 'DISPLAY=:7 HOME=/tmp freerdp-shadow-cli /port:3389 /sec:nla /sam-file:/run/sam >/run/rdp.log 2>&1 &'
  listening $1 3389 || { on $1 cat /run/xvfb.log /run/rdp.log; return 1; }
}
