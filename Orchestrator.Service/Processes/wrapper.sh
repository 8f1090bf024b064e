#!/bin/bash
# wrapper.sh FOLDER -- PROGRAM [ARGUMENT...]: one run of an external program, in a session of its own. It outlives the service that started it, and
# keeps the exit code until it is on the disk. What is in the folder says at any moment where the run stands: see RunFolder.cs.
set -u
folder=$1
shift 2
exec </dev/null >>"$folder/wrapper.log" 2>&1

# Held for the wrapper's life, whatever ends it. The program does not inherit it.
exec 9>>"$folder/run.lock" || exit 73
flock -w 2 9 || exit 75 # a second start of the same run
[ ! -e "$folder/exit.json" ] || exit 75 # ended, or declared never started

# Inherited: held while anything of the tree lives that did not close it.
exec 8>>"$folder/tree.lock" || exit 73
flock -s 8

publish() { # NAME TEXT: whole or not at all, also for who looks after a power cut
  printf '%s\n' "$2" >"$folder/$1.tmp" && sync "$folder/$1.tmp" && mv -f "$folder/$1.tmp" "$folder/$1"
}

# The name in parentheses may hold spaces and parentheses itself: count from the last one. Field 22 is the start.
stat=$(</proc/$$/stat)
read -r -a fields <<<"${stat##*) }"
publish pid.json "{\"pid\":$$,\"start\":${fields[19]},\"boot\":\"$(</proc/sys/kernel/random/boot_id)\"}" || exit 73

reason=exited agent='' trapped=''
on_term() {
  reason=terminated trapped=yes
  [ -z "$agent" ] || kill -TERM "$agent" 2>/dev/null
}
trap on_term TERM INT
"$@" >>"$folder/out.log" 2>&1 9>&- &
agent=$!
[ -z "$trapped" ] || kill -TERM "$agent" 2>/dev/null
while trapped=''; wait "$agent"; code=$?; [ -n "$trapped" ]; do :; done # a trap cuts the wait short

# The exit code is kept as long as this process lives, also while the disk is full.
printf -v now '%(%s)T' -1
until publish exit.json "{\"code\":$code,\"ended\":$now,\"reason\":\"$reason\"}"; do sleep 1 9>&-; done
