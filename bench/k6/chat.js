// SPDX-License-Identifier: MIT
// Chat requests at a steady rate:
//   k6 run -e URL=http://127.0.0.1:9000 -e KEY=sk-... bench/k6/chat.js
//
// RATE (per second, 200), DURATION (30s), MODEL (gpt-4o-mini). The thresholds suit the built-in
// scripted provider on a laptop; k6 exits 99 when one is crossed.
import http from 'k6/http';
import { check } from 'k6';
import { Rate } from 'k6/metrics';

const url = __ENV.URL || 'http://127.0.0.1:9000';
const rate = Number(__ENV.RATE || 200);
const honest = new Rate('answers_with_honest_usage');
const limits = JSON.parse(open('./thresholds.json')).chat;

export const options = {
  scenarios: {
    chat: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: __ENV.DURATION || '30s',
      preAllocatedVUs: Math.min(rate, 200),
      maxVUs: 1000,
    },
  },
  thresholds: limits,
};

const parameters = {
  headers: {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${__ENV.KEY || 'sk-litellm-master-key-dev'}`,
  },
  timeout: '30s',
};

const body = JSON.stringify({
  model: __ENV.MODEL || 'gpt-4o-mini',
  messages: [
    { role: 'system', content: 'You are a helpful assistant that answers briefly.' },
    { role: 'user', content: 'How does a reverse proxy keep its connections alive? '.repeat(16) },
  ],
  max_tokens: 256,
});

export default function chat() {
  const answer = http.post(`${url}/v1/chat/completions`, body, parameters);
  const parsed = answer.status === 200 ? answer.json() : {};
  check(answer, {
    'status is 200': (r) => r.status === 200,
    'the decision is named': (r) => r.headers['X-Gateway-Decision-Id'] !== undefined,
    'one choice with content': () =>
      parsed.choices !== undefined && typeof parsed.choices[0].message.content === 'string',
  });
  const usage = parsed.usage || {};
  honest.add(usage.total_tokens === usage.prompt_tokens + usage.completion_tokens);
}
