#!/usr/bin/env bash
# Finds or installs Faultline: the version that is asked for, else the one of the project.
# Says where it is by the output `faultline`.
set -euo pipefail

fail() {
  echo "::error title=Faultline::$1"
  exit 3
}

# As Node looks for packages: upwards, so that workspaces are found.
found_above() {
  local folder=$PWD
  while :; do
    if [ -e "$folder/$1" ]; then
      printf '%s\n' "$folder/$1"
      return
    fi
    [ "$folder" != "$(dirname "$folder")" ] || return 1
    folder=$(dirname "$folder")
  done
}

major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
[ "$major" -ge 20 ] || fail 'Node 20.19 or later is needed: put actions/setup-node before this action'

# What the modules import must be there, whoever installs Faultline.
if [ -e package.json ] && ! found_above node_modules >/dev/null; then
  [ -e package-lock.json ] ||
    fail 'there is no node_modules and no package-lock.json: install the packages of the project before this action'
  npm ci --no-audit --no-fund
fi

if [ -n "$INPUT_VERSION" ]; then
  case $INPUT_VERSION in
    *[!0-9A-Za-z.+^~-]*) fail 'the input version is no version' ;;
  esac
  folder=$RUNNER_TEMP/faultline-package
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-save --no-audit --no-fund "faultline@$INPUT_VERSION"
  main=$folder/node_modules/faultline
else
  main=$(found_above node_modules/faultline) ||
    fail 'Faultline is not installed: npm install --save-dev faultline xstate, or give the input version'
fi
echo "faultline=$main/dist/src/cli/main.js" >>"$GITHUB_OUTPUT"
