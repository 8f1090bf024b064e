import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price } from './price.mjs';

test('nothing costs nothing', () => assert.equal(price(0), 0));

test('a price has at most two decimals', () => assert.match(String(price(9.999)), /^\d+(\.\d{1,2})?$/));
