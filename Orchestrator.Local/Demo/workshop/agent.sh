#!/bin/bash
# Stands in for a coding agent: it is told its stage, works in the folder that it is started in, and finds its prompt in .task/prompt.md, as any
# agent does. What it writes is scripted, once wrongly and once into a conflict; files and commits are real.
set -euo pipefail

stage=$1
prompt=.task/prompt.md
title=$(sed -n '1s/^# [^:]*: //p' "$prompt")

write_price() { # the expression that is returned
  printf '%s\n' '// What a thing costs in this shop, in euros.' '' 'export function price(net) {' "  return $1;" '}' >price.mjs
}

commit() {
  git add --all
  git -c user.name=Agent -c user.email=agent@example.org commit --quiet --message "$1"
}

add_vat() {
  cat >vat.test.mjs <<'TEST'
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price } from './price.mjs';

test('VAT of 19 % is in the price', () => assert.equal(price(100), 119));
TEST
  if grep --quiet conflicts "$prompt"; then
    # Both sides changed the same line, and this one does what both want.
    git -c user.name=Agent -c user.email=agent@example.org rebase --quiet --strategy-option theirs origin/main
  elif grep --quiet 'sent back' "$prompt"; then
    write_price 'Math.round(net * 119) / 100'
    commit 'Add VAT to the price instead of taking it for the price'
  else
    write_price 'net * 0.19'
    commit 'Add VAT'
  fi
}

case $stage in
  analysis) printf '# Analysis\n\n%s: one function, price.mjs.\n' "$title" >.task/01-analysis.md ;;
  architecture) printf '# Architecture\n\nIt stays one function without state; tests beside it.\n' >.task/02-architecture.md ;;
  development)
    case $title in
      *VAT*) add_vat ;;
      *)
        write_price 'Math.round(net * 100) / 100'
        commit 'Round prices to whole cents'
        ;;
    esac
    ;;
  review) printf '# Review\n\nverdict: APPROVED\n\nSmall, and does one thing.\n' >.task/12-review.md ;;
  *)
    printf 'This agent knows no stage %s.\n' "$stage" >&2
    exit 64
    ;;
esac
