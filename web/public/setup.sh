#!/bin/sh
# Tells Claude Code, VS Code, Codex and Gemini CLI on this machine to use a relay, which has this file:
#   curl -fsSL https://relay.example.com/web/setup.sh | sh -s -- https://relay.example.com
# Shows every change before it writes, keeps each file as it was, and undoes all of it with --undo. Needs Node 20 or newer.
set -eu
url=${1:-}
case $url in
  http://* | https://*) ;;
  *)
    echo "The relay's address is missing: sh -s -- https://relay.example.com" >&2
    exit 2
    ;;
esac
if ! command -v node > /dev/null 2>&1; then
  echo "Node is missing. Without it, put these two lines into your shell's profile for Claude Code:" >&2
  echo "  export ANTHROPIC_BASE_URL=\"${url%/}/api/\""
  echo "  export ANTHROPIC_AUTH_TOKEN=\"cr_…\""
  exit 1
fi
file=$(mktemp "${TMPDIR:-/tmp}/claude-relay-setup.XXXXXX")
trap 'rm -f "$file" "$file.mjs"' EXIT
curl -fsSL "${url%/}/web/setup.mjs" -o "$file.mjs"
# The script itself comes by standard input; questions go to the terminal, if there is one.
if [ -r /dev/tty ] && (: < /dev/tty) 2> /dev/null; then
  node "$file.mjs" "$@" < /dev/tty
else
  node "$file.mjs" "$@"
fi
