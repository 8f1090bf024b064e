#!/bin/bash
# Puts the shop of the folder that it is started in to the staging host, here a folder, and runs its suite there.
set -euo pipefail

to=$1
mkdir -p "$to"
rm -f "$to"/*.mjs
cp ./*.mjs "$to"
cd "$to"
exec node --test
